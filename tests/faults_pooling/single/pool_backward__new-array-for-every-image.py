# function: pool_backward
# misconception: gradient-reset-in-loop

import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    m, H, W, C = A_prev.shape
    n_H, n_W = (H - f)//s + 1, (W - f)//s + 1
    A = np.zeros((m, n_H, n_W, C))
    for h in range(n_H):
        for w in range(n_W):
            win = A_prev[:, h*s:h*s + f, w*s:w*s + f, :]
            A[:, h, w, :] = win.max(axis=(1, 2)) if mode == "max" else win.mean(axis=(1, 2))
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
    A_prev, hparameters = cache
    f, s = hparameters["f"], hparameters["stride"]
    m, n_H, n_W, n_C = dA.shape
    for i in range(m):
        dA_prev = np.zeros(A_prev.shape)
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    at = np.s_[i, h*s:h*s+f, w*s:w*s+f, c]
                    if mode == "max":
                        dA_prev[at] += create_mask_from_window(A_prev[at]) * dA[i, h, w, c]
                    else:
                        dA_prev[at] += distribute_value(dA[i, h, w, c], (f, f))
    return dA_prev
