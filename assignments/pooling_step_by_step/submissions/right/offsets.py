# Loops over the offsets inside a window instead of over the windows; a running maximum, a running sum.
import numpy as np


def _views(A_prev, f, s):
    n_H = (A_prev.shape[1] - f) // s + 1
    n_W = (A_prev.shape[2] - f) // s + 1
    for dy in range(f):
        for dx in range(f):
            yield dy, dx, A_prev[:, dy:dy + (n_H - 1) * s + 1:s, dx:dx + (n_W - 1) * s + 1:s, :]


def pool_forward(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    A = None
    for dy, dx, view in _views(A_prev, f, s):
        if A is None:
            A = view.astype(np.float64)
        elif mode == "max":
            A = np.maximum(A, view)
        else:
            A = A + view
    if mode != "max":
        A = A / (f * f)
    return A, (A_prev, hparameters)


def create_mask_from_window(x):
    mask = np.zeros(x.shape, dtype=int)
    mask[np.unravel_index(np.argmax(x), x.shape)] = 1
    return mask


def distribute_value(dz, shape):
    n_H, n_W = shape
    return dz / (n_H * n_W) * np.ones((n_H, n_W))


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, s = hparameters["f"], hparameters["stride"]
    A, _ = pool_forward(A_prev, hparameters, "max")
    dA_prev = np.zeros_like(A_prev, dtype=float)
    targets = list(_views(dA_prev, f, s))
    for (dy, dx, view), (_, _, target) in zip(_views(A_prev, f, s), targets):
        target += np.where(view == A, dA, 0.0) if mode == "max" else dA / f ** 2
    return dA_prev
