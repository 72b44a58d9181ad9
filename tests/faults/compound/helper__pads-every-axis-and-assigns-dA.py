# function: zero_pad
# misconceptions: pads-every-axis, gradient-overwritten
# wrong: zero_pad, conv_backward
# truth: zero_pad=pads-every-axis, conv_backward=gradient-overwritten

import numpy as np

def zero_pad(X, pad):
    return np.pad(X, pad)

def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev*W) + b[0, 0, 0]

def conv_forward(A_prev, W, b, hparameters):
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, pad)
    n_H = (A_prev.shape[1] + 2*pad - f)//stride + 1
    n_W = (A_prev.shape[2] + 2*pad - f)//stride + 1
    Z = np.zeros((len(A_prev), n_H, n_W, W.shape[3]))
    for i, h, w, c in np.ndindex(Z.shape):
        Z[i, h, w, c] = conv_single_step(X[i, h*stride:h*stride+f, w*stride:w*stride+f], W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    A_pad = zero_pad(A_prev, pad)
    dA_pad = zero_pad(np.zeros(A_prev.shape), pad)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        y, x = h*stride, w*stride
        dA_pad[i, y:y+f, x:x+f] = W[..., c]*dZ[i, h, w, c]
        dW[..., c] += A_pad[i, y:y+f, x:x+f]*dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    return dA_pad[:, pad:pad+A_prev.shape[1], pad:pad+A_prev.shape[2]], dW, db
