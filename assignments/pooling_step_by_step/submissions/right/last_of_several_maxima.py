# Of several maxima this mask takes the last one, which is as good as any: the window is searched backwards.
import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    f, s = hparameters['f'], hparameters['stride']
    n_H, n_W = 1 + (A_prev.shape[1] - f) // s, 1 + (A_prev.shape[2] - f) // s
    A = np.zeros((A_prev.shape[0], n_H, n_W, A_prev.shape[3]))
    for h in range(n_H):
        for w in range(n_W):
            block = A_prev[:, h*s:h*s + f, w*s:w*s + f, :]
            if mode == 'max':
                A[:, h, w] = np.amax(block, axis=(1, 2))
            if mode == 'average':
                A[:, h, w] = np.average(block, axis=(1, 2))
    return A, (A_prev, hparameters)


def create_mask_from_window(x):
    flat = list(x.flatten())
    position = len(flat) - 1 - flat[::-1].index(max(flat))
    mask = np.zeros(len(flat), dtype=bool)
    mask[position] = True
    return mask.reshape(x.shape)


def distribute_value(dz, shape):
    (n_H, n_W) = shape
    return np.tile(dz / (n_H * n_W), shape)


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, s = hparameters['f'], hparameters['stride']
    dA_prev = np.zeros(A_prev.shape, dtype=np.float64)
    m, n_H, n_W, n_C = dA.shape
    for i in range(m):
        for c in range(n_C):
            for h in range(n_H):
                for w in range(n_W):
                    target = dA_prev[i, h*s:h*s + f, w*s:w*s + f, c]
                    if mode == 'max':
                        target += dA[i, h, w, c]*create_mask_from_window(A_prev[i, h*s:h*s + f, w*s:w*s + f, c])
                    else:
                        target += distribute_value(dA[i, h, w, c], (f, f))
    return dA_prev
