# function: pool_forward
# misconception: output-size-ignores-stride
# note: the loops are right, only the array is too large

import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, H, W, C = A_prev.shape
    A = np.zeros((m, H - f + 1, W - f + 1, C))
    for i in range(m):
        for h in range((H - f)//stride + 1):
            for w in range((W - f)//stride + 1):
                for c in range(C):
                    x = A_prev[i, h*stride:h*stride+f, w*stride:w*stride+f, c]
                    A[i, h, w, c] = np.max(x) if mode == "max" else np.mean(x)
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
