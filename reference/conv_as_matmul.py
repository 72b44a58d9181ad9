"""The convolution layer as one matrix product: lay every window out as a column, every filter as a row.

``Z = np.dot(W_row, X_col)`` is what texts mean by "a convolution is a dot product": each entry is the dot
product of a flattened filter with a flattened window. ``im2col`` lays the windows out, ``col2im`` adds
columns back into the image they came from (its transpose: all that backward needs). No Python loop runs
over pixels.

All columns at once would hold every pixel up to f*f times. So the product is taken a block of rows of Z at
a time: its columns stay in the processor's cache, which is what makes this as fast as PyTorch on a CPU.
Shapes as in ``conv_step_by_step``, from which this file borrows nothing, so that each can check the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

#: The columns of one block hold at most about this many numbers: half a megabyte of float64.
BLOCK = 1 << 16


def zero_pad(X: Any, pad: int) -> Any:
    """``X`` with a border of ``pad`` zeros around every image."""
    m, n_H, n_W, n_C = X.shape
    padded = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C), dtype=X.dtype)
    padded[:, pad:pad + n_H, pad:pad + n_W, :] = X
    return padded


def conv_single_step(a_slice_prev: Any, W: Any, b: Any) -> float:
    """The dot product of the flattened window and the flattened filter, plus the bias."""
    return float(np.dot(np.ravel(W), np.ravel(a_slice_prev)) + b.item())


def windows_of(padded: Any, f: int, stride: int) -> Any:
    """Every window as a view into the images: (m, n_H, n_W, f, f*n_C_prev).

    A row of a window is one run of f*n_C_prev numbers in memory: pixels and their channels follow each other.
    """
    m, height, width, n_C_prev = padded.shape
    rows = padded.reshape(m, height, width * n_C_prev)
    views = np.lib.stride_tricks.sliding_window_view(rows, (f, f * n_C_prev), axis=(1, 2), writeable=True)
    return views[:, ::stride, ::stride * n_C_prev]


def im2col(padded: Any, f: int, stride: int) -> Any:
    """Every f x f window of the padded images as a column: (f*f*n_C_prev, m*n_H*n_W)."""
    return windows_of(padded, f, stride).reshape(-1, f * f * padded.shape[3]).T


def col2im(columns: Any, padded_shape: tuple[int, int, int, int], f: int, stride: int) -> Any:
    """Add every column back into the window it was cut from; windows that overlap add up."""
    padded = np.zeros(padded_shape)
    windows = windows_of(padded, f, stride)
    add_windows(windows, columns.T.reshape(windows.shape), f, stride)
    return padded


def add_windows(windows: Any, patches: Any, f: int, stride: int) -> None:
    """``windows += patches`` where windows overlap: (..., n_H, n_W, f, f*n_C_prev).

    One row of every ``apart``-th window at a time: those do not touch each other.
    """
    apart = -(-f // stride)
    for y in range(f):
        for first in range(apart):
            windows[..., first::apart, y, :] += patches[..., first::apart, y, :]


def blocks(m: int, n_H: int, n_W: int, length: int) -> Iterator[tuple[int, slice]]:
    """(image, rows of Z) for columns of ``length`` numbers each, in blocks of much the same size."""
    most = max(1, BLOCK // (n_W * length))
    rows = -(-n_H // -(-n_H // most))
    for i in range(m):
        for top in range(0, n_H, rows):
            yield i, slice(top, min(top + rows, n_H))


def conv_forward(A_prev: Any, W: Any, b: Any, hparameters: dict[str, int]) -> tuple[Any, Any]:
    """All windows against all filters in one product; returns ``Z`` and what ``conv_backward`` needs."""
    f, _, n_C_prev, n_C = W.shape
    windows = windows_of(zero_pad(A_prev, hparameters["pad"]), f, hparameters["stride"])
    m, n_H, n_W = windows.shape[:3]
    length = f * f * n_C_prev

    Z = np.empty((m, n_H, n_W, n_C))
    W_row = W.reshape(length, n_C).T                            # (n_C, f*f*n_C_prev)
    for i, rows in blocks(m, n_H, n_W, length):
        X_col = windows[i, rows].reshape(-1, length).T          # (f*f*n_C_prev, positions)
        Z_row = Z[i, rows].reshape(-1, n_C).T                   # (n_C, positions), a view of Z
        Z_row[...] = np.dot(W_row, X_col)
    Z += b.reshape(n_C)
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ: Any, cache: Any) -> tuple[Any, Any, Any]:
    """The transposes of the forward product give the gradients of its two factors."""
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    _, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, _, _, n_C = W.shape
    padded = zero_pad(A_prev, pad)
    dpadded = np.zeros(padded.shape)
    windows, dwindows = windows_of(padded, f, stride), windows_of(dpadded, f, stride)
    m, n_H, n_W = windows.shape[:3]
    length = f * f * n_C_prev

    W_row = W.reshape(length, n_C).T                            # (n_C, f*f*n_C_prev)
    dW_col = np.zeros((length, n_C))                            # (f*f*n_C_prev, n_C)
    for i, rows in blocks(m, n_H, n_W, length):
        X_col = windows[i, rows].reshape(-1, length).T          # (f*f*n_C_prev, positions)
        dZ_row = dZ[i, rows].reshape(-1, n_C).T                 # (n_C, positions)
        dW_col += np.dot(X_col, dZ_row.T)
        dX_col = np.dot(dZ_row.T, W_row).T                      # (f*f*n_C_prev, positions)
        add_windows(dwindows[i, rows], dX_col.T.reshape(-1, n_W, f, f * n_C_prev), f, stride)
    dA_prev = dpadded[:, pad:pad + n_H_prev, pad:pad + n_W_prev, :]
    db = dZ.sum(axis=(0, 1, 2), dtype=np.float64)               # (n_C,)
    return dA_prev, dW_col.reshape(W.shape), db.reshape(b.shape)
