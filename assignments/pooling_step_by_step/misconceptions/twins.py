"""Tiny public cases and how one entry of the right answer comes about, number by number.

Images are 3x3 or a little larger, windows 2x2, numbers small: a student can check every step on paper. The
cases go from simple to rich, so that a fault is shown on the first that reveals it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Arguments = tuple[Any, ...]
Steps = list[tuple[str, Any]]

#: (m, n_H_prev, n_W_prev, n_C), f, stride, mode
LAYERS: tuple[tuple[tuple[int, int, int, int], int, int, str], ...] = (
    ((1, 3, 3, 1), 2, 1, "max"),
    ((1, 3, 3, 1), 2, 1, "average"),
    ((1, 3, 4, 1), 2, 1, "max"),
    ((1, 3, 4, 1), 2, 1, "average"),
    ((1, 4, 5, 1), 2, 2, "max"),
    ((1, 4, 5, 1), 2, 2, "average"),
    ((1, 3, 3, 2), 2, 1, "max"),
    ((1, 3, 3, 2), 2, 1, "average"),
    ((2, 3, 3, 1), 2, 1, "max"),
    ((2, 3, 3, 1), 2, 1, "average"),
    ((1, 5, 4, 1), 3, 1, "max"),
    ((1, 5, 4, 1), 3, 1, "average"),
    ((1, 5, 6, 1), 3, 2, "max"),
    ((1, 5, 6, 1), 3, 2, "average"),
    ((1, 5, 4, 1), 2, 3, "max"),
    ((1, 5, 4, 1), 2, 3, "average"),
    ((1, 6, 5, 1), 2, 3, "max"),
    ((2, 4, 3, 2), 2, 1, "max"),
    ((2, 4, 3, 2), 2, 1, "average"),
    ((3, 3, 3, 1), 1, 2, "max"),
)


def scattered(*shape: int) -> Any:
    """Whole numbers from about minus half to plus half of how many there are, each once, as floats."""
    size = int(np.prod(shape))
    step = next(k for k in (7, 5, 11, 13) if np.gcd(k, size) == 1)
    return ((np.arange(size) * step) % size - (size - 1) // 2).astype(float).reshape(shape)


def layer_of(shape: tuple[int, int, int, int], f: int, stride: int, mode: str) -> Arguments:
    """A_prev, hparameters and mode of one entry of LAYERS."""
    return scattered(*shape), {"f": f, "stride": stride}, mode


def twin_cases(function: str) -> Iterator[Arguments]:
    """Tiny calls of ``function``, the simplest first."""
    if function == "create_mask_from_window":
        for rows in (
            [[1, 9], [4, 2]],
            [[1, 4], [9, 2]],
            [[-3, -1], [-2, -4]],
            [[1, 2, 8], [3, 9, 4]],
            [[1, 2], [3, 8], [9, 4]],
            [[-9, 2], [1, 0]],
            [[1, 1.005], [0, 0.5]],
            [[9, 3], [2, 1]],
        ):
            yield (np.array(rows, dtype=float),)
    elif function == "distribute_value":
        yield from (
            (8.0, (2, 2)),
            (12.0, (2, 3)),
            (12.0, (3, 2)),
            (-6.0, (1, 3)),
            (18.0, (3, 3)),
            (7, (1, 2)),
        )
    elif function == "pool_forward":
        yield from layers()
    else:
        for A_prev, hparameters, mode in layers():
            yield gradients(A_prev, hparameters), (A_prev, hparameters), mode


def layers() -> Iterator[Arguments]:
    """Arguments of pool_forward; the last ones hold negative numbers, zeros, fractions and whole numbers."""
    for layer in LAYERS:
        yield layer_of(*layer)
    A_prev, hparameters, _ = layer_of((1, 3, 3, 1), 2, 1, "max")
    for mode in ("max", "average"):
        yield A_prev - 20, hparameters, mode
        yield A_prev / 4, hparameters, mode
        yield A_prev.astype(np.int64), hparameters, mode
    yield np.where(A_prev % 2 == 0, 0.0, A_prev), hparameters, "average"


def gradients(A_prev: Any, hparameters: dict[str, int]) -> Any:
    """A dA that fits: 1, 2, 3, … but for a negative one."""
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = ((side - hparameters["f"]) // hparameters["stride"] + 1 for side in (n_H_prev, n_W_prev))
    dA = np.arange(1.0, m * n_H * n_W * n_C + 1)
    dA[1::3] *= -1
    return dA.reshape(m, n_H, n_W, n_C)


def call_text(function: str, arguments: Arguments) -> str:
    """The call as a student would write it."""
    if function == "create_mask_from_window":
        return "create_mask_from_window(x)"
    if function == "distribute_value":
        return f"distribute_value({arguments[0]:g}, {arguments[1]})"
    if function == "pool_forward":
        return f'pool_forward(A_prev, {arguments[1]}, mode="{arguments[2]}")'
    return f'pool_backward(dA, (A_prev, {arguments[1][1]}), mode="{arguments[2]}")'


def shown(function: str, arguments: Arguments) -> Steps:
    """The arguments as tables: one for each image and channel."""
    if function == "create_mask_from_window":
        return [("x", arguments[0])]
    if function == "distribute_value":
        return []
    if function == "pool_forward":
        return _images("A_prev", arguments[0])
    return [*_images("dA", arguments[0]), *_images("A_prev", arguments[1][0])]


def work_out(function: str, arguments: Arguments, output: str, index: tuple[int, ...]) -> tuple[Steps, str]:
    """Tables in the order of reading, and how the right entry comes about, as text."""
    if function == "create_mask_from_window":
        x = arguments[0]
        is_it = "the largest" if x[index] == x.max() else "not the largest"
        return [], f"{int(x[index] == x.max())}, since {x[index]:g} is {is_it} of {_listed(x.ravel())}"
    if function == "distribute_value":
        dz, (rows, columns) = arguments
        return [], f"{dz:g}/({rows}·{columns}) = {dz / (rows * columns):g}"
    if function == "pool_forward":
        A_prev, hparameters, mode = arguments
        i, h, w, c = index
        f, top, left = hparameters["f"], h * hparameters["stride"], w * hparameters["stride"]
        window = A_prev[i, top : top + f, left : left + f, c]
        return [("window", window)], _summary(window.ravel().tolist(), mode)
    return _share(arguments, index)


def _summary(pixels: Sequence[float], mode: str) -> str:
    if mode == "max":
        return f"{max(pixels):g}, the largest of {_listed(pixels)}"
    added = " + ".join(map(_term, pixels))
    return f"({added})/{len(pixels)} = {sum(pixels) / len(pixels):g}"


def _share(arguments: Arguments, index: tuple[int, ...]) -> tuple[Steps, str]:
    """What every window hands to one pixel."""
    dA, (A_prev, hparameters), mode = arguments
    i, row, column, c = index
    f, stride = hparameters["f"], hparameters["stride"]
    own, pixel = [], float(A_prev[index])
    for h, w in np.ndindex(*dA.shape[1:3]):
        if 0 <= row - h * stride < f and 0 <= column - w * stride < f:
            window = A_prev[i, h * stride : h * stride + f, w * stride : w * stride + f, c]
            if mode == "average" or pixel == float(window.max()):
                own.append(float(dA[i, h, w, c]))
    if not own:
        return [], "0, the pixel has won no window" if mode == "max" else "0, the pixel lies in no window"
    if mode == "max":
        caption, terms, total = "dA of the windows that it has won", list(map(_term, own)), sum(own)
    else:
        caption = "dA of the windows in which it lies"
        terms, total = [f"{_term(d)}/{f * f}" for d in own], sum(own) / (f * f)
    return [(caption, np.array(own))], f"{' + '.join(terms)} = {total:g}"


def _term(value: float) -> str:
    return f"({value:g})" if value < 0 else f"{value:g}"


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _images(name: str, batch: Any) -> Steps:
    """A batch (m, height, width, channels) as one table for each image and channel."""
    m, _, _, channels = batch.shape
    if m * channels == 1:
        return [(name, batch[0, :, :, 0])]
    return [(f"{name}[{i}, :, :, {k}]", batch[i, :, :, k]) for i in range(m) for k in range(channels)]
