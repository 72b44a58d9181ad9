# function: conv_backward
# misconceptions: kernel-flipped
# note: dA and dW both turned: the gradient of a true convolution

import numpy as np

def zero_pad(X, pad):
    border = (pad, pad)
    # (examples, rows, columns, channels)
    return np.pad(X, [(0, 0), border, border, (0, 0)], mode="constant")


def conv_single_step(a_slice_prev, W, b):
    """window times filter, all added up, plus one bias"""
    return (a_slice_prev*W).sum() + b.item()


def conv_forward(A_prev, W, b, hparameters):
    # without the helper functions
    stride, pad = hparameters['stride'], hparameters['pad']
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    X = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    n_H = 1 + (n_H_prev - f + 2*pad)//stride
    n_W = 1 + (n_W_prev - f + 2*pad)//stride
    Z = np.zeros((m, n_H, n_W, n_C))
    for h in range(n_H):
        for w in range(n_W):
            for c in range(n_C):
                cut = X[:, stride*h:stride*h + f, stride*w:stride*w + f, :]
                Z[:, h, w, c] = np.sum(cut*W[:, :, :, c], axis=(1, 2, 3)) + b[0, 0, 0, c]
    cache = (A_prev, W, b, hparameters)
    return Z, cache


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, pad)
    dX, dW = np.zeros(X.shape), np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            for u in range(f):
                for v in range(f):
                    y, x = h*stride + f - 1 - u, w*stride + f - 1 - v
                    dX[:, y, x] += dZ[:, h, w] @ W[u, v].T
                    dW[u, v] += X[:, y, x].T @ dZ[:, h, w]
    db = dZ.sum(axis=(0, 1, 2), keepdims=True)
    return dX[:, pad:pad+A_prev.shape[1], pad:pad+A_prev.shape[2]], dW, db
