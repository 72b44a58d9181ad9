# function: pool_forward
# misconception: pooled-over-all-channels

import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    m, H, W, C = A_prev.shape
    A = np.zeros((m, (H - f)//s + 1, (W - f)//s + 1, C))
    fn = np.max if mode == "max" else np.mean
    for h in range(A.shape[1]):
        for w in range(A.shape[2]):
            window = A_prev[:, h*s:h*s+f, w*s:w*s+f, :]
            A[:, h, w, :] = fn(window, axis=(1, 2, 3), keepdims=True)[:, 0, 0]
    return A, (A_prev, hparameters)


def create_mask_from_window(x):
    return np.where(x >= np.amax(x), 1, 0)


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
