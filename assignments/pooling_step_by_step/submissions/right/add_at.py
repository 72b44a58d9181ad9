# argmax of flattened windows, gradients scattered with np.add.at.
import numpy as np


def _windows(A_prev, f, stride):
    m, H, W, C = A_prev.shape
    n_H, n_W = (H - f) // stride + 1, (W - f) // stride + 1
    y = (np.arange(n_H) * stride)[:, None, None, None] + np.arange(f)[None, None, :, None]
    x = (np.arange(n_W) * stride)[None, :, None, None] + np.arange(f)[None, None, None, :]
    y, x = np.broadcast_arrays(y, x)
    return y, x                                   # each (n_H, n_W, f, f)


def pool_forward(A_prev, hparameters, mode="max"):
    f = hparameters["f"]
    y, x = _windows(A_prev, f, hparameters["stride"])
    picked = A_prev[:, y, x, :]                   # (m, n_H, n_W, f, f, C)
    flat = picked.reshape(*picked.shape[:3], f * f, -1)
    A = {"max": flat.max(axis=3), "average": flat.mean(axis=3)}[mode]
    return A * 1.0, (A_prev, hparameters)


def create_mask_from_window(x):
    mask = np.full(x.size, False)
    mask[x.argmax()] = True
    return mask.reshape(x.shape)


def distribute_value(dz, shape):
    a = np.empty(shape)
    a.fill(dz / a.size)
    return a


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f = hparameters["f"]
    y, x = _windows(A_prev, f, hparameters["stride"])
    dA_prev = np.zeros(A_prev.shape)
    m, n_H, n_W, C = dA.shape
    i = np.arange(m)[:, None, None, None]
    c = np.arange(C)
    if mode == "average":
        for k in range(f * f):
            dy, dx = divmod(k, f)
            np.add.at(dA_prev, (i, y[None, ..., dy, dx, None], x[None, ..., dy, dx, None], c), dA / (f * f))
        return dA_prev
    flat = A_prev[:, y, x, :].reshape(m, n_H, n_W, f * f, C)
    winner = flat.argmax(axis=3)                  # (m, n_H, n_W, C)
    h, w = np.arange(n_H)[:, None, None], np.arange(n_W)[:, None]
    np.add.at(dA_prev, (i, y[h, w, winner // f, winner % f], x[h, w, winner // f, winner % f], c), dA)
    return dA_prev
