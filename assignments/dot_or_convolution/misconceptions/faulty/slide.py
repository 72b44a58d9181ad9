"""A kernel slides over an image: correlate2d_valid, correlate2d_same, convolve2d_valid under wrong beliefs.

One implementation serves all three. What is right for each of them is a setting too: `same` puts a border
around the image, `convolve` turns the kernel. Plain slices are cut, so that windows that leave the image
become smaller, and NumPy itself refuses to multiply them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .products import TURNS, Product, meet

Array = Any

#: Side of the answer from side of the (bordered) image and side of the kernel.
SIZES: dict[str, Callable[[int, int], int]] = {
    "right": lambda n, f: n - f + 1,
    "no-plus-one": lambda n, f: n - f,
    "plus-two": lambda n, f: n - f + 2,
    "over-f": lambda n, f: n // f,
    "image": lambda n, f: n,
    "kernel": lambda n, f: f,
}

#: Rows of zeros (before, after) for a kernel of side f.
BORDERS: dict[str, Callable[[int], tuple[int, int]]] = {
    "none": lambda f: (0, 0),
    "right": lambda f: ((f - 1) // 2, f - 1 - (f - 1) // 2),
    "half-before": lambda f: (f // 2, f - 1 - f // 2),
    "half-both": lambda f: (f // 2, f // 2),
    "lower-half-both": lambda f: ((f - 1) // 2, (f - 1) // 2),
    "all-before": lambda f: (f - 1, 0),
    "all-after": lambda f: (0, f - 1),
    "all-both": lambda f: (f - 1, f - 1),
    "f-both": lambda f: (f, f),
    "one": lambda f: (1, 1),
    "two": lambda f: (2, 2),
}


@dataclass(frozen=True)
class Slide:
    """What the student believes of sliding a kernel over an image."""

    product: Product = field(default_factory=Product)
    kernel: str = "as-is"  # a key of TURNS
    image: str = "as-is"  # a key of TURNS
    border: str = "none"  # a key of BORDERS
    border_mode: str = "constant"  # "ones", "negative-indices", or a mode of np.pad
    border_axes: str = "own"  # "swapped", "rows", "columns", "height", "width": whose side gives the border
    cropped: str = ""  # "corner", "end": a larger answer cut down to the image
    placed: str = (
        ""  # "corner", "centre", "half", "end": the answer of `valid` put into zeros of the image's size
    )
    size: str = "right"  # a key of SIZES
    size_from: str = "own"  # "swapped", "height", "width", "kernel-swapped", "kernel-height", "kernel-width"
    window_from: str = "own"  # "swapped", "height", "width": which side of the kernel the window gets
    out_axes: str = "own"  # "swapped": np.zeros((n_W, n_H))
    loops: str = "own"  # "swapped", "height-twice", "width-twice", "by-f"
    skip: str = ""  # "last-row", "first-row", "last-column", "first-column", "last-row last-column"
    stop: str = ""  # "row", "pixel"
    start: str = "own"  # "swapped", "h-twice", "w-twice", "corner", "by-f", "one-on", "centred"
    end: str = "f"  # "plus-one", "minus-one"
    cut: str = "both"  # "swapped", "rows-only"
    store: str = "own"  # "swapped", "row", "column", "one-place"
    running: str = ""  # "all", "row"
    buffer: str = "both"  # whose type collects: "image", "kernel", "int"
    finish: str = ""
    form: str = "array"  # "transposed", "squeezed", "flat", "list", "extra-axes", "nothing"


def slide(image: Array, kernel: Array, fault: Slide) -> Any:
    """The answer, or what this fault makes of it; raises what the student's loops would raise."""
    whole_image, whole_kernel = image, kernel
    image, kernel = TURNS[fault.image](image), TURNS[fault.kernel](kernel)
    padded = _bordered(image, kernel, fault)
    n_H, n_W = _sides(padded.shape, kernel.shape, fault)
    kind = {
        "both": np.result_type(whole_image, whole_kernel),
        "image": whole_image.dtype,
        "kernel": whole_kernel.dtype,
        "int": np.dtype(int),
    }[fault.buffer]
    if fault.placed:  # a large array that is filled where a window fits
        n_H, n_W = max(n_H, 0), max(n_W, 0)
    elif n_H < 0 or n_W < 0:
        raise ValueError("negative dimensions are not allowed")
    out = np.zeros((n_W, n_H) if fault.out_axes == "swapped" else (n_H, n_W), dtype=kind)
    total: Any = 0
    for h, w in _positions(n_H, n_W, kernel.shape, fault):
        rows, columns = _window(h, w, kernel.shape, fault)
        number = meet(padded[rows, columns], kernel, fault.product)
        if fault.running:
            total = number + (0 if fault.running == "row" and w == 0 else total)
            number = total
        _store(out, h, w, number, fault)
    return _form(_finish(_resized(out, whole_image, whole_kernel, fault), whole_kernel, fault), fault)


def _bordered(image: Array, kernel: Array, fault: Slide) -> Array:
    f_H, f_W = kernel.shape
    high, wide = {
        "own": (f_H, f_W),
        "swapped": (f_W, f_H),
        "rows": (f_H, 1),
        "columns": (1, f_W),
        "height": (f_H, f_H),
        "width": (f_W, f_W),
    }[fault.border_axes]
    widths = (BORDERS[fault.border](high), BORDERS[fault.border](wide))
    if not any(n for pair in widths for n in pair):
        return image
    if fault.border_mode == "constant":
        return np.pad(image, widths)
    if fault.border_mode == "negative-indices":  # image[-1] is its last row; beyond the end there is nothing
        (above, below), (left, right) = widths
        return np.pad(np.pad(image, ((above, 0), (left, 0)), mode="wrap"), ((0, below), (0, right)))
    if fault.border_mode == "ones":
        return np.pad(image, widths, constant_values=1)
    return np.pad(image, widths, mode=fault.border_mode)  # type: ignore[call-overload]


def _sides(image: tuple[int, ...], kernel: tuple[int, ...], fault: Slide) -> tuple[int, int]:
    size = SIZES[fault.size]
    (high, wide), (f_H, f_W) = image, kernel
    if fault.size_from == "kernel-swapped":
        return size(high, f_W), size(wide, f_H)
    if fault.size_from == "kernel-height":
        return size(high, f_H), size(wide, f_H)
    if fault.size_from == "kernel-width":
        return size(high, f_W), size(wide, f_W)
    n_H, n_W = size(high, f_H), size(wide, f_W)
    return {"own": (n_H, n_W), "swapped": (n_W, n_H), "height": (n_H, n_H), "width": (n_W, n_W)}[
        fault.size_from
    ]


def _positions(n_H: int, n_W: int, f: tuple[int, ...], fault: Slide) -> Iterator[tuple[int, int]]:
    high, wide = {"swapped": (n_W, n_H), "height-twice": (n_H, n_H), "width-twice": (n_W, n_W)}.get(
        fault.loops, (n_H, n_W)
    )
    by = f if fault.loops == "by-f" else (1, 1)
    ranges = {"row": range(0, high, by[0]), "column": range(0, wide, by[1])}
    for word in fault.skip.split():
        which, _, axis = word.partition("-")
        ranges[axis] = ranges[axis][:-1] if which == "last" else ranges[axis][1:]
    if fault.stop in ("row", "pixel"):
        ranges["row"] = ranges["row"][:1]
    if fault.stop in ("pixel", "every-row"):
        ranges["column"] = ranges["column"][:1]
    for h in ranges["row"]:
        for w in ranges["column"]:
            yield h, w


def _window(h: int, w: int, kernel: tuple[int, ...], fault: Slide) -> tuple[slice, slice]:
    f_H, f_W = {
        "own": kernel,
        "swapped": kernel[::-1],
        "height": (kernel[0], kernel[0]),
        "width": (kernel[1], kernel[1]),
    }[fault.window_from]
    top, left = {
        "own": (h, w),
        "swapped": (w, h),
        "h-twice": (h, h),
        "w-twice": (w, w),
        "corner": (0, 0),
        "by-f": (h * f_H, w * f_W),
        "one-on": (h + 1, w + 1),
        "centred": (h - f_H // 2, w - f_W // 2),
    }[fault.start]
    more = {"f": 0, "plus-one": 1, "minus-one": -1}[fault.end]
    rows, columns = slice(top, top + f_H + more), slice(left, left + f_W + more)
    if fault.cut == "swapped":
        return columns, rows
    if fault.cut == "rows-only":
        return rows, slice(None)
    return rows, columns


def _store(out: Array, h: int, w: int, number: Any, fault: Slide) -> None:
    if fault.store == "swapped":
        out[w, h] = number
    elif fault.store == "row":
        out[h] = number
    elif fault.store == "column":
        out[:, w] = number
    elif fault.store == "one-place":
        out[0, 0] = number
    else:
        out[h, w] = number


def _resized(out: Array, image: Array, kernel: Array, fault: Slide) -> Array:
    """`same` got at from an answer of another size."""
    (n_H, n_W), (f_H, f_W) = image.shape, kernel.shape
    if fault.cropped == "corner":
        return out[:n_H, :n_W]
    if fault.cropped == "end":
        return out[-n_H:, -n_W:]
    if fault.cropped == "half":
        return out[f_H // 2 : f_H // 2 + n_H, f_W // 2 : f_W // 2 + n_W]
    if not fault.placed:
        return out
    top, left = {
        "corner": (0, 0),
        "centre": ((f_H - 1) // 2, (f_W - 1) // 2),
        "half": (f_H // 2, f_W // 2),
        "end": (n_H - out.shape[0], n_W - out.shape[1]),
    }[fault.placed]
    larger = np.zeros(image.shape, dtype=out.dtype)
    larger[top : top + out.shape[0], left : left + out.shape[1]] = out
    return larger


def _finish(out: Array, kernel: Array, fault: Slide) -> Array:
    if fault.finish == "over-sum-of-kernel":
        return out / kernel.sum()
    if fault.finish == "truncated":
        return np.trunc(out)
    if fault.finish == "rounded":
        return np.round(out)
    if fault.finish == "relu":
        return np.maximum(out, 0)
    if fault.finish == "clipped":
        return np.clip(out, 0, 255)
    return out


def _form(out: Array, fault: Slide) -> Any:
    return {
        "array": lambda: out,
        "transposed": lambda: out.T,
        "squeezed": lambda: np.squeeze(out),
        "flat": lambda: out.ravel(),
        "list": lambda: out.tolist(),
        "extra-axes": lambda: out[None, :, :, None],
        "nothing": lambda: None,
    }[fault.form]()
