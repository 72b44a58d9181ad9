# Plain Python for the arithmetic: nested comparisons for the maximum, sum and len for the mean.
import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    m, H, W, C = A_prev.shape
    f, stride = hparameters["f"], hparameters["stride"]
    out = []
    for i in range(m):
        rows = []
        for top in range(0, H - f + 1, stride):
            row = []
            for left in range(0, W - f + 1, stride):
                pixel = []
                for c in range(C):
                    numbers = [A_prev[i, top + y, left + x, c] for y in range(f) for x in range(f)]
                    if mode == "max":
                        best = numbers[0]
                        for number in numbers[1:]:
                            if number > best:
                                best = number
                        pixel.append(float(best))
                    else:
                        pixel.append(sum(numbers) / len(numbers))
                row.append(pixel)
            rows.append(row)
        out.append(rows)
    return np.array(out), (A_prev, hparameters)


def create_mask_from_window(x):
    best = max(x.ravel())
    return np.array([[1.0 if number == best else 0.0 for number in row] for row in x])


def distribute_value(dz, shape):
    share = dz / shape[0] / shape[1]
    return np.array([[share] * shape[1] for _ in range(shape[0])])


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(*dA.shape):
        best, where = None, None
        for y in range(h * stride, h * stride + f):
            for x in range(w * stride, w * stride + f):
                if mode == "average":
                    dA_prev[i, y, x, c] += dA[i, h, w, c] / (f * f)
                elif best is None or A_prev[i, y, x, c] > best:
                    best, where = A_prev[i, y, x, c], (i, y, x, c)
        if where is not None:
            dA_prev[where] += dA[i, h, w, c]
    return dA_prev
