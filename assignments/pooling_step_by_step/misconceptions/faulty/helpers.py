"""The two small functions as they come out under one wrong belief: what a mask is, what a share is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any


# --------------------------------------------------------------------------------- create_mask_from_window


def _at(x: Array, row: int, column: int) -> Array:
    mask = np.zeros(x.shape, dtype=bool)
    mask[row, column] = True
    return mask


def _per_axis(x: Array, axis: int) -> Array:
    """np.max(x, axis=...) compared as it comes, without keepdims: rows may meet columns."""
    largest = x.max(axis=axis)
    return np.equal(x, largest)


MASKS: dict[str, Callable[[Array], Any]] = {
    "right": lambda x: x == x.max(),
    "position": lambda x: int(x.argmax()),
    "position-pair": lambda x: tuple(int(k) for k in np.unravel_index(x.argmax(), x.shape)),
    "position-as-array": lambda x: np.array(np.unravel_index(x.argmax(), x.shape)),
    "places-found": lambda x: np.argwhere(x == x.max()),
    "maximum": lambda x: x.max(),
    "one-true": lambda x: bool((x == x.max()).any()),
    "magnitude": lambda x: np.abs(x) == np.abs(x).max(),
    "magnitude-against-maximum": lambda x: np.abs(x) == x.max(),
    "minimum": lambda x: x == x.min(),
    "losers": lambda x: x != x.max(),
    "positive": lambda x: x > 0,
    "above-mean": lambda x: x > x.mean(),
    "not-the-minimum": lambda x: x > x.min(),
    "value-kept": lambda x: x * (x == x.max()),
    "maximum-everywhere": lambda x: np.full(x.shape, x.max()),
    "share-of-maximum": lambda x: x / x.max(),
    "everywhere": lambda x: np.ones(x.shape),
    "nowhere": lambda x: np.zeros(x.shape),
    "per-row": lambda x: x == x.max(axis=1, keepdims=True),
    "per-column": lambda x: x == x.max(axis=0, keepdims=True),
    "per-column-broadcast": lambda x: _per_axis(x, 0),
    "per-row-broadcast": lambda x: _per_axis(x, 1),
    "first-row-only": lambda x: x == x[0].max(),
    "top-left": lambda x: _at(x, 0, 0),
    "transposed": lambda x: (x == x.max()).T,
    "index-divided-by-rows": lambda x: _at(x, *divmod(int(x.argmax()), x.shape[0])),
    "flat": lambda x: x.ravel() == x.max(),
    "list": lambda x: (x == x.max()).tolist(),
    "nearly": lambda x: x > x.max() - 0.01,
    "rounded": lambda x: np.round(x) == np.round(x.max()),
    "truncated": lambda x: x.astype(int) == int(x.max()),
    "nothing": lambda x: None,
}


@dataclass(frozen=True)
class Mask:
    """What the student believes of the mask."""

    is_: str = "right"  # a key of MASKS


def create_mask_from_window(x: Array, fault: Mask) -> Any:
    """The mask of a window, or what this fault makes of it."""
    return MASKS[fault.is_](x)


# --------------------------------------------------------------------------------- distribute_value

#: dz, rows, columns -> the number in every place
SHARES: dict[str, Callable[[Any, int, int], Any]] = {
    "right": lambda dz, r, c: dz / (r * c),
    "whole": lambda dz, r, c: dz,
    "multiplied": lambda dz, r, c: dz * r * c,
    "count": lambda dz, r, c: float(r * c),
    "without-dz": lambda dz, r, c: 1 / (r * c),
    "turned-round": lambda dz, r, c: (r * c) / dz if dz else np.inf,
    "one-over-dz": lambda dz, r, c: 1 / dz if dz else np.inf,
    "square-of-rows": lambda dz, r, c: dz / (r * r),
    "square-of-columns": lambda dz, r, c: dz / (c * c),
    "sides-added": lambda dz, r, c: dz / (r + c),
    "rows": lambda dz, r, c: dz / r,
    "columns": lambda dz, r, c: dz / c,
    "precedence": lambda dz, r, c: dz / r * c,
    "four": lambda dz, r, c: dz / 4,
    "two": lambda dz, r, c: dz / 2,
    "truncated": lambda dz, r, c: int(dz / (r * c)),
    "floored": lambda dz, r, c: dz // (r * c),
    "rounded": lambda dz, r, c: round(dz / (r * c)),
    "one": lambda dz, r, c: 1.0,
    "zero": lambda dz, r, c: 0.0,
    "twice": lambda dz, r, c: dz / (r * c) / (r * c),
}


@dataclass(frozen=True)
class Distribution:
    """What the student believes of sharing a value out."""

    share: str = "right"  # a key of SHARES
    form: str = "shape"  # see _form


def _form(share: Any, dz: Any, shape: tuple[int, int], form: str) -> Any:
    rows, columns = shape
    if form == "swapped":
        return np.full((columns, rows), share)
    if form == "flat":
        return np.full(rows * columns, share)
    if form == "square-of-rows":
        return np.full((rows, rows), share)
    if form == "square-of-columns":
        return np.full((columns, columns), share)
    if form == "2x2":
        return np.full((2, 2), share)
    if form == "number":
        return share
    if form == "list":
        return [[share] * columns for _ in range(rows)]
    if form == "with-channel":
        return np.full((rows, columns, 1), share)
    if form == "nothing":
        return None
    a = np.full(shape, float(share))
    if form in ("corner", "diagonal", "first-row", "first-column"):
        a[...] = 0.0
        where = {
            "corner": (slice(0, 1), slice(0, 1)),
            "first-row": (0, slice(None)),
            "first-column": (slice(None), 0),
            "diagonal": (np.arange(min(shape)), np.arange(min(shape))),
        }[form]
        a[where] = dz / a[where].size
    return a


def distribute_value(dz: Any, shape: tuple[int, int], fault: Distribution) -> Any:
    """dz over the shape, or what this fault makes of it."""
    if fault.form == "like-dz":  # np.full(shape, ...) of the type of dz
        return np.full(shape, SHARES[fault.share](dz, *shape), dtype=np.asarray(dz).dtype)
    return _form(SHARES[fault.share](dz, *shape), dz, shape, fault.form)
