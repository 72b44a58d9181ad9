# function: conv_backward
# misconceptions: stride-ignored, minus-pad-slice-empty
# note: the two most frequent ones together

import numpy as np

def zero_pad(X, pad):
    border = (pad, pad)
    # (examples, rows, columns, channels)
    return np.pad(X, [(0, 0), border, border, (0, 0)], mode="constant")


def conv_single_step(a_slice_prev, W, b):
    # flatten both, then it is a normal dot product
    return np.dot(a_slice_prev.ravel(), W.ravel()) + float(b[0, 0, 0])


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
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters['stride']
    pad = hparameters['pad']
    (m, n_H, n_W, n_C) = dZ.shape
    dA_prev = np.zeros((m, n_H_prev, n_W_prev, n_C_prev))
    dW = np.zeros((f, f, n_C_prev, n_C))
    db = np.zeros((1, 1, 1, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = zero_pad(dA_prev, pad)
    for i in range(m):
        a_prev_pad = A_prev_pad[i]
        da_prev_pad = dA_prev_pad[i]
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = h
                    vert_end = vert_start + f
                    horiz_start = w
                    horiz_end = horiz_start + f
                    a_slice = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                    da_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :] += W[:,:,:,c]*dZ[i,h,w,c]
                    dW[:,:,:,c] += a_slice*dZ[i,h,w,c]
                    db[:,:,:,c] += dZ[i,h,w,c]
        dA_prev[i, :, :, :] = da_prev_pad[pad:-pad, pad:-pad, :]
    return dA_prev, dW, db
