"""pool_backward as it comes out under one wrong belief (or several): every switch is one belief."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .forward import chosen
from .windows import Walk

Array = Any


def _mask(x: Array) -> Array:
    """True at the largest number of each channel (of all images, where x holds those of a whole batch)."""
    return x == x.max(axis=tuple(range(x.ndim - 1)), keepdims=True)


#: What goes back into a window x (rows, columns, channels) in mode "max" for the numbers dz (channels,).
WINNERS: dict[str, Callable[[Array, Array], Array]] = {
    "right": lambda x, dz: _mask(x) * dz,
    "times-value": lambda x, dz: _mask(x) * x.max(axis=(0, 1)) * dz,
    "times-window": lambda x, dz: x * dz,
    "mask-alone": lambda x, dz: _mask(x) * np.ones(dz.shape),
    "value-alone": lambda x, dz: _mask(x) * x,
    "everybody": lambda x, dz: np.ones(x.shape) * dz,
    "minimum": lambda x, dz: (x == x.min(axis=(0, 1), keepdims=True)) * dz,
    "magnitude": lambda x, dz: _mask(np.abs(x)) * dz,
    "losers": lambda x, dz: ~_mask(x) * dz,
    "of-all-channels": lambda x, dz: (x == x.max()) * dz.sum(),
    "first-channel": lambda x, dz: _mask(x[..., :1]) * dz,
}

#: What goes back into every pixel in mode "average": (dz, f, stride, A_prev.shape, dA.shape) -> (channels,).
SHARES: dict[str, Callable[[Array, int, int, Any, Any], Array]] = {
    "right": lambda dz, f, s, P, Z: dz / (f * f),
    "whole": lambda dz, f, s, P, Z: dz,
    "by-f": lambda dz, f, s, P, Z: dz / f,
    "by-f-and-f": lambda dz, f, s, P, Z: dz / (f + f),
    "by-4": lambda dz, f, s, P, Z: dz / 4,
    "twice": lambda dz, f, s, P, Z: dz / (f * f) / (f * f),
    "multiplied": lambda dz, f, s, P, Z: dz * (f * f),
    "by-stride": lambda dz, f, s, P, Z: dz / (s * s),
    "by-image": lambda dz, f, s, P, Z: dz / (P[1] * P[2]),
    "by-output": lambda dz, f, s, P, Z: dz / (Z[1] * Z[2]),
    "by-channels-too": lambda dz, f, s, P, Z: dz / (f * f * P[3]),
    "without-dz": lambda dz, f, s, P, Z: np.ones(dz.shape) / (f * f),
    "truncated": lambda dz, f, s, P, Z: np.trunc(dz / (f * f)),
    "floored": lambda dz, f, s, P, Z: dz // (f * f),
}


@dataclass(frozen=True)
class Backward:
    """What the student believes of the backward step of pooling."""

    walk: Walk = field(default_factory=Walk)
    loops_over: str = "dA"  # "A_prev": the loops run over the pixels of the image
    mode: str = "own"  # see forward.chosen()
    image: str = "own"  # "first", "last", "all", "gradient" (dA_prev itself): what is looked at
    entry: str = "own"  # which number of dA goes back, see _entry()
    entry_in: str = "both"  # "max", "average": the only mode in which that is so
    winner: str = "right"  # a key of WINNERS
    share: str = "right"  # a key of SHARES
    share_as: str = "window"  # "number": added to whatever the slice holds; "2x2": an array of that size
    place: str = "own"  # "corner", "every-channel", "first-channel", "first-image", "swapped"
    place_in: str = "both"
    update: str = "add"  # "set", "largest"
    update_in: str = "both"
    reset: str = ""  # "image", "row", "column": zeros again in every turn of that loop
    start: str = "zeros"  # "ones", "copy"
    finish: str = ""  # "per-image", "rounded", "truncated", "per-window"
    like_A: bool = False  # the array that collects has the type of A_prev
    form: str = "array"  # "squeezed", "width-first", "channels-first"
    returns: str = "dA_prev"  # "nothing", "with-cache", "dA", "A_prev", "first-image"


def pool_backward(dA: Array, cache: Any, mode: str, fault: Backward) -> Any:
    """dA_prev, or what this fault makes of it; raises what the student's loops would raise."""
    A_prev, hparameters = cache
    f, stride = fault.walk.read(hparameters)
    m, n_H, n_W, n_C = A_prev.shape if fault.loops_over == "A_prev" else dA.shape
    dA_prev = _start(A_prev, fault)
    how = chosen(mode, fault.mode)
    loops = fault.walk.loop(m, n_H, n_W, n_C, stride)
    cs = slice(loops.channels.start, loops.channels.stop)
    for i, h, w in loops.positions() if loops.channels else ():
        if _starts_again(h, w, fault.reset):
            dA_prev[...] = 0
        rows, columns = fault.walk.window(h, w, f, stride)
        if how == "max":
            x = _pixels(A_prev, dA_prev, i, rows, columns, fault)
            if x.size == 0:
                raise ValueError("zero-size array to reduction operation maximum which has no identity")
            back = WINNERS[fault.winner](x, _entry(dA, i, h, w, how, fault))
        elif how == "average":
            dz = _entry(dA, i, h, w, how, fault)
            share = SHARES[fault.share](dz, f, stride, A_prev.shape, dA.shape)
            side = 2 if fault.share_as == "2x2" else f
            back = share if fault.share_as == "number" else np.ones((side, side, 1)) * share
        else:
            continue
        _put(dA_prev, back[..., cs], (i, rows, columns, cs), f, how, fault)
    return _give(_finish(dA_prev, m, f, fault), dA, cache, fault)


def _starts_again(h: int, w: int, reset: str) -> bool:
    """Whether a loop that empties dA_prev begins anew at this position."""
    return reset == "column" or (reset == "row" and w == 0) or (reset == "image" and h == w == 0)


def _start(A_prev: Array, fault: Backward) -> Array:
    kind = A_prev.dtype if fault.like_A else float
    if fault.start == "copy":
        return A_prev.astype(kind)
    return np.ones(A_prev.shape, dtype=kind) if fault.start == "ones" else np.zeros(A_prev.shape, dtype=kind)


def _pixels(A_prev: Array, dA_prev: Array, i: int, rows: slice, columns: slice, fault: Backward) -> Array:
    """The window (rows, columns, n_C) that the student looks at, or that of every image."""
    if fault.image == "all":
        return A_prev[:, rows, columns]
    if fault.image == "gradient":
        return dA_prev[i, rows, columns]
    return A_prev[{"own": i, "first": 0, "last": -1}[fault.image], rows, columns]


def _entry(dA: Array, i: int, h: int, w: int, how: str, fault: Backward) -> Array:
    """The numbers (n_C,) that go back from (i, h, w)."""
    if fault.entry == "own" or fault.entry_in not in (how, "both"):
        return dA[i, h, w]
    n_C = dA.shape[3]
    return {
        "swapped": lambda: dA[i, w, h],
        "first-channel": lambda: dA[i, h, w, [0] * n_C],
        "last-channel": lambda: dA[i, h, w, [-1] * n_C],
        "reversed-channels": lambda: dA[i, h, w, ::-1],
        "sum-of-channels": lambda: np.full(n_C, dA[i, h, w].sum()),
        "first-image": lambda: dA[0, h, w],
        "first-position": lambda: dA[i, 0, 0],
        "mean-of-map": lambda: dA[i].mean(axis=(0, 1)),
        "sum-of-map": lambda: dA[i].sum(axis=(0, 1)),
        "mean-of-all": lambda: np.full(n_C, dA.mean()),
        "sum-of-all": lambda: np.full(n_C, dA.sum()),
        "mean-of-image": lambda: np.full(n_C, dA[i].mean()),
        "sum-of-images": lambda: dA[:, h, w].sum(axis=0),
        "one": lambda: np.ones(n_C),
        "squared": lambda: dA[i, h, w] ** 2,
    }[fault.entry]()


def _put(
    dA_prev: Array, back: Array, at: tuple[int, slice, slice, slice], f: int, how: str, fault: Backward
) -> None:
    """Add (or whatever the student does) what goes back. Raises ValueError where shapes do not fit."""
    i, rows, columns, cs = at
    if fault.place_in in (how, "both"):
        if fault.place == "corner":
            rows, columns = slice(0, f), slice(0, f)
        elif fault.place == "swapped":
            rows, columns = columns, rows
        elif fault.place == "first-image":
            i = 0
        elif fault.place == "every-channel":
            cs, back = slice(None), back.sum(axis=-1, keepdims=True)
        elif fault.place == "first-channel":
            cs, back = slice(0, 1), back.sum(axis=-1, keepdims=True)
    window = dA_prev[:, rows, columns, cs] if fault.image == "all" else dA_prev[i, rows, columns, cs]
    update = fault.update if fault.update_in in (how, "both") else "add"
    try:
        _update(window, back, update)
    except ValueError:  # students have one channel at a time: let NumPy say it of that
        _update(np.zeros(window.shape[-3:-1]), np.zeros(back.shape[-3:-1]), update)
        raise


def _update(window: Array, back: Array, update: str) -> None:
    """Raises ValueError where NumPy refuses."""
    if update == "set":
        window[...] = back
    elif update == "largest":
        window[...] = np.maximum(window, back)
    else:
        window += back


def _finish(dA_prev: Array, m: int, f: int, fault: Backward) -> Array:
    if fault.finish == "per-image":
        dA_prev = dA_prev / m
    elif fault.finish == "per-window":
        dA_prev = dA_prev / (f * f)
    elif fault.finish == "rounded":
        dA_prev = np.round(dA_prev)
    elif fault.finish == "truncated":
        dA_prev = np.trunc(dA_prev)
    if fault.form == "squeezed":
        return np.squeeze(dA_prev)
    if fault.form == "width-first":
        return dA_prev.transpose(0, 2, 1, 3)
    if fault.form == "channels-first":
        return dA_prev.transpose(0, 3, 1, 2)
    return dA_prev


def _give(dA_prev: Array, dA: Array, cache: Any, fault: Backward) -> Any:
    return {
        "dA_prev": dA_prev,
        "nothing": None,
        "with-cache": (dA_prev, cache),
        "dA": dA,
        "A_prev": cache[0],
        "first-image": dA_prev[0],
    }[fault.returns]
