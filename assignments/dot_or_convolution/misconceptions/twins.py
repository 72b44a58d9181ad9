"""Tiny public cases and how one entry of the right answer is worked out, product by product.

Arrays are 2x2 or a little larger, kernels without any symmetry, numbers small: a student can check every
step on paper. The cases go from simple to rich, so that a fault is shown on the first that reveals it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Arguments = tuple[Any, ...]
Steps = list[tuple[str, Any]]

#: Shapes in which the two arrays of hadamard_sum and flat_dot meet.
SHAPES = ((2, 2), (2, 3), (3, 2), (3, 3), (4,), (2, 2, 2), (2, 2, 3), (1, 3))
#: Shapes of image and kernel.
PAIRS = (
    ((3, 3), (2, 2)),
    ((3, 4), (2, 2)),
    ((4, 3), (2, 2)),
    ((3, 3), (3, 3)),
    ((3, 4), (1, 2)),
    ((4, 3), (2, 1)),
    ((4, 5), (2, 3)),
    ((5, 4), (3, 2)),
    ((4, 4), (3, 3)),
    ((2, 3), (1, 3)),
    ((1, 4), (1, 3)),
)
#: Shape of the image, f, stride.
WINDOWS = (
    ((3, 3, 1), 2, 1),
    ((3, 4, 1), 2, 1),
    ((2, 3, 2), 2, 1),
    ((3, 3, 2), 2, 1),
    ((3, 5, 1), 1, 2),
    ((4, 5, 1), 2, 2),
    ((5, 4, 2), 2, 2),
    ((4, 6, 1), 3, 1),
    ((5, 6, 1), 2, 3),
    ((2, 2, 3), 1, 1),
)
#: Shape of X, f, filters.
LAYERS = (
    ((3, 3, 1), 2, 1),
    ((3, 4, 1), 2, 1),
    ((3, 3, 1), 2, 2),
    ((2, 3, 2), 2, 1),
    ((3, 4, 2), 2, 2),
    ((4, 3, 2), 2, 3),
    ((3, 3, 3), 3, 3),
    ((2, 2, 2), 1, 2),
    ((4, 5, 1), 2, 2),
)


def counting(*shape: int) -> Any:
    """1, 2, 3, … in this shape, as floats."""
    return np.arange(1.0, 1.0 + int(np.prod(shape))).reshape(shape)


def weights(*shape: int) -> Any:
    """Small different numbers of both signs, without a symmetry: 2, -1, 3, 0, …"""
    numbers = [2, -1, 3, 0, 4, -2, 1, 5, -3, 6]
    size = int(np.prod(shape))
    return np.array([numbers[k % 10] + k // 10 for k in range(size)], dtype=float).reshape(shape)


def twin_cases(function: str) -> Iterator[Arguments]:
    """Tiny calls of ``function``, the simplest first."""
    if function in ("hadamard_sum", "flat_dot"):
        yield from ((counting(*shape), weights(*shape)) for shape in SHAPES)
        yield counting(2, 2) / 4, weights(2, 2)
        yield -counting(2, 2), np.abs(weights(2, 2))
    elif function == "im2col":
        yield from ((counting(*shape), f, stride) for shape, f, stride in WINDOWS)
        yield counting(3, 3, 1) / 2, 2, 1
    elif function == "conv_as_matmul":
        yield from ((counting(*shape), weights(f, f, shape[2], n)) for shape, f, n in LAYERS)
        yield counting(3, 3, 1) / 8, weights(2, 2, 1, 1)
        yield -counting(3, 3, 1), np.abs(weights(2, 2, 1, 1))
        yield counting(3, 3, 1).astype(np.int64), weights(2, 2, 1, 1) / 4
    else:
        yield from ((counting(*image), weights(*kernel)) for image, kernel in PAIRS)
        yield counting(3, 3) / 8, weights(2, 2)
        yield -counting(3, 3), np.abs(weights(2, 2))
        yield 99 * counting(3, 3), weights(2, 2)
        yield counting(3, 3).astype(np.int64), weights(2, 2) / 4


def call_text(function: str, arguments: Arguments) -> str:
    """The call as a student would write it."""
    if function == "im2col":
        return f"im2col(image, {arguments[1]}, {arguments[2]})"
    if function == "conv_as_matmul":
        return "conv_as_matmul(X, W)"
    return f"{function}({'A, B' if function in ('hadamard_sum', 'flat_dot') else 'image, kernel'})"


def shown(function: str, arguments: Arguments) -> Steps:
    """The arguments as tables."""
    if function in ("hadamard_sum", "flat_dot"):
        return [*_tables("A", arguments[0]), *_tables("B", arguments[1])]
    if function == "im2col":
        return _tables("image", arguments[0])
    if function == "conv_as_matmul":
        X, W = arguments
        filters = [step for c in range(W.shape[3]) for step in _tables(_filter_name(W, c), W[..., c])]
        return [*_tables("X", X), *filters]
    return [("image", arguments[0]), ("kernel", arguments[1])]


def _filter_name(W: Any, c: int) -> str:
    return "W" if W.shape[3] == 1 else f"filter {c}"


def _tables(name: str, array: Any) -> Steps:
    """A vector or a grid as one table, a box (rows, columns, channels) as one table a channel."""
    if array.ndim < 3:
        return [(name, array)]
    if array.shape[2] == 1:
        return [(name, array[:, :, 0])]
    return [(f"{name}, channel {k}", array[:, :, k]) for k in range(array.shape[2])]


def work_out(function: str, arguments: Arguments, output: str, index: tuple[int, ...]) -> tuple[Steps, str]:
    """Tables in the order of reading, and the sum that gives the right entry, as text."""
    if function in ("hadamard_sum", "flat_dot"):
        A, B = arguments
        return _tables("products", A * B), _sum_of_products(A.ravel().tolist(), B.ravel().tolist())
    if function == "im2col":
        return _pixel(arguments, index)
    if function == "conv_as_matmul":
        X, W = arguments
        h, w, c = index
        f = W.shape[0]
        return _meeting(X[h : h + f, w : w + f], W[..., c])
    image, kernel = arguments
    (f_H, f_W), (h, w) = kernel.shape, index
    if function == "correlate2d_same":
        above, left = (f_H - 1) // 2, (f_W - 1) // 2
        image = np.pad(image, ((above, f_H - 1 - above), (left, f_W - 1 - left)))
    if function == "convolve2d_valid":
        kernel = kernel[::-1, ::-1]
    steps, text = _meeting(image[h : h + f_H, w : w + f_W], kernel)
    if function == "convolve2d_valid":
        steps.insert(1, ("kernel, turned by 180°", kernel))
    return steps, text


def _meeting(window: Any, kernel: Any) -> tuple[Steps, str]:
    steps = [*_tables("window", window), *_tables("products", window * kernel)]
    return steps, _sum_of_products(window.ravel().tolist(), kernel.ravel().tolist())


def _pixel(arguments: Arguments, index: tuple[int, ...]) -> tuple[Steps, str]:
    """Which pixel stands in a row and a column of the table."""
    image, f, stride = arguments
    n_C = image.shape[2]
    n_W = (image.shape[1] - f) // stride + 1
    top, left = index[1] // n_W * stride, index[1] % n_W * stride
    y, x, c = np.unravel_index(index[0], (f, f, n_C))
    row, column = top + int(y), left + int(x)
    window = image[top : top + f, left : left + f]
    value = f"{image[row, column, c]:g}"
    return _tables(f"window {index[1]}", window), f"image[{row}, {column}, {int(c)}] = {value}"


def _sum_of_products(one: Sequence[float], other: Sequence[float]) -> str:
    terms = " + ".join(f"{_factor(a)}·{_factor(b)}" for a, b in zip(one, other, strict=True))
    return f"{terms} = {sum(a * b for a, b in zip(one, other, strict=True)):g}"


def _factor(value: float) -> str:
    return f"({value:g})" if value < 0 else f"{value:g}"
