# function: pool_forward
# misconception: height-and-width-swapped
# note: unpacks the shape in the wrong order, and is half consistent about it

import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    m, n_W_prev, n_H_prev, n_C = A_prev.shape
    f, stride = hparameters["f"], hparameters["stride"]
    n_H = (n_H_prev - f) // stride + 1
    n_W = (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_W, n_H, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    x = A_prev[i, h*stride:h*stride+f, w*stride:w*stride+f, c]
                    A[i, w, h, c] = x.max() if mode == "max" else x.mean()
    return A, (A_prev, hparameters)


def create_mask_from_window(x):
    return np.where(x >= np.amax(x), 1, 0)


def distribute_value(dz, shape):
    n_H, n_W = shape
    a = np.zeros((n_H, n_W))
    a += dz / (n_H * n_W)
    return a


def pool_backward(dA, cache, mode = "max"):
    (A_prev, hparameters) = cache
    stride = hparameters["stride"]
    f = hparameters["f"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    m, n_H, n_W, n_C = dA.shape
    dA_prev = np.zeros(A_prev.shape)
    for i in range(m):
        a_prev = A_prev[i]
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = h * stride
                    vert_end = vert_start + f
                    horiz_start = w * stride
                    horiz_end = horiz_start + f
                    if mode == "max":
                        a_prev_slice = a_prev[vert_start:vert_end, horiz_start:horiz_end, c]
                        mask = create_mask_from_window(a_prev_slice)
                        dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += mask * dA[i, h, w, c]
                    elif mode == "average":
                        da = dA[i, h, w, c]
                        dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += distribute_value(da, (f, f))
    return dA_prev
