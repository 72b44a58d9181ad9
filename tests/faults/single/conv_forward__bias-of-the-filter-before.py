# function: conv_forward
# misconception: wrong-bias-for-filter

import numpy as np

def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2*pad, n_W + 2*pad, n_C))
    X_pad[:, pad:pad + n_H, pad:pad + n_W, :] = X
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    Z = 0
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            for k in range(W.shape[2]):
                Z += a_slice_prev[i, j, k] * W[i, j, k]
    return Z + b[0, 0, 0]


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, f, n_C = A_prev.shape[0], W.shape[0], W.shape[3]
    A_pad = zero_pad(A_prev, pad)
    n_H = int(np.floor((A_pad.shape[1] - f)/stride)) + 1
    n_W = int(np.floor((A_pad.shape[2] - f)/stride)) + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    for h in range(n_H):
        for w in range(n_W):
            for c in range(n_C):
                block = A_pad[:, h*stride:h*stride+f, w*stride:w*stride+f]
                Z[:, h, w, c] = (block*W[..., c]).sum(axis=(1, 2, 3)) + b[0, 0, 0, c - 1]
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    H, Wd = A_prev.shape[1:3]
    padded = zero_pad(A_prev, p)
    dpadded = np.zeros(padded.shape)
    dW = np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            g = dZ[:, h, w, :]
            dpadded[:, h*s:h*s+f, w*s:w*s+f, :] += np.tensordot(g, W, axes=(1, 3))
            dW += np.tensordot(padded[:, h*s:h*s+f, w*s:w*s+f, :], g, axes=(0, 0))
    db = dZ.sum(axis=(0, 1, 2), keepdims=True)
    return dpadded[:, p:p+H, p:p+Wd, :], dW, db
