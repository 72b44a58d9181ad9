# function: pool_backward
# misconceptions: returns-too-early, gradient-overwritten

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
    ### START CODE HERE ### (~1 line)
    mask = x == x.max()
    ### END CODE HERE ###
    return mask


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
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    at = np.s_[i, h*stride:h*stride + f, w*stride:w*stride + f, c]
                    if mode == "max":
                        dA_prev[at] = create_mask_from_window(A_prev[at]) * dA[i, h, w, c]
                    else:
                        dA_prev[at] = distribute_value(dA[i, h, w, c], (f, f))
        return dA_prev
