# function: conv_backward
# misconceptions: height-and-width-swapped
# note: starts exchanged, the slice that is read exchanged back, the update not: dW right, dA wrong

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
    (A_prev, W, b, hparameters) = cache
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i in range(dZ.shape[0]):
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                vert_start, vert_end = w*stride, w*stride + f
                horiz_start, horiz_end = h*stride, h*stride + f
                for c in range(dZ.shape[3]):
                    a_slice = A_prev_pad[i, horiz_start:horiz_end, vert_start:vert_end, :]
                    dA_prev_pad[i, vert_start:vert_end, horiz_start:horiz_end, :] += W[..., c]*dZ[i, h, w, c]
                    dW[..., c] += a_slice*dZ[i, h, w, c]
                    db[..., c] += dZ[i, h, w, c]
    return dA_prev_pad[:, pad:pad+A_prev.shape[1], pad:pad+A_prev.shape[2]], dW, db
