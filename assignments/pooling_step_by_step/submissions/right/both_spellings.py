# Knows "avg" and "mean" as well as "average", checks its arguments, prints while it works.
import numpy as np

AVERAGES = ("average", "avg", "mean")


def pool_forward(A_prev, hparameters, mode="max"):
    """A_prev (m, n_H_prev, n_W_prev, n_C) -> A (m, n_H, n_W, n_C), cache"""
    if mode != "max" and mode not in AVERAGES:
        raise ValueError(f"unknown mode {mode}")
    f, stride = int(hparameters["f"]), int(hparameters["stride"])
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = (n_H_prev - f) // stride + 1, (n_W_prev - f) // stride + 1
    print("pooling", A_prev.shape, "with", mode)
    A = np.zeros((m, n_H, n_W, n_C))
    for c in range(n_C):
        for w in range(n_W):
            for h in range(n_H):
                for i in range(m):
                    window = A_prev[i, h * stride:h * stride + f, w * stride:w * stride + f, c]
                    A[i, h, w, c] = window.max() if mode == "max" else window.mean()
    assert A.shape == (m, n_H, n_W, n_C)
    return A, (A_prev, hparameters)


def create_mask_from_window(x):
    mask = x == x.max()
    if mask.sum() > 1:
        print("several maxima")
    return mask


def distribute_value(dz, shape):
    a = np.ones(shape) * (dz / np.size(np.ones(shape)))
    assert np.isclose(a.sum(), dz)
    return a


def pool_backward(dA, cache, mode="max"):
    (A_prev, hparameters) = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    it = np.nditer(dA, flags=["multi_index"])
    for value in it:
        i, h, w, c = it.multi_index
        window = np.s_[i, h * stride:h * stride + f, w * stride:w * stride + f, c]
        if mode in AVERAGES:
            dA_prev[window] += distribute_value(float(value), (f, f))
        else:
            dA_prev[window] += create_mask_from_window(A_prev[window]) * value
    return dA_prev
