# function: conv_backward
# expect: loses points
# also: kernel-flipped
# note: turns kernel and gradient by 180 degrees, which nobody sees with symmetric ones

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


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    X = zero_pad(A_prev, p)
    dX, dW = np.zeros(X.shape), np.zeros(W.shape)
    K = W[::-1, ::-1]
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            g = dZ[:, h, w]
            dX[:, h*s:h*s+f, w*s:w*s+f] += np.einsum("mc,ijkc->mijk", g, K)
            dW += np.einsum("mijk,mc->ijkc", X[:, h*s:h*s+f, w*s:w*s+f], g)
    dW = dW[::-1, ::-1]
    n_H, n_W = A_prev.shape[1:3]
    return dX[:, p:p+n_H, p:p+n_W], dW, dZ.sum(axis=(0, 1, 2), keepdims=True)
