# The backward pass is measured: how much does the loss move when one pixel moves a little?
import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    A = [[getattr(A_prev[:, y:y + f, x:x + f], {"max": "max", "average": "mean"}[mode])(axis=(1, 2))
          for x in range(0, A_prev.shape[2] - f + 1, s)]
         for y in range(0, A_prev.shape[1] - f + 1, s)]
    return np.moveaxis(np.array(A, dtype=float), 2, 0), (A_prev, hparameters)


def create_mask_from_window(x):
    rows, columns = np.nonzero(x == np.amax(x))
    mask = np.zeros_like(x)
    mask[rows, columns] = 1
    return mask


def distribute_value(dz, shape):
    n_H, n_W = shape
    return np.divide(dz, n_H * n_W) + np.zeros((n_H, n_W))


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, s = hparameters["f"], hparameters["stride"]
    step = 2.0 ** -14
    gradient = np.zeros(A_prev.shape)
    for y, x in np.ndindex(*A_prev.shape[1:3]):
        # only windows that hold (y, x) can move; a patch around it is enough
        moved = A_prev.astype(float)
        moved[:, y, x] += step
        slope = (pool_forward(moved, hparameters, mode)[0] - pool_forward(A_prev, hparameters, mode)[0]) / step
        gradient[:, y, x] = (slope * dA).sum(axis=(1, 2))
    return gradient
