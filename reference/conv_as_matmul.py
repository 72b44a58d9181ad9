"""The convolution layer as one matrix product: lay every window out as a column, every filter as a row.

``Z = np.dot(W_row, X_col)`` is what texts mean by "a convolution is a dot product": each entry is the dot
product of a flattened filter with a flattened window. ``im2col`` lays the windows out, ``col2im`` adds
columns back into the image they came from (its transpose: all that backward needs). No Python loop runs
over pixels.
Shapes as in ``conv_step_by_step``, from which this file borrows nothing, so that each can check the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def zero_pad(X: Any, pad: int) -> Any:
    """``X`` with a border of ``pad`` zeros around every image."""
    m, n_H, n_W, n_C = X.shape
    padded = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C), dtype=X.dtype)
    padded[:, pad:pad + n_H, pad:pad + n_W, :] = X
    return padded


def conv_single_step(a_slice_prev: Any, W: Any, b: Any) -> float:
    """The dot product of the flattened window and the flattened filter, plus the bias."""
    return float(np.dot(np.ravel(W), np.ravel(a_slice_prev)) + b.item())


def im2col(padded: Any, f: int, stride: int) -> Any:
    """Every f x f window of the padded images as a column: (f*f*n_C_prev, m*n_H*n_W)."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    n_C_prev = windows.shape[3]                                  # (m, n_H, n_W, n_C_prev, f, f)
    return windows.transpose(4, 5, 3, 0, 1, 2).reshape(f * f * n_C_prev, -1)


def col2im(columns: Any, padded_shape: tuple[int, int, int, int], f: int, stride: int) -> Any:
    """Add every column back into the window it was cut from; windows that overlap add up."""
    m, height, width, n_C_prev = padded_shape
    n_H, n_W = (height - f) // stride + 1, (width - f) // stride + 1
    patches = columns.reshape(f, f, n_C_prev, m, n_H, n_W)
    padded = np.zeros(padded_shape)
    for y in range(f):
        for x in range(f):
            rows, cols = slice(y, y + stride * n_H, stride), slice(x, x + stride * n_W, stride)
            padded[:, rows, cols, :] += patches[y, x].transpose(1, 2, 3, 0)  # (m, n_H, n_W, n_C_prev)
    return padded


def conv_forward(A_prev: Any, W: Any, b: Any, hparameters: dict[str, int]) -> tuple[Any, Any]:
    """All windows against all filters in one product; returns ``Z`` and what ``conv_backward`` needs."""
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    n_H = (n_H_prev + 2 * pad - f) // stride + 1
    n_W = (n_W_prev + 2 * pad - f) // stride + 1

    X_col = im2col(zero_pad(A_prev, pad), f, stride)            # (f*f*n_C_prev, m*n_H*n_W)
    W_row = W.reshape(-1, n_C).T                                # (n_C, f*f*n_C_prev)
    Z = np.dot(W_row, X_col) + b.reshape(n_C, 1)                # (n_C, m*n_H*n_W)
    return np.ascontiguousarray(Z.T, dtype=np.float64).reshape(m, n_H, n_W, n_C), (A_prev, W, b, hparameters)


def conv_backward(dZ: Any, cache: Any) -> tuple[Any, Any, Any]:
    """The transposes of the forward product give the gradients of its two factors."""
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    _, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, _, _, n_C = W.shape

    padded = zero_pad(A_prev, pad)
    dZ_row = dZ.reshape(-1, n_C).T                              # (n_C, m*n_H*n_W)
    W_row = W.reshape(-1, n_C).T                                # (n_C, f*f*n_C_prev)
    dW = np.dot(im2col(padded, f, stride), dZ_row.T)            # (f*f*n_C_prev, n_C)
    dpadded = col2im(np.dot(W_row.T, dZ_row), padded.shape, f, stride)
    dA_prev = dpadded[:, pad:pad + n_H_prev, pad:pad + n_W_prev, :]
    db = dZ_row.sum(axis=1)                                     # (n_C,)
    return dA_prev, dW.reshape(f, f, n_C_prev, n_C).astype(np.float64), db.reshape(b.shape).astype(np.float64)
