"""Where the loops go and which pixels each window takes, as students get it wrong.

Plain slices are cut here, one a position, so that what NumPy makes of a slice that leaves the image (it
becomes smaller, or empty) happens by itself. A pooling layer does not complain about a window of another
size: that is why these faults are so often seen in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: Which loops still run through when the loop named here is left after its first turn.
_CUT_SHORT = {
    "": (),
    "image": ("image",),
    "row": ("image", "row"),
    "pixel": ("image", "row", "column"),
    "channel": ("image", "row", "column", "channel"),
}


@dataclass(frozen=True)
class Loops:
    """The values that i, h, w and c take."""

    images: range
    rows: range
    columns: range
    channels: range

    def positions(self) -> Iterator[tuple[int, int, int]]:
        """(i, h, w) in the order of the loops."""
        for i in self.images:
            for h in self.rows:
                for w in self.columns:
                    yield i, h, w


@dataclass(frozen=True)
class Walk:
    """What the student believes of hyperparameters, loops and windows."""

    hparameters: str = "given"  # "swapped": f and stride change places
    f: int | str = "given"  # a number, "stride"
    stride: int | str = "given"  # a number, "f"
    loops: str = "own"  # "swapped", "height-twice", "width-twice", "strided"
    skip: str = ""  # "last-image", "first-row", ... several with blanks between them
    stop: str = ""  # a key of _CUT_SHORT
    start_of: str = "own"  # "h-twice", "w-twice", "swapped"
    start_by: str = "stride"  # "one", "f", "stride-squared"
    start_axes: str = "both"  # "rows" or "columns": start_by and start_plus only hold there
    start_plus: str = ""  # "stride", "f", "one"
    end: str = "f"  # "stride", "stride-plus-one", "minus-one", "plus-one"
    end_axes: str = "both"
    end_of: str = "start"  # "stride": end = h * stride + f, "index": end = h + f, wherever the window starts
    cut: str = "both"  # "rows-only", "columns-only", "swapped", "no-rows", "no-columns"

    def read(self, hparameters: dict[str, int]) -> tuple[int, int]:
        """(f, stride) as the student uses them."""
        f, stride = hparameters["f"], hparameters["stride"]
        if self.hparameters == "swapped":
            f, stride = stride, f
        if self.f != "given":
            f = self.f if isinstance(self.f, int) else stride
        if self.stride != "given":
            stride = self.stride if isinstance(self.stride, int) else f
        return f, stride

    def loop(self, m: int, n_H: int, n_W: int, n_C: int, stride: int) -> Loops:
        """The loops as the student writes them."""
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
            "channel": range(n_C),
        }
        for word in self.skip.split():
            which, _, axis = word.partition("-")
            ranges[axis] = ranges[axis][:-1] if which == "last" else ranges[axis][1:]
        for axis in _CUT_SHORT[self.stop]:
            ranges[axis] = ranges[axis][:1]
        return Loops(ranges["image"], ranges["row"], ranges["column"], ranges["channel"])

    def window(self, h: int, w: int, f: int, stride: int) -> tuple[slice, slice]:
        """The slices that are cut for the position (h, w)."""
        down, across = {"own": (h, w), "h-twice": (h, h), "w-twice": (w, w), "swapped": (w, h)}[self.start_of]
        by = {"stride": stride, "one": 1, "f": f, "stride-squared": stride * stride}[self.start_by]
        plus = {"": 0, "stride": stride, "f": f, "one": 1}[self.start_plus]
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
        high = length if self.end_axes != "columns" else f
        wide = length if self.end_axes != "rows" else f
        bottom, right = top + high, left + wide
        if self.end_of != "start":
            by = stride if self.end_of == "stride" else 1
            bottom, right = h * by + f, w * by + f
        rows, columns = slice(top, bottom), slice(left, right)
        everything = slice(None)
        if self.cut == "swapped":
            return columns, rows
        if self.cut == "rows-only":
            return rows, everything
        if self.cut == "columns-only":
            return everything, columns
        if self.cut == "no-rows":
            return slice(rows.stop, rows.stop), columns
        if self.cut == "no-columns":
            return rows, slice(columns.stop, columns.stop)
        return rows, columns
