# Type annotations, docstrings with shapes, keyword arguments, asserts on the inputs.
from __future__ import annotations

from typing import Dict, Tuple

import numpy as np

Array = np.ndarray
Cache = Tuple[Array, Array, Array, Dict[str, int]]


def zero_pad(X: Array, pad: int) -> Array:
    """Return X with `pad` rows and columns of zeros on each side of every image.

    >>> zero_pad(np.ones((1, 1, 1, 1)), 1).shape
    (1, 3, 3, 1)
    """
    assert X.ndim == 4, "expected (m, n_H, n_W, n_C)"
    return np.pad(X, pad_width=((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="constant", constant_values=0)


def conv_single_step(a_slice_prev: Array, W: Array, b: Array) -> float:
    """One filter on one window: sum of the element-wise product, plus the bias (added once)."""
    assert a_slice_prev.shape == W.shape
    return float(np.sum(a_slice_prev * W)) + b.item()


def conv_forward(A_prev: Array, W: Array, b: Array, hparameters: Dict[str, int]) -> Tuple[Array, Cache]:
    """Slide every filter of W over every image of A_prev."""
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f_, n_C_prev_, n_C = W.shape
    assert f == f_ and n_C_prev == n_C_prev_
    stride: int = hparameters["stride"]
    pad: int = hparameters["pad"]
    n_H: int = (n_H_prev + 2 * pad - f) // stride + 1
    n_W: int = (n_W_prev + 2 * pad - f) // stride + 1
    A_prev_pad: Array = zero_pad(X=A_prev, pad=pad)
    Z: Array = np.zeros(shape=(m, n_H, n_W, n_C), dtype=np.float64)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                rows = slice(h * stride, h * stride + f)
                cols = slice(w * stride, w * stride + f)
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(
                        a_slice_prev=A_prev_pad[i, rows, cols, :], W=W[:, :, :, c], b=b[:, :, :, c]
                    )
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ: Array, cache: Cache) -> Tuple[Array, Array, Array]:
    """Gradients of the cost with respect to A_prev, W and b."""
    A_prev, W, b, hparameters = cache
    f: int = W.shape[0]
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H, n_W, n_C = dZ.shape
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(shape=A_prev_pad.shape)
    dW = np.zeros(shape=W.shape)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                rows = slice(h * stride, h * stride + f)
                cols = slice(w * stride, w * stride + f)
                for c in range(n_C):
                    dA_prev_pad[i, rows, cols, :] += W[:, :, :, c] * dZ[i, h, w, c]
                    dW[:, :, :, c] += A_prev_pad[i, rows, cols, :] * dZ[i, h, w, c]
    db = dZ.sum(axis=(0, 1, 2), keepdims=True)
    last_row, last_col = dA_prev_pad.shape[1] - pad, dA_prev_pad.shape[2] - pad
    return dA_prev_pad[:, pad:last_row, pad:last_col, :], dW, db
