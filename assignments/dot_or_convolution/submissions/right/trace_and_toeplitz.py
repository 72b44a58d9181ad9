# Detours that look wrong and are not: the trace of A B^T, a correlation as a product with a banded matrix.
import numpy as np


def hadamard_sum(A, B):
    if A.ndim == 2:
        return np.trace(np.dot(A, B.T))
    return np.mean(A * B) * A.size


def flat_dot(A, B):
    a, b = A.ravel(), B.ravel()
    return np.dot(a[::-1], b[::-1])


def banded(weights, n):
    """Row k holds the weights from column k on."""
    band = np.zeros((n - len(weights) + 1, n))
    for k in range(len(band)):
        band[k, k:k + len(weights)] = weights
    return band


def correlate2d_valid(image, kernel):
    n_H, n_W = image.shape
    rows = n_H - kernel.shape[0] + 1
    return sum(image[y:y + rows] @ banded(kernel[y], n_W).T for y in range(kernel.shape[0]))


def correlate2d_same(image, kernel):
    before = [(f - 1) // 2 for f in kernel.shape]
    widths = [(b, f - 1 - b) for b, f in zip(before, kernel.shape)]
    return correlate2d_valid(np.pad(image, widths), kernel)


def convolve2d_valid(image, kernel):
    # turning the image, correlating, and turning the answer back is the same as turning the kernel
    return correlate2d_valid(image[::-1, ::-1], kernel)[::-1, ::-1]


def im2col(image, f, stride):
    n_H, n_W, n_C = image.shape
    s = image.strides
    shape = ((n_H - f) // stride + 1, (n_W - f) // stride + 1, f, f, n_C)
    windows = np.lib.stride_tricks.as_strided(image, shape, (s[0] * stride, s[1] * stride, *s))
    return windows.reshape(shape[0] * shape[1], -1).T.copy()


def conv_as_matmul(X, W):
    f, n_C_out = W.shape[0], W.shape[3]
    W_row = W.transpose(3, 0, 1, 2).reshape(n_C_out, -1)
    Z = W_row @ im2col(np.ascontiguousarray(X), f, 1)
    return Z.reshape(n_C_out, X.shape[0] - f + 1, X.shape[1] - f + 1).transpose(1, 2, 0)
