# function: pool_forward
# misconception: mode-name-not-known

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
                    x = A_prev[i, h*stride:h*stride+f, w*stride:w*stride+f, c]
                    if mode == "max":
                        value = np.max(x)
                    elif mode == "mean":
                        value = np.mean(x)
                    A[i, h, w, c] = value
    return A, (A_prev, hparameters)


def create_mask_from_window(x):
    mask = (x == np.max(x))
    return mask


def distribute_value(dz, shape):
    ### START CODE HERE ###
    (n_H, n_W) = shape
    average = dz / (n_H * n_W)
    a = np.ones(shape) * average
    ### END CODE HERE ###
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
