# try/except around things that may fail: float(b) for arrays that are too big, the slice for pad == 0.
import numpy as np

def zero_pad(X, pad):
    try:
        return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant', constant_values=0)
    except TypeError:
        return np.pad(X, ((0, 0), (int(pad), int(pad)), (int(pad), int(pad)), (0, 0)))

def conv_single_step(a_slice_prev, W, b):
    Z = np.sum(np.multiply(a_slice_prev, W))
    try:
        bias = b.item()
    except AttributeError:
        bias = float(b)
    finally:
        pass
    return Z + bias

def conv_forward(A_prev, W, b, hparameters):
    try:
        stride, pad = hparameters['stride'], hparameters['pad']
    except KeyError as error:
        raise ValueError("hparameters needs stride and pad") from error
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, n_C = W.shape[0], W.shape[3]
    n_H, n_W = (n_H_prev - f + 2*pad)//stride + 1, (n_W_prev - f + 2*pad)//stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    a = A_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f, :]
                    Z[i, h, w, c] = conv_single_step(a, W[:, :, :, c], b[:, :, :, c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters['stride'], hparameters['pad']
    f = W.shape[0]
    dA_prev = np.zeros(A_prev.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = zero_pad(dA_prev, pad)
    for i in range(dZ.shape[0]):
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                for c in range(dZ.shape[3]):
                    vs, hs = h*stride, w*stride
                    dA_prev_pad[i, vs:vs + f, hs:hs + f, :] += W[:, :, :, c]*dZ[i, h, w, c]
                    dW[:, :, :, c] += A_prev_pad[i, vs:vs + f, hs:hs + f, :]*dZ[i, h, w, c]
                    db[:, :, :, c] += dZ[i, h, w, c]
        try:
            dA_prev[i] = dA_prev_pad[i, pad:-pad, pad:-pad, :]
        except ValueError:            # pad == 0
            dA_prev[i] = dA_prev_pad[i]
    return dA_prev, dW, db
