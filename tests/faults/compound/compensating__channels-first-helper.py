# function: zero_pad
# misconceptions: pads-wrong-axes
# truth: zero_pad=pads-wrong-axes, conv_forward=none
# compensating: yes
# right: conv_forward
# wrong: zero_pad
# note: zero_pad pads the last two axes, the caller transposes for it and back

import numpy as np

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))

def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev*W) + b.item()

def conv_forward(A_prev, W, b, hparameters):
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev.transpose(0, 3, 1, 2), pad).transpose(0, 2, 3, 1)
    n_H = (A_prev.shape[1] + 2*pad - f)//stride + 1
    n_W = (A_prev.shape[2] + 2*pad - f)//stride + 1
    Z = np.zeros((len(X), n_H, n_W, W.shape[3]))
    for i, h, w, c in np.ndindex(Z.shape):
        Z[i, h, w, c] = conv_single_step(X[i, h*stride:h*stride+f, w*stride:w*stride+f], W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    dX, dW = np.zeros(X.shape), np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            dX[:, h*s:h*s+f, w*s:w*s+f] += np.tensordot(dZ[:, h, w], W, (1, 3))
            dW += np.tensordot(X[:, h*s:h*s+f, w*s:w*s+f], dZ[:, h, w], (0, 0))
    return dX[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]], dW, dZ.sum((0, 1, 2), keepdims=True)
