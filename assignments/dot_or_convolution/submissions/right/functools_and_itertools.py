# map, reduce and product instead of loops; math.prod, zip, operator.mul.
import itertools
import math
import operator
from functools import reduce

import numpy as np


def hadamard_sum(A, B):
    return reduce(operator.add, map(operator.mul, A.flat, B.flat))


def flat_dot(A, B):
    n = math.prod(A.shape)
    return np.dot(A.reshape(n), B.reshape(n))


def correlate2d_valid(image, kernel):
    rows, columns = (n - f + 1 for n, f in zip(image.shape, kernel.shape))
    out = np.fromiter(
        (hadamard_sum(image[h:h + kernel.shape[0], w:w + kernel.shape[1]], kernel)
         for h, w in itertools.product(range(rows), range(columns))),
        dtype=float, count=rows * columns)
    return out.reshape(rows, columns)


def correlate2d_same(image, kernel):
    widths = tuple((math.ceil(f / 2) - 1, math.floor(f / 2)) for f in kernel.shape)
    return correlate2d_valid(np.pad(image, widths), kernel)


def convolve2d_valid(image, kernel):
    return correlate2d_valid(image, kernel.ravel()[::-1].reshape(kernel.shape))


def im2col(image, f, stride):
    starts = itertools.product(range(0, image.shape[0] - f + 1, stride), range(0, image.shape[1] - f + 1, stride))
    return np.column_stack([image[h:h + f, w:w + f].ravel() for h, w in starts])


def conv_as_matmul(X, W):
    f, _, _, K = W.shape
    Z = np.dot(W.reshape(-1, K).T, im2col(X, f, 1))
    out = np.empty((X.shape[0] - f + 1, X.shape[1] - f + 1, K))
    for k, (h, w) in enumerate(itertools.product(*map(range, out.shape[:2]))):
        out[h, w] = Z[:, k]
    return out
