# One @ per image: windows as rows of a matrix, filters as its columns.
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant')

def conv_single_step(a_slice_prev, W, b):
    return np.matmul(a_slice_prev.reshape(1, -1), W.reshape(-1, 1)).item() + float(b.item())

def rows_of(image, f, s):
    return np.array([image[y:y + f, x:x + f].ravel()
                     for y in range(0, image.shape[0] - f + 1, s)
                     for x in range(0, image.shape[1] - f + 1, s)])

def conv_forward(A_prev, W, b, hparameters):
    f, _, _, n_C = W.shape
    s, p = hparameters["stride"], hparameters["pad"]
    n_H = int(np.ceil((A_prev.shape[1] - f + 1 + 2*p)/s))
    n_W = int(np.ceil((A_prev.shape[2] - f + 1 + 2*p)/s))
    matrix = W.reshape(-1, n_C)
    Z = np.stack([(rows_of(image, f, s) @ matrix + b[0, 0]).reshape(n_H, n_W, n_C) for image in zero_pad(A_prev, p)])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, _, C, n_C = W.shape
    s, p = hparameters["stride"], hparameters["pad"]
    padded = zero_pad(A_prev, p)
    dmatrix = np.zeros((f*f*C, n_C))
    grad = np.zeros(padded.shape)
    for i, image in enumerate(padded):
        d = dZ[i].reshape(-1, n_C)
        dmatrix += rows_of(image, f, s).T @ d
        drows = (d @ W.reshape(-1, n_C).T).reshape(dZ.shape[1], dZ.shape[2], f, f, C)
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                grad[i, h*s:h*s + f, w*s:w*s + f] += drows[h, w]
    ones = np.ones((1, dZ.size//n_C))
    db = (ones @ dZ.reshape(-1, n_C)).reshape(b.shape)
    return grad[:, p:p + A_prev.shape[1], p:p + A_prev.shape[2]], dmatrix.reshape(W.shape), db
