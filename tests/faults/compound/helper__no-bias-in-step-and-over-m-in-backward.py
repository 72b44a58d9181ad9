# function: conv_single_step
# misconceptions: bias-missing, divided-by-batch-size
# wrong: conv_single_step, conv_backward
# truth: conv_single_step=bias-missing, conv_backward=divided-by-batch-size

import numpy as np

def zero_pad(X, pad):
    """Adds pad zeros around each image."""
    return np.pad(X, ((0,0), (pad,pad), (pad,pad), (0,0)))


def conv_single_step(a_slice_prev, W, b):
    return np.vdot(a_slice_prev, W)

def conv_forward(A_prev, W, b, hparameters):
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, p)
    n_H, n_W = (X.shape[1] - f)//s + 1, (X.shape[2] - f)//s + 1
    Z = np.zeros((len(X), n_H, n_W, W.shape[3]))
    for i, h, w, c in np.ndindex(Z.shape):
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
    m = len(dZ)
    return dX[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]], dW/m, db/m
