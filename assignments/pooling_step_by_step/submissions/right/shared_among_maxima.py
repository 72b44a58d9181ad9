# A mask that is divided by its sum, so that several maxima would share; while loops; names of one letter.
import numpy as np


def pool_forward(a, hp, how="max"):
    k, s = hp["f"], hp["stride"]
    m, H, W, C = a.shape
    h, ys = 0, []
    while h + k <= H:
        w, xs = 0, []
        while w + k <= W:
            v = a[:, h:h + k, w:w + k, :]
            xs.append(v.max(1).max(1) if how == "max" else v.mean(1).mean(1))
            w += s
        ys.append(np.stack(xs, axis=1))
        h += s
    return np.stack(ys, axis=1).astype("float64"), (a, hp)


def create_mask_from_window(x):
    m = (x >= np.max(x)).astype(float)
    return m / m.sum()


def distribute_value(dz, shape):
    return np.zeros(shape) + dz / (shape[0] * shape[1])


def pool_backward(d, cache, how="max"):
    a, hp = cache
    k, s = hp["f"], hp["stride"]
    g = 0.0 * a
    for i in range(d.shape[0]):
        for y in range(d.shape[1]):
            for x in range(d.shape[2]):
                for c in range(d.shape[3]):
                    r, q = slice(s * y, s * y + k), slice(s * x, s * x + k)
                    if how == "max":
                        part = create_mask_from_window(a[i, r, q, c]) * d[i, y, x, c]
                    else:
                        part = distribute_value(d[i, y, x, c], (k, k))
                    g[i, r, q, c] = g[i, r, q, c] + part
    return g
