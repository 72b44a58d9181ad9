# function: conv_forward
# misconceptions: stride-ignored, window-as-large-as-the-stride

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
                    vert_start = h
                    vert_end = h + stride + 1
                    horiz_start = w
                    horiz_end = w + stride + 1
                    a_slice_prev = A_prev_pad[i, vert_start:vert_end, horiz_start:horiz_end, :]
                    Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:,:,:,c], b[:,:,:,c])
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
