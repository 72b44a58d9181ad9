# function: conv_forward
# misconception: offset-by-pad
# also: pad-doubled
# note: pixel loops; the start is h*s - pad in an array that is padded already, negative places are skipped

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
    f, n_C = W.shape[0], W.shape[3]
    n_H = (A_prev.shape[1] - f + 2*p)//s + 1
    n_W = (A_prev.shape[2] - f + 2*p)//s + 1
    X = zero_pad(A_prev, p)
    Z = np.zeros((len(X), n_H, n_W, n_C)) + b
    for h in range(n_H):
        for w in range(n_W):
            for u in range(f):
                for v in range(f):
                    y, x = h*s - p + u, w*s - p + v
                    if y >= 0 and x >= 0:
                        Z[:, h, w] += X[:, y, x] @ W[u, v]
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
