# function: conv_forward
# misconception: window-over-the-whole-batch
# note: the batch axis is summed away with the window

import numpy as np

# GRADED FUNCTION: zero_pad

def zero_pad(X, pad):
    ### START CODE HERE ###
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant', constant_values=(0, 0))
    ### END CODE HERE ###
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    Z = np.sum(s) + b
    return np.squeeze(Z)


def conv_forward(A_prev, W, b, hparameters):
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    m = A_prev.shape[0]
    X = zero_pad(A_prev, p)
    n_H, n_W = (X.shape[1] - f)//s + 1, (X.shape[2] - f)//s + 1
    Z = np.zeros((m, n_H, n_W, W.shape[3]))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                window = X[:, h*s:h*s+f, w*s:w*s+f, :]
                Z[i, h, w, :] = np.einsum('nijk,ijkc->c', window, W) + b[0, 0, 0]
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
