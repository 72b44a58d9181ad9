# function: conv_backward
# misconceptions: operands-swapped-in-gradient, db-shape

import numpy as np

def zero_pad(X, pad):
    # YOUR CODE STARTS HERE
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode='constant', constant_values=0)
    # YOUR CODE ENDS HERE
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    Z = 0
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            for k in range(W.shape[2]):
                Z += a_slice_prev[i, j, k] * W[i, j, k]
    return Z + b[0, 0, 0]


# GRADED FUNCTION: conv_forward

def conv_forward(A_prev, W, b, hparameters):
    ### START CODE HERE ###
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters['stride']
    pad = hparameters['pad']

    n_H = int((n_H_prev - f + 2 * pad) / stride) + 1
    n_W = int((n_W_prev - f + 2 * pad) / stride) + 1

    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)

    for i in range(m):
        a_prev_pad = A_prev_pad[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    a_slice_prev = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                    Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:, :, :, c], b[:, :, :, c])
    ### END CODE HERE ###
    cache = (A_prev, W, b, hparameters)
    return Z, cache


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, pad)
    dX, dW = np.zeros(X.shape), np.zeros(W.shape)
    db = np.zeros(dZ.shape[3])
    for i, h, w, c in np.ndindex(dZ.shape):
        window = np.s_[i, h*stride:h*stride+f, w*stride:w*stride+f]
        dX[window] += X[window]*dZ[i, h, w, c]
        dW[..., c] += W[..., c]*dZ[i, h, w, c]
        db[c] += dZ[i, h, w, c]
    return dX[:, pad:pad+A_prev.shape[1], pad:pad+A_prev.shape[2]], dW, db
