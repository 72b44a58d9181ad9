# function: conv_backward
# misconceptions: dA-never-filled, db-shape

import numpy as np

# GRADED FUNCTION: zero_pad

def zero_pad(X, pad):
    ### START CODE HERE ###
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant', constant_values=(0, 0))
    ### END CODE HERE ###
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    # flatten both, then it is a normal dot product
    return np.dot(a_slice_prev.ravel(), W.ravel()) + float(b[0, 0, 0])


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
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    P = zero_pad(A_prev, p)
    dA_prev = np.zeros(A_prev.shape)
    dP, dW = np.zeros(P.shape), np.zeros(W.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        dP[i, h*s:h*s+f, w*s:w*s+f] += W[..., c]*dZ[i, h, w, c]
        dW[..., c] += P[i, h*s:h*s+f, w*s:w*s+f]*dZ[i, h, w, c]
    db = dZ.sum(axis=0).sum(axis=0).sum(axis=0)
    return dA_prev, dW, db
