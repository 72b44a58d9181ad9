"""Which product is in a convolution layer? Seven short functions, from one window to the whole layer.

    hadamard_sum      multiply equal places, add up: a window meets a kernel
    flat_dot          the same number, as one np.dot of two unrolled vectors
    correlate2d_*     slide the kernel as it is: what a convolution *layer* does
    convolve2d_valid  slide the kernel turned by 180 degrees: what mathematics calls a convolution
    conv_as_matmul    np.dot(W_row, X_col): all filters against all windows (im2col) in one product

They do what ``scipy.signal.correlate2d`` and ``convolve2d`` do, and are tested against those. Sums of
integers stay integers, as in SciPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def hadamard_sum(A: Any, B: Any) -> Any:
    """The sum of the element-wise product of two arrays of one shape, whatever that is: a number."""
    return np.sum(A * B)


def flat_dot(A: Any, B: Any) -> Any:
    """The dot product of two arrays of one shape, each unrolled into a vector: a number."""
    return np.dot(A.ravel(), B.ravel())


def correlate2d_valid(image: Any, kernel: Any) -> Any:
    """Slide ``kernel`` (f_H, f_W) over ``image`` (n_H, n_W), wherever it fits whole.

    Returns (n_H - f_H + 1, n_W - f_W + 1).
    """
    f_H, f_W = kernel.shape
    n_H, n_W = image.shape[0] - f_H + 1, image.shape[1] - f_W + 1
    out = np.zeros((n_H, n_W), dtype=np.result_type(image, kernel))
    for h in range(n_H):
        for w in range(n_W):
            window = image[h:h + f_H, w:w + f_W]                       # (f_H, f_W)
            out[h, w] = hadamard_sum(window, kernel)                   # a number
    return out


def correlate2d_same(image: Any, kernel: Any) -> Any:
    """The same on an image with a border of zeros, so that the answer is as large as ``image`` (n_H, n_W).

    The border makes f - 1 rows (columns) in all; (f - 1) // 2 of them lie before the image and the rest
    after it. For an even f there is one more after it.
    """
    f_H, f_W = kernel.shape
    above, left = (f_H - 1) // 2, (f_W - 1) // 2
    bordered = np.pad(image, ((above, f_H - 1 - above), (left, f_W - 1 - left)))
    return correlate2d_valid(bordered, kernel)


def convolve2d_valid(image: Any, kernel: Any) -> Any:
    """A convolution as mathematics has it: both axes of the kernel are turned round before it slides."""
    return correlate2d_valid(image, kernel[::-1, ::-1])


def im2col(image: Any, f: int, stride: int) -> Any:
    """Every f x f window of ``image`` (n_H, n_W, n_C) as a column: (f * f * n_C, number of windows).

    Down a column: the window row by row, in a row pixel by pixel, in a pixel channel by channel. The columns:
    the windows row by row, from the top left.
    """
    n_H_out = (image.shape[0] - f) // stride + 1
    n_W_out = (image.shape[1] - f) // stride + 1
    columns = []
    for h in range(n_H_out):
        for w in range(n_W_out):
            window = image[h * stride:h * stride + f, w * stride:w * stride + f, :]  # (f, f, n_C)
            columns.append(window.ravel())                             # (f * f * n_C,)
    return np.stack(columns, axis=1)                                   # (f * f * n_C, n_H_out * n_W_out)


def conv_as_matmul(X: Any, W: Any) -> Any:
    """A whole layer, stride 1 and no padding, by one product: X (n_H, n_W, n_C), W (f, f, n_C, n_C_out).

    Returns (n_H - f + 1, n_W - f + 1, n_C_out).
    """
    f, _, n_C, n_C_out = W.shape
    W_row = W.reshape(f * f * n_C, n_C_out).T                                   # (n_C_out, f * f * n_C)
    X_col = im2col(X, f, 1)                                            # (f * f * n_C, n_H_out * n_W_out)
    Z = np.dot(W_row, X_col)                                           # (n_C_out, n_H_out * n_W_out)
    return Z.T.reshape(X.shape[0] - f + 1, X.shape[1] - f + 1, n_C_out)
