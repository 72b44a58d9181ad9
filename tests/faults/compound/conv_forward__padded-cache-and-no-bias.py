# function: conv_forward
# misconceptions: cache-wrong, bias-missing

import numpy as np

def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2*pad, n_W + 2*pad, n_C))
    X_pad[:, pad:pad + n_H, pad:pad + n_W, :] = X
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    """window times filter, all added up, plus one bias"""
    return (a_slice_prev*W).sum() + b.item()


def conv_forward(A_prev, W, b, hparameters):
    s, f = hparameters['stride'], W.shape[0]
    A_prev = zero_pad(A_prev, hparameters['pad'])
    n_H, n_W = (A_prev.shape[1] - f)//s + 1, (A_prev.shape[2] - f)//s + 1
    Z = np.zeros((len(A_prev), n_H, n_W, W.shape[3]))
    for h in range(n_H):
        for w in range(n_W):
            Z[:, h, w] = np.einsum('mijk,ijkc->mc', A_prev[:, h*s:h*s+f, w*s:w*s+f], W)
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
