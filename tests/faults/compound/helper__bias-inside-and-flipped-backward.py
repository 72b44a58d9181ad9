# function: conv_single_step
# misconceptions: bias-added-before-sum, kernel-flipped
# wrong: conv_single_step, conv_backward
# truth: conv_single_step=bias-added-before-sum, conv_backward=kernel-flipped

import numpy as np

def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2*pad, n_W + 2*pad, n_C))
    X_pad[:, pad:pad + n_H, pad:pad + n_W, :] = X
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    s = np.multiply(a_slice_prev, W)
    Z = np.sum(s + b)
    return Z

def conv_forward(A_prev, W, b, hparameters):
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, pad)
    n_H, n_W = (X.shape[1] - f)//stride + 1, (X.shape[2] - f)//stride + 1
    Z = np.zeros((len(X), n_H, n_W, W.shape[3]))
    for i in range(len(X)):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(W.shape[3]):
                    a = X[i, h*stride:h*stride+f, w*stride:w*stride+f, :]
                    Z[i, h, w, c] = conv_single_step(a, W[:, :, :, c], b[:, :, :, c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, pad)
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        dX[i, h*stride:h*stride+f, w*stride:w*stride+f] += np.flip(W[..., c], (0, 1))*dZ[i, h, w, c]
        dW[..., c] += X[i, h*stride:h*stride+f, w*stride:w*stride+f]*dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    return dX[:, pad:pad+A_prev.shape[1], pad:pad+A_prev.shape[2]], dW, db
