# The mean as a sum of products with a box of 1/f**2; the maximum as minus the minimum of minus the window.
import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    m, H, W, C = A_prev.shape
    n_H, n_W = (H - f) // s + 1, (W - f) // s + 1
    box = np.full((f, f), 1.0 / (f * f))
    A = np.zeros((m, n_H, n_W, C))
    for h in range(n_H):
        for w in range(n_W):
            window = A_prev[:, h * s:h * s + f, w * s:w * s + f]
            if mode == "max":
                A[:, h, w] = -np.min(-1.0 * window, axis=(1, 2))
            else:
                A[:, h, w] = np.einsum("myxc,yx->mc", window, box)
    return A, (A_prev, hparameters)


def create_mask_from_window(x):
    return np.logical_not(np.max(x) - x)


def distribute_value(dz, shape):
    return np.kron(np.ones(shape), np.array([[dz / (shape[0] * shape[1])]]))


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, s = hparameters["f"], hparameters["stride"]
    box = np.full((f, f), 1.0 / (f * f))
    dA_prev = np.zeros(A_prev.shape)
    for i in range(dA.shape[0]):
        for h in range(dA.shape[1]):
            for w in range(dA.shape[2]):
                for c in range(dA.shape[3]):
                    at = (i, slice(h * s, h * s + f), slice(w * s, w * s + f), c)
                    weight = create_mask_from_window(A_prev[at]) if mode == "max" else box
                    dA_prev[at] += weight * dA[i, h, w, c]
    return dA_prev
