# The gradient is gathered: every pixel asks every window whether it lies in it, and what is its share.
import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    n_H = (A_prev.shape[1] - f) // s + 1
    n_W = (A_prev.shape[2] - f) // s + 1
    A = np.zeros((len(A_prev), n_H, n_W, A_prev.shape[-1]))
    for index in np.ndindex(*A.shape):
        i, h, w, c = index
        window = A_prev[i, h * s:h * s + f, w * s:w * s + f, c]
        A[index] = np.sort(window, axis=None)[-1] if mode == "max" else np.sum(window) / window.size
    return A, (A_prev, hparameters)


def create_mask_from_window(x):
    order = np.argsort(x, axis=None)
    mask = np.zeros(x.size)
    mask[order[-1]] = 1
    return mask.reshape(x.shape)


def distribute_value(dz, shape):
    rows, columns = shape
    return np.outer(np.full(rows, 1 / rows), np.full(columns, dz / columns))


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, s = hparameters["f"], hparameters["stride"]
    A, _ = pool_forward(A_prev, hparameters, mode)
    dA_prev = np.zeros(A_prev.shape)
    m, n_H, n_W, n_C = dA.shape
    for i, y, x, c in np.ndindex(*A_prev.shape):
        for h in range(n_H):
            for w in range(n_W):
                if not (0 <= y - h * s < f and 0 <= x - w * s < f):
                    continue
                if mode == "average":
                    dA_prev[i, y, x, c] += dA[i, h, w, c] / (f * f)
                elif A_prev[i, y, x, c] == A[i, h, w, c]:
                    dA_prev[i, y, x, c] += dA[i, h, w, c]
    return dA_prev
