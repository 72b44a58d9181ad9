# function: conv_forward
# misconceptions: stride-ignored
# wrong: conv_forward, conv_backward
# truth: conv_forward=stride-ignored, conv_backward=stride-ignored

import numpy as np

# GRADED FUNCTION: zero_pad

def zero_pad(X, pad):
    ### START CODE HERE ###
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant', constant_values=(0, 0))
    ### END CODE HERE ###
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
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, p)
    n_H, n_W = (X.shape[1] - f)//s + 1, (X.shape[2] - f)//s + 1
    Z = np.zeros((len(X), n_H, n_W, W.shape[3]))
    for h in range(n_H):
        for w in range(n_W):
            Z[:, h, w] = np.einsum('mijk,ijkc->mc', X[:, h:h+f, w:w+f], W) + b[0, 0, 0]
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    p, f = hparameters['pad'], W.shape[0]
    X = zero_pad(A_prev, p)
    dX, dW = np.zeros(X.shape), np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            dX[:, h:h+f, w:w+f] += np.einsum('mc,ijkc->mijk', dZ[:, h, w], W)
            dW += np.einsum('mijk,mc->ijkc', X[:, h:h+f, w:w+f], dZ[:, h, w])
    return dX[:, p:p+A_prev.shape[1], p:p+A_prev.shape[2]], dW, dZ.sum((0, 1, 2), keepdims=True)
