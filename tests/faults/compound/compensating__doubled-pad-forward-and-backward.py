# function: zero_pad
# misconceptions: pad-doubled, offset-by-pad
# truth: zero_pad=pad-doubled, conv_forward=offset-by-pad, conv_backward=offset-by-pad
# compensating: yes
# right: conv_forward, conv_backward
# wrong: zero_pad
# note: both callers know that the border is too wide

import numpy as np

def zero_pad(X, pad):
    p = 2*pad
    return np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))

def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev*W) + b[0, 0, 0]

def conv_forward(A_prev, W, b, hparameters):
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, p)
    n_H = (A_prev.shape[1] + 2*p - f)//s + 1
    n_W = (A_prev.shape[2] + 2*p - f)//s + 1
    Z = np.zeros((len(X), n_H, n_W, W.shape[3]))
    for i, h, w, c in np.ndindex(Z.shape):
        Z[i, h, w, c] = conv_single_step(X[i, h*s+p:h*s+p+f, w*s+p:w*s+p+f], W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, p)
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        at = np.s_[i, h*s+p:h*s+p+f, w*s+p:w*s+p+f]
        dX[at] += W[..., c]*dZ[i, h, w, c]
        dW[..., c] += X[at]*dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    return dX[:, 2*p:2*p+A_prev.shape[1], 2*p:2*p+A_prev.shape[2]], dW, db
