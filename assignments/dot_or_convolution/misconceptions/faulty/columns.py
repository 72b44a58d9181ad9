"""Windows as columns, a layer as one product: im2col and conv_as_matmul under wrong beliefs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = Any

#: Number of windows along a side, from n, f and stride.
SIZES: dict[str, Callable[[int, int, int], int]] = {
    "right": lambda n, f, s: (n - f) // s + 1,
    "no-plus-one": lambda n, f, s: (n - f) // s,
    "range-without-plus-one": lambda n, f, s: math.ceil((n - f) / s),  # range(0, n - f, s)
    "ceil": lambda n, f, s: math.ceil((n - f) / s) + 1,
    "round": lambda n, f, s: round((n - f) / s) + 1,
    "plus-one-inside": lambda n, f, s: (n - f + 1) // s,
    "no-stride": lambda n, f, s: n - f + 1,
    "over-f": lambda n, f, s: n // f,
    "over-stride": lambda n, f, s: n // s,
}

#: How a window (row, column, channel) is unrolled: its axes, outermost first.
ORDERS: dict[str, tuple[int, int, int]] = {
    "right": (0, 1, 2),
    "channels-first": (2, 0, 1),
    "columns-first": (1, 0, 2),
    "channels-columns-rows": (2, 1, 0),
    "rows-channels-columns": (0, 2, 1),
    "columns-channels-rows": (1, 2, 0),
}


@dataclass(frozen=True)
class Columns:
    """What the student believes of windows laid out as columns."""

    size: str = "right"
    size_from: str = "own"  # "swapped", "height", "width"
    f: int | str = "given"  # a number, "stride"
    stride: int | str = "given"  # a number, "f"
    arguments: str = "own"  # "swapped": f and stride change places
    start_by: str = "stride"  # "one", "f"
    start_of: str = "own"  # "swapped", "h-twice", "w-twice"
    end: str = "f"  # "stride", "minus-one", "plus-one"
    loops: str = "own"  # "columns-first", "swapped", "strided", "height-twice"
    skip: str = ""  # "last-row", "last-column", "first-row", "first-column"
    stop: str = ""  # "row", "pixel"
    entries: str = "right"  # a key of ORDERS
    turned: bool = False  # every window is turned by 180 degrees
    channels: str = "all"  # "first", "last", "mean", "sum", "reversed"
    layout: str = "columns"  # see _laid_out
    buffer: str = ""  # "int": the array that collects
    returns: str = "columns"  # "nothing", "list", "with-sizes"


def _starts(
    image: Array, f: int, stride: int, fault: Columns
) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """Top left corners of the windows in the order in which they are cut, and how many a column and a row."""
    size = SIZES[fault.size]
    n_H, n_W = size(image.shape[0], f, stride), size(image.shape[1], f, stride)
    n_H, n_W = {"own": (n_H, n_W), "swapped": (n_W, n_H), "height": (n_H, n_H), "width": (n_W, n_W)}[
        fault.size_from
    ]
    by = {"stride": stride, "one": 1, "f": f}[fault.start_by]
    corners = []
    for h, w in _positions(n_H, n_W, stride, fault):
        down, across = {"own": (h, w), "swapped": (w, h), "h-twice": (h, h), "w-twice": (w, w)}[
            fault.start_of
        ]
        corners.append((down * by, across * by))
    return corners, (n_H, n_W)


def _positions(n_H: int, n_W: int, stride: int, fault: Columns) -> Iterator[tuple[int, int]]:
    high, wide = {"swapped": (n_W, n_H), "height-twice": (n_H, n_H), "width-twice": (n_W, n_W)}.get(
        fault.loops, (n_H, n_W)
    )
    step = stride if fault.loops == "strided" else 1
    ranges = {"row": range(0, high, step), "column": range(0, wide, step)}
    if fault.skip:
        which, _, axis = fault.skip.partition("-")
        ranges[axis] = ranges[axis][:-1] if which == "last" else ranges[axis][1:]
    if fault.stop in ("row", "pixel"):
        ranges["row"] = ranges["row"][:1]
    if fault.stop == "pixel":
        ranges["column"] = ranges["column"][:1]
    if fault.loops == "columns-first":
        yield from ((h, w) for w in ranges["column"] for h in ranges["row"])
    else:
        yield from ((h, w) for h in ranges["row"] for w in ranges["column"])


def _unrolled(window: Array, fault: Columns) -> Array:
    if fault.turned:
        window = window[::-1, ::-1]
    if fault.channels == "mean":
        window = window.mean(axis=2, keepdims=True)
    elif fault.channels == "sum":
        window = window.sum(axis=2, keepdims=True)
    elif fault.channels != "all":
        window = {"first": window[..., :1], "last": window[..., -1:], "reversed": window[..., ::-1]}[
            fault.channels
        ]
    return window.transpose(ORDERS[fault.entries]).ravel()


def columns_of(image: Array, f: int, stride: int, fault: Columns) -> Any:
    """im2col by somebody with this belief; raises what the student's loops would raise."""
    if fault.arguments == "swapped":
        f, stride = stride, f
    if fault.f != "given":
        f = fault.f if isinstance(fault.f, int) else stride
    if fault.stride != "given":
        stride = fault.stride if isinstance(fault.stride, int) else f
    corners, (n_H, n_W) = _starts(image, f, stride, fault)
    length = {"f": f, "stride": stride, "minus-one": f - 1, "plus-one": f + 1}[fault.end]
    windows = [_unrolled(image[top : top + length, left : left + length, :], fault) for top, left in corners]
    if fault.returns == "nothing":
        return None
    if fault.returns == "list":
        return windows
    rows = np.array(windows)  # (number of windows, f * f * n_C); ragged windows raise ValueError
    if fault.buffer == "int":
        rows = rows.astype(int)
    out = _laid_out(rows, f, (n_H, n_W), fault)
    return (out, n_H, n_W) if fault.returns == "with-sizes" else out


def _laid_out(rows: Array, f: int, sides: tuple[int, int], fault: Columns) -> Array:
    return {
        "columns": lambda: rows.T,
        "rows": lambda: rows,
        "reshaped": lambda: rows.reshape(rows.shape[1], rows.shape[0]),
        "flat": lambda: rows.ravel(),
        "with-positions": lambda: rows.T.reshape(rows.shape[1], *sides),
        "with-window": lambda: rows.T.reshape(f, f, -1, rows.shape[0]),
        "reversed": lambda: rows[::-1].T,
    }[fault.layout]()


# --------------------------------------------------------------------------------- conv_as_matmul


@dataclass(frozen=True)
class Matmul:
    """What the student believes of a layer as one product."""

    columns: Columns = field(default_factory=Columns)
    step: str = "one"  # "f": the stride that im2col gets
    filters: str = "right"  # see _rows_of_filters
    kernel: str = "as-is"  # "half-turn", "transposed", "rows-flipped", "columns-flipped", "channels-flipped"
    which: str = "all"  # "first", "last", "reversed", "summed", "mean"
    result: str = "right"  # see _result
    finish: str = ""  # "relu", "truncated", "rounded", "mean", "mean-of-channels", "like-X"
    returns: str = "Z"  # "nothing", "with-columns", "list"


def _rows_of_filters(W: Array, fault: Matmul) -> Array:
    """W_row (n_C_out, f * f * n_C), or something of that shape."""
    n_C_out = W.shape[3]
    return {
        "right": lambda: W.reshape(-1, n_C_out).T,
        "reshaped": lambda: W.reshape(n_C_out, -1),
        "turned-over": lambda: W.T.reshape(n_C_out, -1),
        "channels-first": lambda: W.transpose(3, 2, 0, 1).reshape(n_C_out, -1),
        "columns-first": lambda: W.transpose(3, 1, 0, 2).reshape(n_C_out, -1),
        "moved-axes": lambda: np.swapaxes(W, 0, 3).reshape(n_C_out, -1),
        "not-turned": lambda: W.reshape(-1, n_C_out),
    }[fault.filters]()


def _kernels(W: Array, fault: Matmul) -> Array:
    W = {
        "as-is": lambda: W,
        "half-turn": lambda: W[::-1, ::-1],
        "all-flipped": lambda: W[::-1, ::-1, ::-1],
        "transposed": lambda: W.swapaxes(0, 1),
        "rows-flipped": lambda: W[::-1],
        "columns-flipped": lambda: W[:, ::-1],
        "channels-flipped": lambda: W[:, :, ::-1],
    }[fault.kernel]()
    n_C_out = W.shape[3]
    return {
        "all": lambda: W,
        "first": lambda: W[..., [0] * n_C_out],
        "last": lambda: W[..., [-1] * n_C_out],
        "only-first": lambda: W[..., :1],
        "reversed": lambda: W[..., ::-1],
        "summed": lambda: np.repeat(W.sum(axis=3, keepdims=True), n_C_out, axis=3),
        "summed-to-one": lambda: W.sum(axis=3, keepdims=True),
    }[fault.which]()


def layer(X: Array, W: Array, fault: Matmul) -> Any:
    """conv_as_matmul by somebody with this belief; raises what NumPy would raise."""
    f = W.shape[0]
    W = _kernels(W, fault)
    X_col = columns_of(X, f, f if fault.step == "f" else 1, fault.columns)
    W_row = _rows_of_filters(W, fault)
    Z = np.dot(W_row, X_col)
    n_H, n_W = X.shape[0] - f + 1, X.shape[1] - f + 1
    if fault.step == "f":
        n_H, n_W = (X.shape[0] - f) // f + 1, (X.shape[1] - f) // f + 1
    Z = _finish(_result(Z, n_H, n_W, fault), X, W, fault)
    if fault.returns == "nothing":
        return None
    if fault.returns == "with-columns":
        return Z, X_col
    return Z.tolist() if fault.returns == "list" else Z


def _result(Z: Array, n_H: int, n_W: int, fault: Matmul) -> Array:
    """Z (n_C_out, number of windows) as the student gives it back."""
    n_C_out = Z.shape[0]
    return {
        "right": lambda: Z.T.reshape(n_H, n_W, n_C_out),
        "reshaped": lambda: Z.reshape(n_H, n_W, n_C_out),
        "channels-first": lambda: Z.reshape(n_C_out, n_H, n_W),
        "width-first": lambda: Z.T.reshape(n_W, n_H, n_C_out),
        "columns-first": lambda: Z.T.reshape(n_W, n_H, n_C_out).swapaxes(0, 1),
        "transposed": lambda: Z.T.reshape(n_H, n_W, n_C_out).swapaxes(0, 1),
        "turned-over": lambda: Z.reshape(n_C_out, n_H, n_W).T,
        "flat": lambda: Z,
        "flat-turned": lambda: Z.T,
        "squeezed": lambda: np.squeeze(Z.T.reshape(n_H, n_W, n_C_out)),
        "square": lambda: Z.T.reshape(n_H, n_H, n_C_out),
        "with-batch": lambda: Z.T.reshape(1, n_H, n_W, n_C_out),
        "summed": lambda: Z.sum(axis=0).reshape(n_H, n_W),
        "reversed": lambda: Z[::-1].T.reshape(n_H, n_W, n_C_out),
    }[fault.result]()


def _finish(Z: Array, X: Array, W: Array, fault: Matmul) -> Array:
    if fault.finish == "relu":
        return np.maximum(Z, 0)
    if fault.finish == "truncated":
        return np.trunc(Z)
    if fault.finish == "like-X":
        return Z.astype(X.dtype)
    if fault.finish == "rounded":
        return np.round(Z)
    if fault.finish == "mean":
        return Z / (W.shape[0] * W.shape[1] * W.shape[2])
    if fault.finish == "mean-of-channels":
        return Z / W.shape[2]
    return Z
