# function: conv_forward
# misconceptions: height-and-width-swapped
# note: sizes, loops and Z all exchanged: right on squares, Z transposed in size

import numpy as np

def zero_pad(X, pad):
    """Adds pad zeros around each image."""
    return np.pad(X, ((0,0), (pad,pad), (pad,pad), (0,0)))


def conv_single_step(a_slice_prev, W, b):
    # flatten both, then it is a normal dot product
    return np.dot(a_slice_prev.ravel(), W.ravel()) + float(b[0, 0, 0])


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    m, H, Wd, _ = A_prev.shape
    f, n_C = W.shape[0], W.shape[3]
    n_W = (H - f + 2*pad)//stride + 1
    n_H = (Wd - f + 2*pad)//stride + 1
    X = zero_pad(A_prev, pad)
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    a = X[i, w*stride:w*stride+f, h*stride:h*stride+f]
                    Z[i, h, w, c] = conv_single_step(a, W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    ### START CODE HERE ###
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
                    vert_start = h * stride
                    vert_end = vert_start + f
                    horiz_start = w * stride
                    horiz_end = horiz_start + f
                    a_slice = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                    da_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :] += W[:, :, :, c] * dZ[i, h, w, c]
                    dW[:, :, :, c] += a_slice * dZ[i, h, w, c]
                    db[:, :, :, c] += dZ[i, h, w, c]
        dA_prev[i, :, :, :] = da_prev_pad[pad:pad + n_H_prev, pad:pad + n_W_prev, :]
    ### END CODE HERE ###
    return dA_prev, dW, db
