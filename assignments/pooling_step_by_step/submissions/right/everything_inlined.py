# pool_backward does not call its helpers at all, and unpacks the cache by index.
import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    f = hparameters.get("f")
    stride = hparameters.get("stride")
    pool = np.max if mode == "max" else np.mean
    n_H = len(range(0, A_prev.shape[1] - f + 1, stride))
    n_W = len(range(0, A_prev.shape[2] - f + 1, stride))
    A = np.empty((A_prev.shape[0], n_H, n_W, A_prev.shape[3]))
    for i, a in enumerate(A_prev):
        for h, y in enumerate(range(0, a.shape[0] - f + 1, stride)):
            for w, x in enumerate(range(0, a.shape[1] - f + 1, stride)):
                A[i, h, w] = [pool(a[y:y + f, x:x + f, c]) for c in range(a.shape[2])]
    return A, (A_prev, hparameters, mode)


def create_mask_from_window(x):
    return np.where(x == x.max(), 1, 0)


def distribute_value(dz, shape):
    n_H, n_W = shape
    return np.array([dz] * (n_H * n_W), dtype=float).reshape(n_H, n_W) / (n_H * n_W)


def pool_backward(dA, cache, mode="max"):
    A_prev = cache[0]
    f = cache[1]["f"]
    stride = cache[1]["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for h in range(dA.shape[1]):
        for w in range(dA.shape[2]):
            y, x = h * stride, w * stride
            a = A_prev[:, y:y + f, x:x + f]
            d = dA[:, h, w][:, None, None, :]
            if mode == "max":
                dA_prev[:, y:y + f, x:x + f] += (a == a.max(axis=(1, 2), keepdims=True)) * d
            else:
                dA_prev[:, y:y + f, x:x + f] += d / (f * f)
    return dA_prev
