# A layer class does the work; the functions are thin wrappers around it.
import numpy as np


class Pool:
    def __init__(self, f, stride, mode):
        self.f, self.stride = f, stride
        self.reduce = {"max": np.max, "average": np.mean}[mode]
        self.mode = mode

    def sizes(self, A_prev):
        return tuple(np.floor((np.array(A_prev.shape[1:3]) - self.f) / self.stride).astype(int) + 1)

    def windows(self, A_prev):
        n_H, n_W = self.sizes(A_prev)
        for h in range(n_H):
            for w in range(n_W):
                y, x = h * self.stride, w * self.stride
                yield h, w, (slice(None), slice(y, y + self.f), slice(x, x + self.f))

    def forward(self, A_prev):
        A = np.zeros((A_prev.shape[0], *self.sizes(A_prev), A_prev.shape[3]))
        for h, w, at in self.windows(A_prev):
            A[:, h, w] = self.reduce(A_prev[at], axis=(1, 2))
        return A

    def backward(self, dA, A_prev):
        grad = np.zeros(A_prev.shape)
        for h, w, at in self.windows(A_prev):
            upstream = np.expand_dims(dA[:, h, w], (1, 2))
            if self.mode == "max":
                window = A_prev[at]
                grad[at] += np.equal(window, window.max(axis=(1, 2), keepdims=True)) * upstream
            else:
                grad[at] += upstream * self.f ** -2.0
        return grad


def pool_forward(A_prev, hparameters, mode="max"):
    return Pool(hparameters["f"], hparameters["stride"], mode).forward(A_prev), (A_prev, hparameters)


def create_mask_from_window(x):
    return ~(x < x.max())


def distribute_value(dz, shape):
    return np.ones(shape) * dz / np.ones(shape).sum()


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    return Pool(hparameters["f"], hparameters["stride"], mode).backward(dA, A_prev)
