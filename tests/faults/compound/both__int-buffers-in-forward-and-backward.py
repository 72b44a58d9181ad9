# function: conv_forward
# misconceptions: values-truncated
# wrong: conv_forward, conv_backward
# truth: conv_forward=values-truncated, conv_backward=values-truncated

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
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, p)
    n_H, n_W = (X.shape[1] - f)//s + 1, (X.shape[2] - f)//s + 1
    Z = np.zeros((len(X), n_H, n_W, W.shape[3]), dtype=np.int64)
    for i in range(len(X)):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(W.shape[3]):
                    Z[i, h, w, c] = conv_single_step(X[i, h*s:h*s+f, w*s:w*s+f], W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, p)
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        dX[i, h*s:h*s+f, w*s:w*s+f] += W[..., c]*dZ[i, h, w, c]
        dW[..., c] += X[i, h*s:h*s+f, w*s:w*s+f]*dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    dA = dX[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]]
    return np.int64(dA), np.int64(dW), np.int64(db)
