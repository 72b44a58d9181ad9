# function: pool_forward
# misconceptions: height-and-width-swapped, stride-ignored
# note: seen in a published hand-in

import numpy as np


def pool_forward(A_prev, hparameters, mode = "max"):
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    f = hparameters["f"]
    stride = hparameters["stride"]
    n_H = int(1 + (n_H_prev - f) / stride)
    n_W = int(1 + (n_W_prev - f) / stride)
    n_C = n_C_prev
    A = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = w
                    vert_end = vert_start + f
                    horiz_start = h
                    horiz_end = horiz_start + f
                    a_prev_slice = A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c]
                    if mode == "max":
                        A[i, h, w, c] = np.max(a_prev_slice)
                    elif mode == "average":
                        A[i, h, w, c] = np.mean(a_prev_slice)
    return A, (A_prev, hparameters)


def create_mask_from_window(x):
    ### START CODE HERE ### (~1 line)
    mask = x == x.max()
    ### END CODE HERE ###
    return mask


def distribute_value(dz, shape):
    n_H, n_W = shape
    a = np.zeros((n_H, n_W))
    a += dz / (n_H * n_W)
    return a


def pool_backward(dA, cache, mode="max"):
    # by itself, without the two helpers
    A_prev, hparameters = cache
    f, s = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for h in range(dA.shape[1]):
        for w in range(dA.shape[2]):
            rows, cols = slice(h*s, h*s + f), slice(w*s, w*s + f)
            d = dA[:, h, w][:, None, None, :]
            if mode == "max":
                win = A_prev[:, rows, cols]
                dA_prev[:, rows, cols] += (win == win.max(axis=(1, 2), keepdims=True)) * d
            else:
                dA_prev[:, rows, cols] += d / (f*f)
    return dA_prev
