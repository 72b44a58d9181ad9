# function: conv_backward
# misconceptions: db-summed-over-wrong-axes, minus-pad-slice-empty

import numpy as np

def zero_pad(X, pad):
    """Adds pad zeros around each image."""
    return np.pad(X, ((0,0), (pad,pad), (pad,pad), (0,0)))


# GRADED FUNCTION: conv_single_step

def conv_single_step(a_slice_prev, W, b):
    ### START CODE HERE ### (≈ 2 lines of code)
    s = np.multiply(a_slice_prev, W)
    Z = np.sum(s)
    Z = Z + float(b)
    ### END CODE HERE ###
    return Z


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    f, n_C = W.shape[0], W.shape[3]
    A_prev_pad = zero_pad(A_prev, pad)
    n_H = int(np.floor((A_prev.shape[1] + 2*pad - f)/stride)) + 1
    n_W = int(np.floor((A_prev.shape[2] + 2*pad - f)/stride)) + 1
    Z = np.zeros((A_prev.shape[0], n_H, n_W, n_C))
    for i in range(Z.shape[0]):
        for h in range(n_H):
            for w in range(n_W):
                window = A_prev_pad[i, h*stride:h*stride + f, w*stride:w*stride + f]
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(window, W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dA_prev = np.zeros(A_prev.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i in range(dZ.shape[0]):
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                for c in range(dZ.shape[3]):
                    dA_prev_pad[i, h*stride:h*stride+f, w*stride:w*stride+f] += W[..., c]*dZ[i, h, w, c]
                    dW[..., c] += A_prev_pad[i, h*stride:h*stride+f, w*stride:w*stride+f]*dZ[i, h, w, c]
                    db += dZ[i, h, w, c]
        dA_prev[i] = dA_prev_pad[i, pad:-pad, pad:-pad, :]
    return dA_prev, dW, db
