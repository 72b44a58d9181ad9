"""Where the loops go and which pixels each window takes, as students get it wrong.

A slice never raises: NumPy cuts it at the edge, and only the product with the filter complains, unless
one pixel is left, which it repeats. That is kept here, for it decides between numbers and an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Walk:
    """What the student believes of hyperparameters, loops and windows."""

    hparameters: str = "given"  # "swapped": stride and pad change places
    stride: int | str = "given"
    pad: int | str = "given"
    f: int | str = "given"  # a number, "axis-2" or "axis-3" of W
    loops: str = "own"  # "swapped", "height-twice", "width-twice", "strided"
    skip: str = ""  # "last-image", "first-row first-column", "minus-f", ...
    stop: str = ""  # "image", "row", "pixel", "filter": the loops end after the first
    start_of: str = "own"  # "h-twice", "w-twice", "swapped"
    start_by: str = "stride"  # "one", "f", "pad", "stride-squared"
    start_axes: str = "both"  # "rows" or "columns": start_by and start_plus only hold there
    start_plus: str = ""  # "stride", "minus-pad", "plus-pad", "one", "f"
    end: str = "f"  # "stride", "stride-plus-one", "minus-one", "plus-one"
    cut: str = "both"  # "rows-only", "columns-only", "swapped", "no-rows", "no-columns"
    # What becomes of a window that is smaller than the filter. NumPy stretches a single pixel and refuses all
    # else; flattened or entry by entry even that is refused; and some cut the filter to the window's size.
    small: str = "stretched"  # "refused", "by-entry", "meets-cut-filter"

    def read(self, hparameters: dict[str, int]) -> tuple[int, int]:
        """(stride, pad) as the student uses them."""
        stride, pad = hparameters["stride"], hparameters["pad"]
        if self.hparameters == "swapped":
            stride, pad = pad, stride
        return (
            self.stride if isinstance(self.stride, int) else stride,
            self.pad if isinstance(self.pad, int) else pad,
        )

    def filter_size(self, W: Any) -> int:
        """f as the student reads it."""
        if isinstance(self.f, int):
            return self.f
        return int(W.shape[{"given": 0, "axis-2": 2, "axis-3": 3}[self.f]])

    def loop(
        self, m: int, n_H: int, n_W: int, n_C: int, stride: int, f: int
    ) -> tuple[range, range, range, range]:
        """The values that i, h, w and c take."""
        high, wide = {
            "swapped": (n_W, n_H),
            "height-twice": (n_H, n_H),
            "width-twice": (n_W, n_W),
        }.get(self.loops, (n_H, n_W))
        step = stride if self.loops == "strided" else 1
        ranges = {
            "image": range(m),
            "row": range(0, high, step),
            "column": range(0, wide, step),
            "filter": range(n_C),
        }
        for place in self.skip.split():
            which, _, axis = place.partition("-")
            if which == "minus":  # the size of the filter taken off once more
                ranges["row"] = ranges["row"][: max(0, high - f + 1)]
                ranges["column"] = ranges["column"][: max(0, wide - f + 1)]
                continue
            ranges[axis] = ranges[axis][:-1] if which == "last" else ranges[axis][1:]
        for axis in {
            "image": ("image",),
            "row": ("image", "row"),
            "pixel": ("image", "row", "column"),
            "filter": ("image", "row", "column", "filter"),
            "every-pixel": ("filter",),
            "every-row": ("column", "filter"),
        }.get(self.stop, ()):
            ranges[axis] = ranges[axis][:1]
        return ranges["image"], ranges["row"], ranges["column"], ranges["filter"]

    def corners(
        self, hs: range, ws: range, stride: int, pad: int, f: int, size: tuple[int, int]
    ) -> tuple[Any, Any, Any, Any]:
        """top, bottom, left, right of the slice at every (h, w): arrays (len(hs), len(ws))."""
        h, w = positions(hs, ws)
        turns = {"own": (h, w), "h-twice": (h, h), "w-twice": (w, w), "swapped": (w, h)}
        steps = {"stride": stride, "one": 1, "f": f, "pad": pad, "stride-squared": stride * stride}
        shifts = {"": 0, "stride": stride, "minus-pad": -pad, "plus-pad": pad, "one": 1, "f": f}
        down, across = turns[self.start_of]
        by, plus = steps[self.start_by], shifts[self.start_plus]
        top, left = down * stride, across * stride
        if self.start_axes != "columns":
            top = down * by + plus
        if self.start_axes != "rows":
            left = across * by + plus
        length = {
            "f": f,
            "stride": stride,
            "stride-plus-one": stride + 1,
            "minus-one": f - 1,
            "plus-one": f + 1,
        }[self.end]
        bottom, right = top + length, left + length
        if self.cut == "swapped":
            return left, right, top, bottom
        whole = np.zeros_like(h)
        if self.cut == "rows-only":
            left, right = whole, whole + size[1]
        elif self.cut == "columns-only":
            top, bottom = whole, whole + size[0]
        elif self.cut == "no-rows":
            top = bottom
        elif self.cut == "no-columns":
            left = right
        return top, bottom, left, right


@lru_cache(maxsize=256)
def positions(hs: range, ws: range) -> tuple[Any, Any]:
    """h and w at every turn of the two loops: arrays (len(hs), len(ws))."""
    h, w = np.arange(hs.start, hs.stop, hs.step), np.arange(ws.start, ws.stop, ws.step)
    return h[:, None] + np.zeros_like(w), w + np.zeros_like(h)[:, None]


@dataclass(frozen=True)
class Span:
    """Along one axis and for every (h, w): which pixel meets which row (or column) of the filter."""

    index: Any  # (n_H, n_W, n)
    there: Any  # (n_H, n_W, n) booleans, or None where all are
    fits: Any  # (n_H, n_W) booleans: False where NumPy would refuse to multiply
    whole: Any  # (n_H, n_W) booleans: exactly f pixels
    length: Any  # (n_H, n_W): how many pixels the slice holds


def span(start: Any, stop: Any, size: int, f: int, small: str = "stretched") -> Span:
    """What ``x[start:stop]`` of an axis of ``size`` pixels is to a filter of ``f`` rows."""
    first = np.where(start < 0, np.maximum(start + size, 0), np.minimum(start, size))
    last = np.where(stop < 0, np.maximum(stop + size, 0), np.minimum(stop, size))
    length = np.maximum(last - first, 0)
    whole = length == f
    if small in ("refused", "by-entry"):  # entry by entry, what a large window holds beyond f is not met
        fits = whole if small == "refused" else length >= f
        index, there = first[..., None] + np.arange(f), None
    elif small == "meets-cut-filter":
        index, fits = first[..., None] + np.arange(f), length <= f
        there = None if whole.all() else np.arange(f) < length[..., None]
    elif f > 1:  # as many pixels as rows, or one pixel that NumPy repeats
        index = first[..., None] + np.arange(f) * whole[..., None]
        fits, there = whole | (length == 1), None
    else:  # one row that NumPy repeats for any number of pixels, also for none
        offsets = np.arange(max(1, int(length.max(initial=0))))
        index = first[..., None] + offsets
        fits = np.ones(length.shape, dtype=bool)
        there = None if whole.all() else offsets < length[..., None]
    return Span(np.minimum(index, max(size - 1, 0)), there, fits, whole, length)


@lru_cache(maxsize=4096)
def spans(
    walk: Walk,
    loops: tuple[range, range],
    stride: int,
    pad: int,
    f: int,
    size: tuple[int, int],
    kernel: tuple[int, int],
    small: str,
) -> tuple[Span, Span]:
    """Rows and columns of every window on images of ``size``. Remembered, since models share their windows;
    nobody writes into the arrays."""
    top, bottom, left, right = walk.corners(*loops, stride, pad, f, size)
    return span(top, bottom, size[0], kernel[0], small), span(left, right, size[1], kernel[1], small)


def gather(P: Any, rows: Span, columns: Span) -> Any:
    """The windows of the images P (m, height, width, n_C_prev): (m, n_H, n_W, f, f, n_C_prev)."""
    windows = P[:, rows.index[..., :, None], columns.index[..., None, :]]
    if rows.there is not None:
        windows = windows * rows.there[..., :, None, None]
    if columns.there is not None:
        windows = windows * columns.there[..., None, :, None]
    return windows


def first_bad(bad: Any) -> tuple[int, int] | None:
    """The first bad position in the order of the loops."""
    if not bad.any():
        return None
    h, w = np.unravel_index(int(bad.argmax()), bad.shape)
    return int(h), int(w)


def refused(*shapes: tuple[int, ...]) -> ValueError:
    """What NumPy raises for arrays that cannot be multiplied; the shapes tell faults apart."""
    said = " ".join("(" + ",".join(map(str, shape)) + ")" for shape in shapes)
    return ValueError(f"operands could not be broadcast together with shapes {said}")


def out_of_bounds(index: int, axis: int, size: int) -> IndexError:
    """What NumPy raises for an index beyond the end."""
    return IndexError(f"index {index} is out of bounds for axis {axis} with size {size}")


def padded(X: Any, pad: int) -> Any:
    """X with a border of zeros; quicker than np.pad on small images.

    Raises ValueError for a negative pad, as np.pad does.
    """
    if pad < 0:
        raise ValueError("index can't contain negative values")
    m, height, width, channels = X.shape
    P = np.zeros((m, height + 2 * pad, width + 2 * pad, channels), dtype=X.dtype)
    P[:, pad : pad + height, pad : pad + width] = X
    return P
