# np.nditer walks over the output and writes through its operand; the multi_index says where it is.
import numpy as np

def zero_pad(X, pad):
    shape = np.array(X.shape) + [0, 2*pad, 2*pad, 0]
    out = np.zeros(shape)
    it = np.nditer(X, flags=['multi_index'])
    for value in it:
        i, h, w, c = it.multi_index
        out[i, h + pad, w + pad, c] = value
    return out

def conv_single_step(a_slice_prev, W, b):
    total = 0.0
    for x, y in np.nditer([a_slice_prev, W]):
        total += float(x)*float(y)
    return total + float(b[0, 0, 0])

def conv_forward(A_prev, W, b, hparameters):
    stride, pad, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    padded = zero_pad(A_prev, pad)
    Z = np.zeros((A_prev.shape[0], (A_prev.shape[1] - f + 2*pad)//stride + 1,
                  (A_prev.shape[2] - f + 2*pad)//stride + 1, W.shape[3]))
    with np.nditer(Z, flags=['multi_index'], op_flags=['writeonly']) as it:
        for z in it:
            i, h, w, c = it.multi_index
            z[...] = np.sum(padded[i, h*stride:h*stride + f, w*stride:w*stride + f]*W[..., c]) + b[0, 0, 0, c]
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    padded = zero_pad(A_prev, pad)
    dpadded, dW, db = np.zeros(padded.shape), np.zeros(W.shape), np.zeros(b.shape)
    it = np.nditer(dZ, flags=['multi_index', 'c_index'])
    while not it.finished:
        i, h, w, c = it.multi_index
        d = it[0].item()
        dpadded[i, h*stride:h*stride + f, w*stride:w*stride + f] += d*W[..., c]
        dW[..., c] += d*padded[i, h*stride:h*stride + f, w*stride:w*stride + f]
        db[..., c] += d
        it.iternext()
    return dpadded[:, pad:pad + A_prev.shape[1], pad:pad + A_prev.shape[2]], dW, db
