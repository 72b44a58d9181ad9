"""One window meets one filter: the products, their sum and the bias, as students get them wrong.

Nearly all these faults are still linear in the window. So the faulty filter is worked out once, and then
every window meets it in one matrix product: that is what makes a hundred faults cheap to try.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

#: What the student does to a filter W (f, f, n_C_prev, n_C) before it meets the window.
KERNELS: dict[str, Callable[[Any], Any]] = {
    "as-is": lambda W: W,
    "half-turn": lambda W: W[::-1, ::-1],
    "rows-flipped": lambda W: W[::-1],
    "columns-flipped": lambda W: W[:, ::-1],
    "channels-flipped": lambda W: W[:, :, ::-1],
    "all-flipped": lambda W: W[::-1, ::-1, ::-1],
    "transposed": lambda W: W.swapaxes(0, 1),
    "anti-transposed": lambda W: W.swapaxes(0, 1)[::-1, ::-1],
    "quarter-turn": lambda W: np.rot90(W),
    "three-quarter-turn": lambda W: np.rot90(W, 3),
}


def _same(vector: Any, like: Any) -> Any:
    return np.broadcast_to(vector, like.shape)


def _only(W: Any, channel: int) -> Any:
    masked = np.zeros(W.shape)
    masked[:, :, channel] = W[:, :, channel]
    return masked


def _without(W: Any, rows: slice, columns: slice, channels: slice = slice(None)) -> Any:
    masked = np.zeros(W.shape)
    masked[rows, columns, channels] = W[rows, columns, channels]
    return masked


#: ``range(f - 1)`` and ``range(1, f)``.
_NOT_LAST, _NOT_FIRST, _ALL = slice(None, -1), slice(1, None), slice(None)

#: What multiplying "another way" and adding everything up amounts to: the filter T for which that is
#: sum(window * T). Axes of T are row i, column j, channel k; the comment gives the student's sum.
PRODUCTS: dict[str, Callable[[Any], Any]] = {
    "element-wise": lambda W: W,
    # np.dot(a, W): sum over i, j, y, x of a[i, j, k] W[y, k, x]
    "dot": lambda W: _same(W.sum(axis=(0, 2))[None, None], W),
    # np.dot(W, a): sum over y, x of W[y, x, j] a[i, j, k]
    "dot-filter-first": lambda W: _same(W.sum(axis=(0, 1))[None, :, None], W),
    # a @ W, a stack of products: sum over x of a[i, j, k] W[i, k, x]
    "matmul": lambda W: _same(W.sum(axis=2)[:, None], W),
    # W @ a: sum over y of W[i, y, j] a[i, j, k]
    "matmul-filter-first": lambda W: _same(W.sum(axis=1)[:, :, None], W),
    # np.tensordot(a, W): sum over x of a[i, j, k] W[j, k, x]
    "tensordot": lambda W: _same(W.sum(axis=2)[None], W),
    # a[:, :, k] @ W[:, :, k]: sum over x of a[i, j, k] W[j, x, k]
    "dot-per-channel": lambda W: _same(W.sum(axis=1)[None], W),
    # W[:, :, k] @ a[:, :, k]: sum over y of W[y, i, k] a[i, j, k]
    "dot-per-channel-filter-first": lambda W: _same(W.sum(axis=0)[:, None], W),
    # trace(a[:, :, k] @ W[:, :, k]): a[i, j, k] W[j, i, k]
    "trace": lambda W: W.swapaxes(0, 1),
    # np.inner(a, W): a[i, j, k] W[y, x, k]
    "inner": lambda W: _same(W.sum(axis=(0, 1))[None, None], W),
    "sums-multiplied": lambda W: _same(W.sum(axis=(0, 1, 2)), W),
    "sums-multiplied-per-channel": lambda W: _same(W.sum(axis=(0, 1))[None, None], W),
    "nothing": lambda W: np.zeros(W.shape),
    "first-channel": lambda W: _only(W, 0),
    "last-channel": lambda W: _only(W, -1),
    "not-last-row": lambda W: _without(W, _NOT_LAST, _ALL),
    "not-last-column": lambda W: _without(W, _ALL, _NOT_LAST),
    "not-last-row-or-column": lambda W: _without(W, _NOT_LAST, _NOT_LAST),
    "not-last-channel": lambda W: _without(W, _ALL, _ALL, _NOT_LAST),
    "not-first-row": lambda W: _without(W, _NOT_FIRST, _ALL),
    "not-first-column": lambda W: _without(W, _ALL, _NOT_FIRST),
    "not-first-row-or-column": lambda W: _without(W, _NOT_FIRST, _NOT_FIRST),
    "not-first-channel": lambda W: _without(W, _ALL, _ALL, _NOT_FIRST),
}

#: These raise unless the last axis of one array is as long as the filter is wide.
NEEDS_SQUARE = frozenset(("dot", "dot-filter-first", "matmul", "matmul-filter-first", "tensordot"))

#: How many numbers are added up for one answer, (f, n_C_prev) -> n: as often the bias is added if it
#: goes in before the sum.
ADDED_UP: dict[str, Callable[[int, int], int]] = {
    "dot": lambda f, k: f * f * f * k,
    "dot-filter-first": lambda f, k: f * f * f * k,
    "tensordot": lambda f, k: f * k,
    "inner": lambda f, k: f**4,
    "trace": lambda f, k: k,
    "first-channel": lambda f, k: f * f,
    "last-channel": lambda f, k: f * f,
    "sums-multiplied": lambda f, k: 1,
    "sums-multiplied-per-channel": lambda f, k: k,
}


@dataclass(frozen=True)
class Step:
    """What the student believes of the single step."""

    kernel: str = "as-is"
    product: str = "element-wise"  # a key of PRODUCTS, or "added"
    total: str = "sum"  # "mean", "mean-of-positions", "max", "none", "axis-0", ...
    bias: str = "once"
    activation: str = ""  # a key of FINISHES
    rounding: str = ""  # a key of FINISHES
    answer: str = ""  # "nothing": no return statement


def meets(windows: Any, T: Any, bias: Any, fault: Step) -> Any:
    """windows (..., f, f, n_C_prev) against T (f, f, n_C_prev, n_C), bias (..., n_C): answers (..., n_C).

    Raises ValueError where NumPy would refuse to multiply.
    """
    f, g, k, n_C = T.shape
    if fault.product in NEEDS_SQUARE and k != f:
        raise ValueError(f"shapes ({f},{f},{k}) and ({f},{f},{k}) not aligned: {k} (dim 2) != {f} (dim 1)")
    T = KERNELS[fault.kernel](T)
    if fault.product == "added":
        total = windows.sum(axis=(-3, -2, -1))[..., None] + T.sum(axis=(0, 1, 2))
    elif fault.total == "max":
        total = (windows[..., None] * T).max(axis=(-4, -3, -2))
    else:
        T = PRODUCTS[fault.product](T)
        total = windows.reshape(-1, f * g * k) @ T.reshape(f * g * k, n_C)
        total = total.reshape(*windows.shape[:-3], n_C)
    count = ADDED_UP.get(fault.product, lambda f, k: f * f * k)(f, k)
    if fault.total == "mean":
        total, count = total / count, 1
    elif fault.total == "mean-of-positions":
        total, count = total / (f * f), k
    elif fault.total == "max":
        count = 1
    total = with_bias(total, bias, fault.bias, f, k, count)
    for finish in (fault.activation, fault.rounding):
        total = FINISHES[finish](total) if finish else total
    return total


def with_bias(total: Any, bias: Any, how: str, f: int, k: int, count: int) -> Any:
    """The total and the bias, put together as the student would; ``count`` numbers were added up."""
    if how == "once":
        return total + bias
    if how == "multiplied":
        return total * bias
    if how == "truncated":
        return total + np.trunc(bias)
    times = {
        "before-sum": count,
        "per-channel": k,
        "per-pixel": f * f,
        "per-row": f,
        "missing": 0,
        "subtracted": -1,
        "twice": 2,
    }[how]
    return total + times * bias


#: What is done to an answer that should have been left alone.
FINISHES: dict[str, Callable[[Any], Any]] = {
    "relu": lambda Z: np.maximum(Z, 0),
    "sigmoid": lambda Z: 0.5 * (1 + np.tanh(0.5 * Z)),  # as 1 / (1 + exp(-Z)), without its overflow
    "tanh": np.tanh,
    "rounded": np.round,
    "truncated": np.trunc,
    "absolute": np.abs,
    "zeros": np.zeros_like,
}


#: ``total`` of a step that leaves more than one number: the axes that np.sum was given.
PARTIAL = {
    "none": (),
    "axis-0": (0,),
    "axis-1": (1,),
    "axis-2": (2,),
    "positions": (0, 1),
    "rows-channels": (0, 2),
    "columns-channels": (1, 2),
}


def conv_single_step(a_slice_prev: Any, W: Any, b: Any, fault: Step) -> Any:
    """The single step itself: a number, or the array that is left when not everything is added up."""
    if fault.answer == "nothing":
        return None
    how = fault.total.removesuffix("/float-bias")
    if how in PARTIAL:
        bias = b.item() if how != fault.total else b
        if fault.product == "matrix":
            products = np.dot(a_slice_prev, W)
        else:
            products = a_slice_prev * KERNELS[fault.kernel](W)
        return with_bias(products.sum(axis=PARTIAL[how]), bias, fault.bias, *W.shape[1:], 1)
    return float(meets(a_slice_prev, W[..., None], b.reshape(-1)[:1], fault)[0])
