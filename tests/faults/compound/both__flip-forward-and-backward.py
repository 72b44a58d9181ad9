# function: conv_forward
# misconceptions: kernel-flipped
# wrong: conv_forward, conv_backward
# truth: conv_forward=kernel-flipped, conv_backward=kernel-flipped
# note: consistent with each other: a gradient check with the own forward passes

import numpy as np

def zero_pad(X, pad):
    border = (pad, pad)
    # (examples, rows, columns, channels)
    return np.pad(X, [(0, 0), border, border, (0, 0)], mode="constant")


def conv_single_step(a_slice_prev, W, b):
    Z = 0
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            for k in range(W.shape[2]):
                Z += a_slice_prev[i, j, k] * W[i, j, k]
    return Z + b[0, 0, 0]


def conv_forward(A_prev, W, b, hparameters):
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    W_rot = np.rot90(W, 2)
    A_prev_pad = zero_pad(A_prev, pad)
    n_H = (A_prev_pad.shape[1] - f)//stride + 1
    n_W = (A_prev_pad.shape[2] - f)//stride + 1
    Z = np.zeros((len(A_prev), n_H, n_W, W.shape[3]))
    for i, h, w, c in np.ndindex(Z.shape):
        Z[i, h, w, c] = conv_single_step(A_prev_pad[i, h*stride:h*stride+f, w*stride:w*stride+f], W_rot[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    W_rot = np.rot90(W, 2)
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dW_rot, db = np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        at = np.s_[i, h*stride:h*stride+f, w*stride:w*stride+f]
        dA_prev_pad[at] += W_rot[..., c]*dZ[i, h, w, c]
        dW_rot[..., c] += A_prev_pad[at]*dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    return dA_prev_pad[:, pad:pad+A_prev.shape[1], pad:pad+A_prev.shape[2]], np.rot90(dW_rot, 2), db
