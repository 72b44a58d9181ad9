# function: conv_backward
# misconceptions: stride-ignored, height-and-width-swapped

import numpy as np

def zero_pad(X, pad):
    """Adds pad zeros around each image."""
    return np.pad(X, ((0,0), (pad,pad), (pad,pad), (0,0)))


def conv_single_step(a_slice_prev, W, b):
    Z = 0
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            for k in range(W.shape[2]):
                Z += a_slice_prev[i, j, k] * W[i, j, k]
    return Z + b[0, 0, 0]


def conv_forward(A_prev, W, b, hparameters):
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    n_H = int(((n_H_prev - f + (2 * pad))/stride) + 1)
    n_W = int(((n_W_prev - f + (2 * pad))/stride) + 1)
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):                      # examples
        for h in range(n_H):                # rows
            for w in range(n_W):            # columns
                for c in range(n_C):        # filters
                    v = h*stride
                    u = w*stride
                    Z[i, h, w, c] = conv_single_step(A_prev_pad[i, v:v+f, u:u+f, :], W[:,:,:,c], b[:,:,:,c])
    assert(Z.shape == (m, n_H, n_W, n_C))
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    f = W.shape[0]
    pad = hparameters['pad']
    (m, n_H, n_W, n_C) = dZ.shape
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i in range(m):
        for h in range(n_W):
            for w in range(n_H):
                for c in range(n_C):
                    dA_prev_pad[i, h:h+f, w:w+f, :] += W[:,:,:,c]*dZ[i,h,w,c]
                    dW[:,:,:,c] += A_prev_pad[i, h:h+f, w:w+f, :]*dZ[i,h,w,c]
                    db[:,:,:,c] += dZ[i,h,w,c]
    return dA_prev_pad[:, pad:pad+n_H_prev, pad:pad+n_W_prev, :], dW, db
