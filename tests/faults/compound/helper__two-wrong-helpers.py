# function: zero_pad
# misconceptions: pad-hard-coded, kernel-flipped
# wrong: zero_pad, conv_single_step
# truth: zero_pad=pad-hard-coded, conv_single_step=kernel-flipped
# note: conv_forward itself is right

import numpy as np

def zero_pad(X, pad):
    X_pad = np.pad(X, ((0, 0), (2, 2), (2, 2), (0, 0)), 'constant')
    return X_pad

def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev*W[::-1, ::-1]
    return np.sum(s) + float(b)

def conv_forward(A_prev, W, b, hparameters):
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    n_H = (A_prev.shape[1] - f + 2*pad)//stride + 1
    n_W = (A_prev.shape[2] - f + 2*pad)//stride + 1
    X = zero_pad(A_prev, pad)
    Z = np.zeros((len(X), n_H, n_W, W.shape[3]))
    for i in range(len(X)):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(W.shape[3]):
                    Z[i, h, w, c] = conv_single_step(X[i, h*stride:h*stride+f, w*stride:w*stride+f], W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    f = W.shape[0]
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    m, n_H, n_W, n_C = dZ.shape
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev = np.zeros(A_prev.shape)
    dW = np.zeros(W.shape)
    db = np.sum(dZ, axis=(0, 1, 2)).reshape(1, 1, 1, n_C)
    for i in range(m):
        da = np.zeros((n_H_prev + 2*pad, n_W_prev + 2*pad, n_C_prev))
        for h in range(n_H):
            for w in range(n_W):
                top, left = h*stride, w*stride
                da[top:top + f, left:left + f] += np.sum(W * dZ[i, h, w], axis=3)
                dW += A_prev_pad[i, top:top + f, left:left + f, :, None] * dZ[i, h, w]
        dA_prev[i] = da[pad:pad + n_H_prev, pad:pad + n_W_prev]
    return dA_prev, dW, db
