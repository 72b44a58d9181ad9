"""conv_forward as it comes out under one wrong belief (or several): every switch is one belief.

All windows are gathered at once and meet the faulty filters in one product. What Python's loops would do
on the way (refuse a window, run over the end of Z) is worked out from positions, in the loops' order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .step import FINISHES, Step, meets
from .windows import Span, Walk, first_bad, gather, out_of_bounds, padded, positions, refused, spans

#: n_H from n_H_prev, f, pad, stride
SIZES: dict[str, Callable[[int, int, int, int], Any]] = {
    "right": lambda n, f, p, s: (n - f + 2 * p) // s + 1,
    "no-plus-one": lambda n, f, p, s: (n - f + 2 * p) // s,
    "plus-two": lambda n, f, p, s: (n - f + 2 * p) // s + 2,
    "ceil": lambda n, f, p, s: -((f - n - 2 * p) // s) + 1,
    "round": lambda n, f, p, s: round((n - f + 2 * p) / s) + 1,
    "round-with-plus-one": lambda n, f, p, s: round((n - f + 2 * p) / s + 1),
    "ceil-without-plus-one": lambda n, f, p, s: -((f - n - 2 * p) // s),
    "round-half-up": lambda n, f, p, s: int((n - f + 2 * p) / s + 0.5) + 1,
    "plus-one-inside": lambda n, f, p, s: (n - f + 2 * p + 1) // s,
    "one-pad": lambda n, f, p, s: (n - f + p) // s + 1,
    "no-pad": lambda n, f, p, s: (n - f) // s + 1,
    "minus-pad": lambda n, f, p, s: (n - f - 2 * p) // s + 1,
    "pad-of-padded": lambda n, f, p, s: (n - f + 4 * p) // s + 1,
    "pad-1": lambda n, f, p, s: (n - f + 2) // s + 1,
    "no-stride": lambda n, f, p, s: n - f + 2 * p + 1,
    "stride-under-pad": lambda n, f, p, s: int(n - f + 2 * p / s + 1),
    "stride-under-pad-floor": lambda n, f, p, s: n - f + 2 * p // s + 1,
    "stride-before-pad": lambda n, f, p, s: (n - f) // s + 2 * p + 1,
    "stride-under-f-and-pad": lambda n, f, p, s: n - (f + 2 * p) // s + 1,
    "stride-under-minus-f": lambda n, f, p, s: int(n - (f - 2 * p) / s + 1),
    "same": lambda n, f, p, s: n,
    "same-over-stride": lambda n, f, p, s: -(-n // s),
    "no-f": lambda n, f, p, s: (n + 2 * p) // s + 1,
    "plus-f": lambda n, f, p, s: (n + f + 2 * p) // s + 1,
    "float": lambda n, f, p, s: (n - f + 2 * p) / s + 1,
}


@dataclass(frozen=True)
class Forward:
    """What the student believes of the forward step."""

    walk: Walk = field(default_factory=Walk)
    step: Step = field(default_factory=Step)
    size: str = "right"  # a key of SIZES
    size_of: str = "both"  # "Z" or "loops": only there ``size`` is wrong
    size_from: str = "own"  # "swapped", "height", "width": which side of the image gives which side of Z
    outputs: str = "filters"  # "input-channels"
    Z_axes: str = "own"  # "swapped": np.zeros((m, n_W, n_H, n_C))
    padding: str = "once"  # "skipped", "twice", a number, "transposed"
    border: str = "zero"  # "edge", "one", ...: the border that an own padding puts around
    image: str = "own"  # "first", "last", "second", "all", "none"
    channels: str = "all"  # "of-filter", "of-filter-spread", "of-filter-before"
    filters: str = "own"  # which filter meets the window, see _filters
    bias_of: str = "own"  # whose bias is added, see _biases
    store: str = "own"  # "swapped", "first-image", "last-image", "all-filters", "reversed", "first-filter"
    running: str = ""  # "all", "image", "row", "pixel": how long a sum is carried on; "/bias": with the bias
    activation: str = ""  # a key of FINISHES
    divided: str = ""  # "per-image"
    rounding: str = ""  # a key of FINISHES, or "like-A"
    form: str = "array"  # "squeezed", "channels-first", "width-first", "one-image"
    cache: str = "right"
    returns: str = "both"  # "Z", "cache-first", "nothing"


def conv_forward(A_prev: Any, W: Any, b: Any, hparameters: dict[str, int], fault: Forward) -> Any:
    """(Z, cache), or what this fault makes of it; raises what the student's loops would raise."""
    walk = fault.walk
    stride, pad = walk.read(hparameters)
    f = walk.filter_size(W)
    P = _pad(A_prev, pad, fault)
    n_H, n_W = _counts(A_prev, f, pad, stride, fault, fault.size if fault.size_of != "loops" else "right")
    sides = (n_W, n_H) if fault.Z_axes == "swapped" else (n_H, n_W)
    m, n_C = A_prev.shape[0], W.shape[3] if fault.outputs == "filters" else A_prev.shape[3]
    Z = np.zeros((m, *sides, n_C))  # raises TypeError for a float, ValueError for a negative size
    if fault.size_of != "both":
        n_H, n_W = _counts(A_prev, f, pad, stride, fault, fault.size if fault.size_of == "loops" else "right")
    images, hs, ws, cs = walk.loop(m, n_H, n_W, n_C, stride, f)
    if images and hs and ws and cs:
        rows, columns = spans(walk, (hs, ws), stride, pad, f, P.shape[1:3], W.shape[:2], walk.small)
        at = _places(hs, ws, fault)
        _check_positions(rows, columns, at, Z.shape, W, P.shape[:1] if fault.image == "all" else ())
        T = _channels(_filters(W, cs, images, fault), cs, fault)
        windows = _images(gather(P, rows, columns), images, fault)
        if windows.shape[3:5] != T.shape[:2]:
            T = np.broadcast_to(T, (*windows.shape[3:5], *T.shape[2:]))
        Z_hat = meets(windows, T, _biases(b, images, hs, ws, cs, fault), fault.step)
        if fault.image == "all" and fault.step.bias != "once":
            Z_hat = _batch_bias(windows, T, _biases(b, images, hs, ws, cs, fault), fault.step, len(P))
        if fault.running:
            Z_hat = _running(Z_hat, _biases(b, images, hs, ws, cs, fault), fault.running)
        _store(Z, Z_hat, images, at, cs, fault)
    return _give(_finish(Z, A_prev, fault), P, A_prev, W, b, hparameters, fault)


# ------------------------------------------------------------------------------------------- before the loops


def _pad(A_prev: Any, pad: int, fault: Forward) -> Any:
    if fault.padding == "skipped":
        return A_prev
    amount = {"twice": 2 * pad}.get(fault.padding, pad) if isinstance(fault.padding, str) else fault.padding
    if fault.border == "zero":
        return padded(A_prev, amount)
    width = (amount, amount)
    if fault.border == "one":
        return np.pad(A_prev, ((0, 0), width, width, (0, 0)), constant_values=1)
    return np.pad(A_prev, ((0, 0), width, width, (0, 0)), mode=fault.border)  # type: ignore[call-overload]


def _counts(
    A_prev: Any, f: int, pad: int, stride: int, fault: Forward, formula: str
) -> tuple[int, int]:
    """(n_H, n_W) as the student computes them."""
    if stride == 0:
        raise ZeroDivisionError("integer division or modulo by zero")
    _, n_H_prev, n_W_prev, _ = A_prev.shape
    size = SIZES[formula]
    n_H, n_W = size(n_H_prev, f, pad, stride), size(n_W_prev, f, pad, stride)
    sides = {"own": (n_H, n_W), "swapped": (n_W, n_H), "height": (n_H, n_H), "width": (n_W, n_W)}
    return sides[fault.size_from]


# ------------------------------------------------------------------------------------------- in the loops


def _places(hs: range, ws: range, fault: Forward) -> tuple[Any, Any]:
    """Where in Z the answer for (h, w) goes: two arrays (len(hs), len(ws))."""
    h, w = positions(hs, ws)
    return (w, h) if fault.store == "swapped" else (h, w)


def _check_positions(
    rows: Span, columns: Span, at: tuple[Any, Any], Z_shape: tuple[int, ...], W: Any, batch: tuple[int, ...]
) -> None:
    """Raise what the first bad position in the order of the loops raises."""
    fits = rows.fits & columns.fits
    outside = (at[0] >= Z_shape[1]) | (at[1] >= Z_shape[2])
    first = first_bad(~fits | outside)
    if first is None:
        return
    if not fits[first]:
        window = (*batch, int(rows.length[first]), int(columns.length[first]), W.shape[2])
        raise refused(window, W.shape[:3])
    axis = 1 if at[0][first] >= Z_shape[1] else 2
    raise out_of_bounds(int(at[axis - 1][first]), axis, Z_shape[axis])


def _filters(W: Any, cs: range, images: range, fault: Forward) -> Any:
    """T (f, f, n_C_prev, len(cs)): the filter that the student takes for every c."""
    how, c = fault.filters, np.array(cs)
    if how == "own":
        if cs[-1] >= W.shape[3]:
            raise out_of_bounds(W.shape[3], 3, W.shape[3])
        return W if len(cs) == W.shape[3] else W[..., c]
    if how == "first":
        return W[..., np.zeros_like(c)]
    if how == "last":
        return W[..., np.full_like(c, -1)]
    if how == "reversed":
        return W[..., -c - 1]
    if how == "next":  # W[..., c - 1]
        return W[..., c - 1]
    if how == "summed":
        return np.repeat(W.sum(axis=3, keepdims=True), len(c), axis=3)
    if how == "whole":  # W itself: only where the axes happen to fit
        return _fitted([W] * len(c), W)
    axis = {"axis-0": 0, "axis-1": 1, "axis-2": 2}[how]
    picked = [np.take(W, k, axis=axis) for k in cs if k < W.shape[axis]]
    T = _fitted(picked, W)
    if len(picked) < len(cs):
        raise out_of_bounds(W.shape[axis], axis, W.shape[axis])
    return T


def _fitted(picked: list[Any], W: Any) -> Any:
    """Filters of odd shapes as NumPy would stretch them over a window, or it over them."""
    shape = W.shape[:3]
    try:
        stretched = np.broadcast_shapes(picked[0].shape, shape)
    except ValueError:
        raise refused(shape, picked[0].shape) from None
    if stretched == shape:
        return np.stack([np.broadcast_to(p, shape) for p in picked], axis=-1)
    if stretched[:-1] == shape[:-1] and shape[2] == 1:  # the one channel meets every entry of the last axis
        full = [np.broadcast_to(p, stretched).sum(axis=-1, keepdims=True) for p in picked]
        return np.stack(full, axis=-1)
    raise refused(shape, picked[0].shape)


def _channels(T: Any, cs: range, fault: Forward) -> Any:
    """The filters, emptied where the student's window has no channel to meet them."""
    if fault.channels == "all":
        return T
    n_C_prev = T.shape[2]
    spread = fault.channels == "of-filter-spread"
    if cs[-1] >= n_C_prev:  # a[:, :, c] raises IndexError, a[:, :, c:c+1] is empty
        if not spread:
            raise out_of_bounds(n_C_prev, 2, n_C_prev)
        if n_C_prev > 1:
            raise refused((*T.shape[:2], 0), T.shape[:3])
    only = np.zeros(T.shape)
    for position, c in enumerate(cs):
        if spread:
            if c < n_C_prev:
                only[:, :, c, position] = T[..., position].sum(axis=2)
        else:
            layer = c - 1 if fault.channels == "of-filter-before" else c
            only[:, :, c, position] = T[:, :, layer, position]
    return only


def _images(windows: Any, images: range, fault: Forward) -> Any:
    """The windows of the images that the student looks at: (len(images), n_H, n_W, f, f, n_C_prev)."""
    if fault.image == "all":
        return np.broadcast_to(windows.sum(axis=0), (len(images), *windows.shape[1:]))
    if fault.image == "second":
        if len(windows) < 2:
            raise out_of_bounds(1, 0, len(windows))
        return windows[[1] * len(images)]
    if fault.image == "before":  # i - 1
        return windows[[i - 1 for i in images]]
    if fault.image != "own":
        return windows[[0 if fault.image == "first" else -1] * len(images)]
    return windows if len(images) == len(windows) else windows[images.start : images.stop]


def _biases(b: Any, images: range, hs: range, ws: range, cs: range, fault: Forward) -> Any:
    """The bias for every answer, ready to be broadcast over (images, hs, ws, cs)."""
    flat = b.reshape(-1)
    by = {"row": (hs, (1, -1, 1, 1)), "column": (ws, (1, 1, -1, 1)), "image": (images, (-1, 1, 1, 1))}
    if fault.bias_of in by:
        indices, shape = by[fault.bias_of]
        if indices[-1] >= len(flat):
            raise out_of_bounds(len(flat), 3, len(flat))
        return flat[np.array(indices)].reshape(shape)
    if fault.bias_of == "whole":
        if len(flat) > 1:
            raise ValueError("setting an array element with a sequence.")
        return flat
    if fault.bias_of == "summed":
        return flat.sum()[None]
    if fault.bias_of == "first":
        return flat[:1]
    c = np.array(cs)
    if c[-1] >= len(flat):
        raise out_of_bounds(len(flat), 3, len(flat))
    places = {"reversed": -c - 1, "before": c - 1, "after": (c + 1) % len(flat)}
    return flat[places.get(fault.bias_of, c)]


def _batch_bias(windows: Any, T: Any, bias: Any, step: Step, m: int) -> Any:
    """The window holds all m images, so what goes in before the sum goes in m times as often."""
    once = meets(windows, T, 0.0 * bias, step)
    extra = meets(windows, T, bias, step) - once
    return once + (m * extra if step.bias == "before-sum" else extra)


def _running(Z_hat: Any, bias: Any, how: str) -> Any:
    """Sums that are carried on from one answer to the next, in the order of the loops."""
    level, _, with_bias = how.partition("/")
    added = Z_hat if with_bias else Z_hat - bias
    keep = {"all": 0, "image": 1, "row": 2, "pixel": 3}[level]
    total = added.reshape(*added.shape[:keep], -1).cumsum(axis=-1).reshape(added.shape)
    return total if with_bias else total + bias


def _store(Z: Any, Z_hat: Any, images: range, at: tuple[Any, Any], cs: range, fault: Forward) -> None:
    """Put the answers where the student puts them; the last one in the order of the loops stays."""
    i = np.array(images)[:, None, None]
    if fault.store == "first-image":
        Z[0, at[0], at[1], cs.start : cs.stop] = Z_hat[-1]
    elif fault.store == "all-filters":
        Z[i, at[0], at[1], :] = Z_hat[..., -1:]
    elif fault.store == "first-filter":
        Z[i, at[0], at[1], 0] = Z_hat[..., -1]
    elif fault.store == "reversed":
        Z[i, at[0], at[1], :] = Z_hat[..., ::-1]
    elif fault.store == "one-on":  # c - 1: everything sits one place earlier, the first at the end
        Z[i, at[0], at[1], :] = np.roll(Z_hat, -1, axis=3)
    else:
        Z[i, at[0], at[1], cs.start : cs.stop] = Z_hat


# ------------------------------------------------------------------------------------------- after the loops


def _finish(Z: Any, A_prev: Any, fault: Forward) -> Any:
    if fault.activation:
        Z = FINISHES[fault.activation](Z)
    if fault.divided:
        Z = Z / len(A_prev)
    if fault.rounding == "like-A":
        Z = Z.astype(A_prev.dtype)
    elif fault.rounding:
        Z = FINISHES[fault.rounding](Z)
    if fault.form == "squeezed":
        return np.squeeze(Z)
    if fault.form == "channels-first":
        return Z.transpose(0, 3, 1, 2)
    if fault.form == "width-first":
        return Z.transpose(0, 2, 1, 3)
    if fault.form == "one-image":
        return Z[0]
    return Z


def _give(Z: Any, P: Any, A_prev: Any, W: Any, b: Any, hparameters: dict[str, int], fault: Forward) -> Any:
    """What the student returns."""
    cache = {
        "right": (A_prev, W, b, hparameters),
        "padded": (P, W, b, hparameters),
        "Z": (Z, W, b, hparameters),
        "filters-first": (W, A_prev, b, hparameters),
        "bias-before-filters": (A_prev, b, W, hparameters),
        "hparameters-first": (hparameters, A_prev, W, b),
        "hparameters-second": (A_prev, hparameters, W, b),
        "reversed": (hparameters, b, W, A_prev),
        "no-hparameters": (A_prev, W, b),
        "no-bias": (A_prev, W, hparameters),
        "only-A": (A_prev,),
        "A-itself": A_prev,
        "W-b": (W, b, hparameters),
        "values": (A_prev, W, b, hparameters["stride"], hparameters["pad"]),
        "hparameters": hparameters,
        "nothing": None,
        "empty": (),
        "dict": {"A_prev": A_prev, "W": W, "b": b, "hparameters": hparameters},
    }[fault.cache]
    if fault.returns == "nothing":
        return None
    if fault.returns == "Z":
        return Z
    if fault.returns == "cache-first":
        return cache, Z
    return Z, cache
