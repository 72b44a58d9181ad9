# function: conv_backward
# misconceptions: matrix-product, filter-from-wrong-axis

import numpy as np

def zero_pad(X, pad):
    border = (pad, pad)
    # (examples, rows, columns, channels)
    return np.pad(X, [(0, 0), border, border, (0, 0)], mode="constant")


def conv_single_step(a_slice_prev, W, b):
    # flatten both, then it is a normal dot product
    return np.dot(a_slice_prev.ravel(), W.ravel()) + float(b[0, 0, 0])


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    f, n_C = W.shape[0], W.shape[3]
    A_prev_pad = zero_pad(A_prev, pad)
    n_H = int(np.floor((A_prev.shape[1] + 2*pad - f)/stride)) + 1
    n_W = int(np.floor((A_prev.shape[2] + 2*pad - f)/stride)) + 1
    Z = np.zeros((A_prev.shape[0], n_H, n_W, n_C))
    for i in range(Z.shape[0]):
        for h in range(n_H):
            for w in range(n_W):
                window = A_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f]
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(window, W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    m, n_H, n_W, n_C = dZ.shape
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    a_slice = A_prev_pad[i, h*stride:h*stride+f, w*stride:w*stride+f, :]
                    dA_prev_pad[i, h*stride:h*stride+f, w*stride:w*stride+f, :] += np.dot(W[:, :, c, :], dZ[i, h, w, c])
                    dW[i, h, w, c] += np.sum(np.dot(a_slice, dZ[i, h, w, c]))
                    db[i, h, w, c] += dZ[i, h, w, c]
    return dA_prev_pad[:, pad:pad+A_prev.shape[1], pad:pad+A_prev.shape[2]], dW, db
