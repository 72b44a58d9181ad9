"""Tiny public cases and how one entry of the right answer is worked out, product by product.

Images are 3x3 or a little larger, kernels 2x2 and without any symmetry, numbers small: a student can check
every step on paper. The cases go from simple to rich, so that a fault is shown on the first that reveals it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Arguments = tuple[Any, ...]
Steps = list[tuple[str, Any]]


def counting(*shape: int, start: int = 1) -> Any:
    """1, 2, 3, … in this shape, as floats."""
    return np.arange(start, start + int(np.prod(shape)), dtype=float).reshape(shape)


def kernels(f: int, n_C_prev: int, n_C: int) -> Any:
    """Small weights without a symmetry, different in every channel and filter: (f, f, n_C_prev, n_C)."""
    first = {1: [[2]], 2: [[1, 2], [0, 3]], 3: [[1, 2, 0], [0, 3, 1], [1, 0, 4]]}[f]
    stack = [np.roll(np.array(first, dtype=float), k) + k for k in range(n_C_prev * n_C)]
    return np.stack(stack, axis=-1).reshape(f, f, n_C_prev, n_C)


#: (m, n_H_prev, n_W_prev, n_C_prev), f, n_C, stride, pad
LAYERS: tuple[tuple[tuple[int, int, int, int], int, int, int, int], ...] = (
    ((1, 3, 3, 1), 2, 1, 1, 0),
    ((1, 3, 4, 1), 2, 1, 1, 0),
    ((1, 3, 3, 1), 2, 1, 1, 1),
    ((1, 3, 3, 1), 2, 1, 2, 1),
    ((1, 3, 3, 1), 2, 2, 1, 0),
    ((1, 3, 3, 2), 2, 1, 1, 0),
    ((1, 3, 4, 1), 2, 1, 2, 1),
    ((2, 3, 3, 1), 2, 1, 1, 0),
    ((1, 4, 3, 2), 2, 2, 1, 1),
    ((1, 3, 3, 1), 2, 1, 1, 2),
    ((1, 5, 4, 1), 2, 1, 2, 0),
    ((2, 3, 4, 2), 2, 3, 1, 1),
    ((1, 4, 4, 1), 3, 1, 1, 1),
    ((2, 3, 2, 3), 2, 2, 2, 1),
    ((2, 4, 3, 2), 2, 2, 3, 3),
)


def twin_cases(function: str) -> Iterator[Arguments]:
    """Tiny calls of ``function``, the simplest first."""
    if function == "zero_pad":
        for shape, pad in (((1, 2, 2, 1), 1), ((1, 2, 3, 1), 1), ((1, 2, 2, 1), 2), ((1, 2, 2, 1), 3)):
            yield counting(*shape), pad
        for shape, pad in (((2, 2, 2, 1), 1), ((1, 2, 3, 2), 1), ((2, 1, 2, 3), 0)):
            yield counting(*shape), pad
        yield counting(1, 2, 2, 1) / 2, 1
    elif function == "conv_single_step":
        for f, n_C_prev in ((2, 1), (2, 2), (2, 3), (3, 1)):
            yield counting(f, f, n_C_prev), kernels(f, n_C_prev, 1)[..., 0], np.full((1, 1, 1), 4.0)
        for scale, b in ((2, 0.25), (1, -30.0)):
            yield counting(2, 2, 1) / scale, kernels(2, 1, 1)[..., 0], np.full((1, 1, 1), b)
    elif function == "conv_forward":
        yield from layers()
    else:
        for layer in layers():
            A_prev, W, _, hparameters = layer
            n_H, n_W = (
                (side - len(W) + 2 * hparameters["pad"]) // hparameters["stride"] + 1
                for side in A_prev.shape[1:3]
            )
            yield counting(len(A_prev), n_H, n_W, W.shape[3]), layer
        yield counting(1, 2, 2, 1) / 2, layer_of((1, 3, 3, 1), 2, 1, 1, 0)


def layers() -> Iterator[Arguments]:
    """Arguments of conv_forward; the last ones hold fractions, negative answers and an integer image."""
    for layer in LAYERS:
        yield layer_of(*layer)
    A_prev, W, b, hparameters = layer_of((1, 3, 3, 1), 2, 1, 1, 0)
    yield A_prev / 2, W, b + 0.25, hparameters
    yield A_prev, W, b - 50.0, hparameters
    yield A_prev.astype(np.int64), W / 2, b, hparameters


def layer_of(shape: tuple[int, int, int, int], f: int, n_C: int, stride: int, pad: int) -> Arguments:
    """A_prev, W, b and hparameters of one entry of LAYERS."""
    A_prev, W = counting(*shape), kernels(f, shape[3], n_C)
    return A_prev, W, 3.0 + counting(1, 1, 1, n_C), {"stride": stride, "pad": pad}


def call_text(function: str, arguments: Arguments) -> str:
    """The call as a student would write it."""
    if function == "zero_pad":
        return f"zero_pad(X, {arguments[1]})"
    if function == "conv_single_step":
        return "conv_single_step(a_slice_prev, W, b)"
    if function == "conv_forward":
        return f"conv_forward(A_prev, W, b, {arguments[3]})"
    return f"conv_backward(dZ, (A_prev, W, b, {arguments[1][3]}))"


def shown(function: str, arguments: Arguments) -> Steps:
    """The arguments as tables: one for each image, channel and filter."""
    if function == "zero_pad":
        return _images("X", arguments[0])
    if function == "conv_single_step":
        window, W, b = arguments
        return [*_channels("a_slice_prev", window), *_channels("W", W), ("b", float(b.item()))]
    dZ, (A_prev, W, b, _) = (None, arguments) if function == "conv_forward" else arguments
    tables = _images("A_prev", A_prev)
    for c in range(W.shape[3]):
        tables += [
            (f"W[:, :, {k}, {c}]" if W.shape[2] * W.shape[3] > 1 else "W", W[:, :, k, c])
            for k in range(W.shape[2])
        ]
    tables.append(("b", b.reshape(-1) if b.size > 1 else float(b.item())))
    return tables if dZ is None else [*_images("dZ", dZ), *tables]


def work_out(function: str, arguments: Arguments, output: str, index: tuple[int, ...]) -> tuple[Steps, str]:
    """Tables in the order of reading, and the sum that gives the right entry, as text."""
    if function == "zero_pad":
        return _border_or_pixel(arguments, index)
    if function == "conv_single_step":
        window, W, b = arguments
        steps, text = _product_by_product(window, W, float(b.item()))
        return [step for step in steps if not step[0].startswith(("window", "filter"))], text
    if function == "conv_forward":
        A_prev, W, b, hparameters = arguments
        i, h, w, c = index
        top, left = h * hparameters["stride"], w * hparameters["stride"]
        f = W.shape[0]
        window = _bordered(A_prev, hparameters["pad"])[i, top : top + f, left : left + f]
        return _product_by_product(window, W[..., c], float(b[0, 0, 0, c]))
    return _gradient(arguments, output, index)


# ------------------------------------------------------------------------------------------- tables


def _channels(name: str, volume: Any) -> Steps:
    """A volume (height, width, channels) as one table a channel."""
    if volume.shape[2] == 1:
        return [(name, volume[:, :, 0])]
    return [(f"{name}[:, :, {k}]", volume[:, :, k]) for k in range(volume.shape[2])]


def _images(name: str, batch: Any) -> Steps:
    """A batch (m, height, width, channels) as one table for each image and channel."""
    m, _, _, channels = batch.shape
    if m * channels == 1:
        return [(name, batch[0, :, :, 0])]
    return [(f"{name}[{i}, :, :, {k}]", batch[i, :, :, k]) for i in range(m) for k in range(channels)]


def _bordered(A_prev: Any, pad: int) -> Any:
    return np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


# ------------------------------------------------------------------------------------------- workings


def _sum_of_products(one: Sequence[float], other: Sequence[float]) -> str:
    return " + ".join(f"{_factor(a)}·{_factor(b)}" for a, b in zip(one, other, strict=True)) or "0"


def _factor(value: float) -> str:
    return f"({value:g})" if value < 0 else f"{value:g}"


def _product_by_product(window: Any, W: Any, b: float) -> tuple[Steps, str]:
    products = window * W
    steps = [*_channels("window", window), *_channels("filter", W), *_channels("products", products)]
    total = float(products.sum())
    terms = _sum_of_products(window.ravel().tolist(), W.ravel().tolist())
    return [*steps, ("sum of the products", total)], f"{terms} + {_factor(b)} (the bias) = {total + b:g}"


def _border_or_pixel(arguments: Arguments, index: tuple[int, ...]) -> tuple[Steps, str]:
    X, pad = arguments
    i, h, w, k = index
    inside = 0 <= h - pad < X.shape[1] and 0 <= w - pad < X.shape[2]
    right = _bordered(X, pad)[i, :, :, k]
    said = f"X[{i}, {h - pad}, {w - pad}, {k}] = {right[h, w]:g}" if inside else "0, it lies in the border"
    name = "X_pad" if X.shape[0] * X.shape[3] == 1 else f"X_pad[{i}, :, :, {k}]"
    return [(f"{name} should be", right)], said


def _gradient(arguments: Arguments, output: str, index: tuple[int, ...]) -> tuple[Steps, str]:
    """Every turn of the loops in which the entry takes part, with what it meets there."""
    dZ, (A_prev, W, _, hparameters) = arguments
    stride, pad, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    padded = _bordered(A_prev, pad)
    if output == "db":
        entries = dZ[..., index[3]].ravel().tolist()
        total = " + ".join(map(_factor, entries))
        return _images("dZ", dZ[..., index[3:]]), f"{total} = {sum(entries):g}"
    met, handed = [], []
    for i, h, w, c in np.ndindex(*dZ.shape):
        if output == "dW":
            y, x, k, filter_ = index
            if c == filter_:
                met.append(float(padded[i, h * stride + y, w * stride + x, k]))
                handed.append(float(dZ[i, h, w, c]))
        else:
            image, row, column, k = index
            y, x = row + pad - h * stride, column + pad - w * stride
            if i == image and 0 <= y < f and 0 <= x < f:
                met.append(float(W[y, x, k, c]))
                handed.append(float(dZ[i, h, w, c]))
    caption = "pixels that this weight meets" if output == "dW" else "weights that meet this pixel"
    total = sum(a * b for a, b in zip(met, handed, strict=True))
    steps: Steps = [(caption, np.array(met)), ("dZ of these windows", np.array(handed))]
    return steps, f"{_sum_of_products(met, handed)} = {total:g}"
