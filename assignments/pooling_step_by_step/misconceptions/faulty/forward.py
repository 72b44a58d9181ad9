"""pool_forward as it comes out under one wrong belief (or several): every switch is one belief."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .windows import Loops, Walk

Array = Any

#: n_H from n_H_prev, f, stride
SIZES: dict[str, Callable[[int, int, int], Any]] = {
    "right": lambda n, f, s: (n - f) // s + 1,
    "no-plus-one": lambda n, f, s: (n - f) // s,
    "range-without-plus-one": lambda n, f, s: math.ceil((n - f) / s),  # len(range(0, n - f, s))
    "ceil": lambda n, f, s: math.ceil((n - f) / s) + 1,
    "round": lambda n, f, s: round((n - f) / s) + 1,
    "round-half-up": lambda n, f, s: int((n - f) / s + 0.5) + 1,
    "plus-one-inside": lambda n, f, s: (n - f + 1) // s,
    "no-stride": lambda n, f, s: n - f + 1,
    "stride-under-f": lambda n, f, s: int(n - f / s + 1),
    "stride-under-f-floor": lambda n, f, s: n - f // s + 1,
    "over-f": lambda n, f, s: n // f,
    "over-stride": lambda n, f, s: n // s,
    "over-stride-ceil": lambda n, f, s: -(-n // s),
    "same": lambda n, f, s: n,
    "pad-1": lambda n, f, s: (n - f + 2) // s + 1,
    "float": lambda n, f, s: (n - f) / s + 1,
}

#: What is made of a window (rows, columns, channels) in mode "max": one number a channel.
MAXIMA: dict[str, Callable[[Array], Array]] = {
    "right": lambda x: x.max(axis=(0, 1)),
    "magnitude": lambda x: np.abs(x).max(axis=(0, 1)),
    "from-zero": lambda x: np.maximum(x.max(axis=(0, 1), initial=0), 0),
    "position": lambda x: x.reshape(-1, x.shape[2]).argmax(axis=0),
    "minimum": lambda x: x.min(axis=(0, 1)),
    "first-pixel": lambda x: x[0, 0],
    "last-pixel": lambda x: x[-1, -1],
    "first-row": lambda x: x[0].max(axis=0),
    "first-column": lambda x: x[:, 0].max(axis=0),
}


def _mean(x: Array) -> Array:
    """The mean over rows and columns; not a number for an empty window, as np.mean has it."""
    return x.sum(axis=(0, 1)) / np.float64(x.shape[0] * x.shape[1])


def _median(x: Array) -> Array:
    """The median over rows and columns; np.median of an empty window would warn as well."""
    return np.median(x, axis=(0, 1)) if x.size else np.full(x.shape[2], np.nan)


#: What is divided by what in mode "average": (window, f, stride, A_prev.shape, A.shape) -> (channels,).
MEANS: dict[str, Callable[[Array, int, int, Any, Any], Array]] = {
    "right": lambda x, f, s, P, Z: _mean(x),
    "sum": lambda x, f, s, P, Z: x.sum(axis=(0, 1)),
    "by-f": lambda x, f, s, P, Z: x.sum(axis=(0, 1)) / f,
    "by-f-and-f": lambda x, f, s, P, Z: x.sum(axis=(0, 1)) / (f + f),
    "by-f-squared": lambda x, f, s, P, Z: x.sum(axis=(0, 1)) / (f * f),
    "by-4": lambda x, f, s, P, Z: x.sum(axis=(0, 1)) / 4,
    "by-channels-too": lambda x, f, s, P, Z: x.sum(axis=(0, 1)) / (f * f * P[3]),
    "by-stride": lambda x, f, s, P, Z: x.sum(axis=(0, 1)) / (s * s),
    "by-image": lambda x, f, s, P, Z: x.sum(axis=(0, 1)) / (P[1] * P[2]),
    "by-output": lambda x, f, s, P, Z: x.sum(axis=(0, 1)) / (Z[1] * Z[2]),
    "by-images-too": lambda x, f, s, P, Z: _mean(x) / P[0],
    "twice": lambda x, f, s, P, Z: _mean(x) / (f * f),
    "floored": lambda x, f, s, P, Z: x.sum(axis=(0, 1)) // (f * f),
    "not-zero": lambda x, f, s, P, Z: x.sum(axis=(0, 1)) / np.count_nonzero(x, axis=(0, 1)),
    "magnitude": lambda x, f, s, P, Z: _mean(np.abs(x)),
    "median": lambda x, f, s, P, Z: _median(x),
    "half-way": lambda x, f, s, P, Z: (x.max(axis=(0, 1)) + x.min(axis=(0, 1))) / 2,
}


@dataclass(frozen=True)
class Forward:
    """What the student believes of pooling."""

    walk: Walk = field(default_factory=Walk)
    size: str = "right"  # a key of SIZES
    loop_size: str = ""  # a key of SIZES, where the loops do not go by the size of A
    size_from: str = "own"  # "swapped", "height", "width": which side of the image gives which side of A
    A_axes: str = "own"  # "swapped": np.zeros((m, n_W, n_H, n_C))
    image: str = "own"  # "first", "last", "second", "all"
    channels: str = "own"  # "first", "last", "all"
    maximum: str = "right"  # a key of MAXIMA
    mean: str = "right"  # a key of MEANS
    mode: str = "own"  # see chosen()
    carried: str = ""  # "max", "average", "both": a result that is never reset
    store: str = "own"  # "swapped", "first-image", "every-channel", "first-channel", "at-window"
    finish: str = ""  # "per-image", "rounded", "truncated", "like-A", "relu"
    form: str = "array"  # "squeezed", "channels-first", "width-first", "one-image"
    cache: str = "right"
    returns: str = "both"  # "A", "cache-first", "nothing"


def chosen(mode: str, belief: str) -> str:
    """The pooling that is done when ``mode`` is asked for; "" for none at all."""
    if belief == "always-max":
        return "max"
    if belief == "always-average":
        return "average"
    if belief == "swapped":
        return {"max": "average", "average": "max"}[mode]
    name, _, otherwise = belief.partition("/")
    if {"avg-only": "average", "other-max": "max"}.get(name) == mode:
        if otherwise == "unbound":
            raise UnboundLocalError("cannot access local variable where it is not associated with a value")
        if otherwise == "refused":
            raise ValueError(mode)
        return ""
    return mode


def pool_forward(A_prev: Array, hparameters: dict[str, int], mode: str, fault: Forward) -> Any:
    """(A, cache), or what this fault makes of it; raises what the student's loops would raise."""
    f, stride = fault.walk.read(hparameters)
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = _sides(n_H_prev, n_W_prev, f, stride, fault.size, fault.size_from)
    sides = (n_W, n_H) if fault.A_axes == "swapped" else (n_H, n_W)
    A = np.zeros((m, *sides, n_C), dtype=A_prev.dtype if fault.finish == "like-A" else float)
    if fault.loop_size:
        n_H, n_W = _sides(n_H_prev, n_W_prev, f, stride, fault.loop_size, fault.size_from)
    loops = fault.walk.loop(m, n_H, n_W, n_C, stride)
    if loops.channels:
        _fill(A, A_prev, loops, f, stride, chosen(mode, fault.mode), fault)
    return _give(_form(_finish(A, m, fault), fault), A_prev, hparameters, mode, fault)


def _sides(n_H_prev: int, n_W_prev: int, f: int, stride: int, size: str, size_from: str) -> tuple[Any, Any]:
    """(n_H, n_W) as the student computes them."""
    n_H, n_W = SIZES[size](n_H_prev, f, stride), SIZES[size](n_W_prev, f, stride)
    return {"own": (n_H, n_W), "swapped": (n_W, n_H), "height": (n_H, n_H), "width": (n_W, n_W)}[size_from]


def _fill(A: Array, A_prev: Array, loops: Loops, f: int, stride: int, how: str, fault: Forward) -> None:
    carried = None
    for i, h, w in loops.positions():
        rows, columns = fault.walk.window(h, w, f, stride)
        numbers = _summary(_pixels(A_prev, i, rows, columns, fault), how, f, stride, A_prev, A, fault)
        if numbers is None:
            continue
        if fault.carried in (how, "both"):
            numbers, carried = _carry(numbers, carried, how)
        _store(A, numbers, (i, h, w), (rows.start or 0, columns.start or 0), loops.channels, fault)


def _pixels(A_prev: Array, i: int, rows: slice, columns: slice, fault: Forward) -> Array:
    """The window (rows, columns, n_C) that the student looks at."""
    if fault.image == "all":  # the images of a batch side by side in one window
        x = A_prev[:, rows, columns]
        x = x.transpose(1, 0, 2, 3).reshape(x.shape[1], -1, x.shape[3])
    else:
        if fault.image == "second" and len(A_prev) < 2:
            raise IndexError("index 1 is out of bounds for axis 0 with size 1")
        x = A_prev[{"own": i, "first": 0, "last": -1, "second": 1}[fault.image], rows, columns]
    n_C = x.shape[2]
    if fault.channels == "first":
        return x[..., [0] * n_C]
    if fault.channels == "last":
        return x[..., [-1] * n_C]
    if fault.channels == "all":
        return np.repeat(x.reshape(x.shape[0], -1, 1), n_C, axis=2)
    return x


def _summary(
    x: Array, how: str, f: int, stride: int, A_prev: Array, A: Array, fault: Forward
) -> Array | None:
    if how == "max":
        return MAXIMA[fault.maximum](x)
    if how == "average":
        return MEANS[fault.mean](x, f, stride, A_prev.shape, A.shape)
    return None


def _carry(numbers: Array, carried: Array | None, how: str) -> tuple[Array, Array]:
    """A maximum or a sum that goes on from window to window, in the order of the loops (c innermost)."""
    merge = np.maximum if how == "max" else np.add
    start = numbers if carried is None else np.concatenate(([carried], numbers))
    running = merge.accumulate(start)
    return running[-len(numbers) :], running[-1]


def _store(
    A: Array,
    numbers: Array,
    position: tuple[int, int, int],
    corner: tuple[int, int],
    cs: range,
    fault: Forward,
) -> None:
    """Put the numbers where the student puts them; raises IndexError where there is no such place."""
    i, h, w = position
    if fault.store == "swapped":
        h, w = w, h
    elif fault.store == "first-image":
        i = 0
    elif fault.store == "at-window":
        h, w = corner
    if fault.store == "every-channel":
        A[i, h, w, :] = numbers[cs[-1]]
    elif fault.store == "first-channel":
        A[i, h, w, 0] = numbers[cs[-1]]
    else:
        A[i, h, w, cs.start : cs.stop] = numbers[cs.start : cs.stop]


def _finish(A: Array, m: int, fault: Forward) -> Array:
    if fault.finish == "per-image":
        return A / m
    if fault.finish == "rounded":
        return np.round(A)
    if fault.finish == "truncated":
        return np.trunc(A)
    if fault.finish == "relu":
        return np.maximum(A, 0)
    return A


def _form(A: Array, fault: Forward) -> Array:
    if fault.form == "squeezed":
        return np.squeeze(A)
    if fault.form == "channels-first":
        return A.transpose(0, 3, 1, 2)
    if fault.form == "width-first":
        return A.transpose(0, 2, 1, 3)
    if fault.form == "one-image":
        return A[0]
    return A


def _give(A: Array, A_prev: Array, hparameters: dict[str, int], mode: str, fault: Forward) -> Any:
    cache = {
        "right": (A_prev, hparameters),
        "A": (A, hparameters),
        "reversed": (hparameters, A_prev),
        "only-A_prev": (A_prev,),
        "A_prev-itself": A_prev,
        "numbers": (A_prev, hparameters["f"], hparameters["stride"]),
        "mode-first": (mode, A_prev, hparameters),
        "hparameters": hparameters,
        "nothing": None,
        "empty": (),
        "dictionary": {"A_prev": A_prev, "hparameters": hparameters},
    }[fault.cache]
    if fault.returns == "nothing":
        return None
    if fault.returns == "A":
        return A
    return (cache, A) if fault.returns == "cache-first" else (A, cache)
