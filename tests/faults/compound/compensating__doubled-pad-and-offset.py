# function: zero_pad
# misconceptions: pad-doubled, offset-by-pad
# truth: zero_pad=pad-doubled, conv_forward=offset-by-pad
# compensating: yes
# right: conv_forward
# wrong: zero_pad
# note: the windows start at +pad, which undoes the doubled border

import numpy as np

def zero_pad(X, pad):
    X_pad = np.pad(X, ((0, 0), (2*pad, 2*pad), (2*pad, 2*pad), (0, 0)), 'constant', constant_values=0)
    return X_pad

def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev*W) + float(b)

def conv_forward(A_prev, W, b, hparameters):
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters['stride']
    pad = hparameters['pad']
    n_H = int((n_H_prev - f + 2*pad)/stride) + 1
    n_W = int((n_W_prev - f + 2*pad)/stride) + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = pad + h*stride          # otherwise there are too many zeros
                    horiz_start = pad + w*stride
                    a = A_prev_pad[i, vert_start:vert_start+f, horiz_start:horiz_start+f, :]
                    Z[i, h, w, c] = conv_single_step(a, W[:, :, :, c], b[:, :, :, c])
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
