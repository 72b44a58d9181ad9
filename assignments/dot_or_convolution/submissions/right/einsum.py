# Everything that is a sum of products is an einsum.
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def hadamard_sum(A, B):
    axes = "abcdefg"[:A.ndim]
    return np.einsum(f"{axes},{axes}->", A, B)


def flat_dot(A, B):
    return np.einsum("i,i", A.ravel(), B.ravel())


def correlate2d_valid(image, kernel):
    return np.einsum("hwyx,yx->hw", sliding_window_view(image, kernel.shape), kernel)


def correlate2d_same(image, kernel):
    f_H, f_W = kernel.shape
    big = np.zeros((image.shape[0] + f_H - 1, image.shape[1] + f_W - 1), dtype=image.dtype)
    top, left = (f_H - 1) // 2, (f_W - 1) // 2
    big[top:top + image.shape[0], left:left + image.shape[1]] = image
    return correlate2d_valid(big, kernel)


def convolve2d_valid(image, kernel):
    return np.einsum("hwyx,yx->hw", sliding_window_view(image, kernel.shape)[..., ::-1, ::-1], kernel)


def im2col(image, f, stride):
    view = sliding_window_view(image, (f, f), axis=(0, 1))[::stride, ::stride]    # (h, w, c, y, x)
    return np.einsum("hwcyx->yxchw", view).reshape(f * f * image.shape[2], -1)


def conv_as_matmul(X, W):
    f = W.shape[0]
    out = np.einsum("pk,po->ko", im2col(X, f, 1), W.reshape(-1, W.shape[3]))
    return out.reshape(X.shape[0] - f + 1, X.shape[1] - f + 1, -1)
