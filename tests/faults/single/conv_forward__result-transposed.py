# function: conv_forward
# misconception: height-and-width-swapped
# note: stores Z[i, w, h, c] in an array that has room for it: the output is turned over

import numpy as np

def zero_pad(X, pad):
    """Adds pad zeros around each image."""
    return np.pad(X, ((0,0), (pad,pad), (pad,pad), (0,0)))


def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    Z = np.sum(s) + b
    return np.squeeze(Z)


def conv_forward(A_prev, W, b, hparameters):
    s, p = hparameters['stride'], hparameters['pad']
    f = W.shape[0]
    X = zero_pad(A_prev, p)
    n_H = (X.shape[1] - f)//s + 1
    n_W = (X.shape[2] - f)//s + 1
    Z = np.zeros((X.shape[0], n_W, n_H, W.shape[3]))
    for i in range(X.shape[0]):
        for x in range(n_W):
            for y in range(n_H):
                Z[i, x, y] = np.tensordot(X[i, y*s:y*s+f, x*s:x*s+f], W, 3)
    return Z + b, (A_prev, W, b, hparameters)


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
