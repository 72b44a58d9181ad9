# function: conv_backward
# expect: loses points
# also: gradient-overwritten
# note: right when the windows do not overlap: a look-up of which window a pixel belongs to

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
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    n_H = int(((n_H_prev - f + (2 * pad))/stride) + 1)
    n_W = int(((n_W_prev - f + (2 * pad))/stride) + 1)
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):                      # examples
        for h in range(n_H):                # rows
            for w in range(n_W):            # columns
                for c in range(n_C):        # filters
                    v = h*stride
                    u = w*stride
                    Z[i, h, w, c] = conv_single_step(A_prev_pad[i, v:v+f, u:u+f, :], W[:,:,:,c], b[:,:,:,c])
    assert(Z.shape == (m, n_H, n_W, n_C))
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    P = zero_pad(A_prev, p)
    dP, dW = np.zeros(P.shape), np.zeros(W.shape)
    for y in range(P.shape[1]):
        for x in range(P.shape[2]):
            h, w = min(y//s, dZ.shape[1] - 1), min(x//s, dZ.shape[2] - 1)
            u, v = y - h*s, x - w*s
            if u < f and v < f:
                dP[:, y, x] = dZ[:, h, w] @ W[u, v].T
                dW[u, v] += P[:, y, x].T @ dZ[:, h, w]
    db = dZ.sum((0, 1, 2), keepdims=True)
    return dP[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]], dW, db
