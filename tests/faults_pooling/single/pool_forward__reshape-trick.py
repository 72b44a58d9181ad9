# function: pool_forward
# misconception: window-steps-by-its-size

import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    # windows side by side, as pooling layers have them
    m, H, W, C = A_prev.shape
    f = hparameters["f"]
    n_H, n_W = H // f, W // f
    blocks = A_prev[:, :n_H*f, :n_W*f].reshape(m, n_H, f, n_W, f, C)
    A = blocks.max(axis=(2, 4)) if mode == "max" else blocks.mean(axis=(2, 4))
    return A.astype(float), (A_prev, hparameters)


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
