# function: conv_backward
# misconceptions: window-steps-by-its-size, divided-by-batch-size

import numpy as np

def zero_pad(X, pad):
    # YOUR CODE STARTS HERE
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode='constant', constant_values=0)
    # YOUR CODE ENDS HERE
    return X_pad


# GRADED FUNCTION: conv_single_step

def conv_single_step(a_slice_prev, W, b):
    ### START CODE HERE ### (≈ 2 lines of code)
    s = np.multiply(a_slice_prev, W)
    Z = np.sum(s)
    Z = Z + float(b)
    ### END CODE HERE ###
    return Z


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
    p, f = hparameters['pad'], W.shape[0]
    m, n_H, n_W, n_C = dZ.shape
    P = zero_pad(A_prev, p)
    P = np.pad(P, ((0, 0), (0, n_H*f), (0, n_W*f), (0, 0)))      # so that the last windows fit
    dP, dW = np.zeros(P.shape), np.zeros(W.shape)
    for h in range(n_H):
        for w in range(n_W):
            dP[:, h*f:h*f+f, w*f:w*f+f] += np.tensordot(dZ[:, h, w], W, (1, 3))/m
            dW += np.tensordot(P[:, h*f:h*f+f, w*f:w*f+f], dZ[:, h, w], (0, 0))/m
    db = dZ.sum((0, 1, 2), keepdims=True)/m
    return dP[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]], dW, db
