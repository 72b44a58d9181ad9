"""What the four functions must return, computed in a second way that shares no line with the reference.

Forward is `scipy.signal.correlate` over whole volumes, thinned out by the stride; the gradients come from
spreading dZ out by the stride and convolving (dA) or correlating (dW), never from a loop over windows.
`tests/faults/test_oracle.py` checks these in turn against the adjoint identities and exact differences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from scipy.signal import convolve, correlate  # type: ignore[import-untyped]

Array: TypeAlias = "np.ndarray[Any, Any]"


def zero_pad(X: Array, pad: int) -> Array:
    """X (m, H, W, C) in the middle of zeros: (m, H + 2 pad, W + 2 pad, C), same dtype."""
    m, height, width, channels = X.shape
    out = np.zeros((m, height + 2 * pad, width + 2 * pad, channels), dtype=X.dtype)
    out[:, pad : pad + height, pad : pad + width, :] = X
    return out


def conv_single_step(a_slice: Array, W: Array, b: Array | float) -> float:
    """One window (f, f, C), one filter of the same shape, one bias: one number."""
    bias = np.asarray(b, dtype=float).reshape(-1)[0]
    total = correlate(a_slice.astype(float), W.astype(float), mode="valid", method="direct")
    return float(total.item() + bias)


def conv_forward(A_prev: Array, W: Array, b: Array, hparameters: dict[str, int]) -> tuple[Array, Any]:
    """Z (m, n_H, n_W, n_C) and the cache (A_prev, W, b, hparameters)."""
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded = zero_pad(A_prev.astype(float), pad)
    filters = np.moveaxis(W, -1, 0)
    maps = [
        [correlate(image, kernel, mode="valid", method="direct")[::stride, ::stride, 0] for kernel in filters]
        for image in padded
    ]
    Z = np.moveaxis(np.array(maps), 1, -1) + b.reshape(1, 1, 1, -1)
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ: Array, cache: Any) -> tuple[Array, Array, Array]:
    """dA_prev, dW and db of a convolution whose output has the gradient dZ."""
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded = zero_pad(A_prev.astype(float), pad)
    f = W.shape[0]
    rows, columns = padded.shape[1] - f + 1, padded.shape[2] - f + 1
    spread = np.zeros((len(dZ), rows, columns, W.shape[3]))
    spread[:, ::stride, ::stride, :] = dZ
    dP, dW = np.zeros(padded.shape), np.zeros(W.shape)
    for i in range(len(dZ)):
        for c in range(W.shape[3]):
            gradient = spread[i, :, :, c]
            for k in range(W.shape[2]):
                dP[i, :, :, k] += convolve(gradient, W[:, :, k, c], mode="full", method="direct")
                dW[:, :, k, c] += correlate(padded[i, :, :, k], gradient, mode="valid", method="direct")
    height, width = A_prev.shape[1:3]
    dA = dP[:, pad : pad + height, pad : pad + width, :]
    return dA, dW, dZ.sum(axis=(0, 1, 2)).reshape(b.shape)


RIGHT = {
    "zero_pad": zero_pad,
    "conv_single_step": conv_single_step,
    "conv_forward": conv_forward,
    "conv_backward": conv_backward,
}
FUNCTIONS = tuple(RIGHT)


# ------------------------------------------------------------------------------------------- the sweep


@dataclass(frozen=True)
class Check:
    """One call with the answer it must have."""

    function: str
    arguments: tuple[Any, ...]
    expected: Any
    label: str


def quarters(rng: np.random.Generator, shape: tuple[int, ...], *, whole: bool = False) -> Array:
    """Entries k/4 with 1 <= |k| <= 31 (or whole numbers, int64): sums of products of these are exact."""
    values: Array = rng.integers(1, 32, size=shape) * rng.choice([-1, 1], size=shape)
    return values.astype(np.int64) if whole else values / 4


#: m, H, W, channels in, f, filters, stride, pad, integer input
SHAPES: tuple[tuple[int, int, int, int, int, int, int, int, bool], ...] = (
    (2, 5, 6, 3, 2, 4, 3, 1, False),  # stride > f, does not divide on either axis
    (2, 3, 2, 2, 2, 3, 1, 2, False),
    (2, 5, 3, 4, 3, 2, 1, 0, False),  # one column of windows, no pad, fewer filters than channels
    (2, 4, 5, 3, 3, 3, 2, 3, False),  # f == channels == filters: matrix products do not raise
    (2, 5, 7, 2, 3, 4, 2, 1, True),
    (1, 3, 4, 2, 3, 1, 2, 0, False),  # axes of size one must stay
    (1, 3, 3, 3, 3, 3, 1, 1, False),  # everything square
    (3, 4, 6, 1, 1, 2, 1, 0, False),
    (1, 4, 3, 2, 1, 2, 2, 1, True),
    (2, 6, 4, 2, 2, 2, 2, 0, False),  # windows side by side
    (3, 2, 3, 1, 2, 5, 1, 1, False),
    (2, 7, 5, 2, 3, 3, 3, 2, True),
    (1, 5, 4, 3, 2, 1, 3, 0, False),
    (2, 5, 6, 3, 2, 4, 3, 1, False),  # the first again, with other values: shows what is kept between calls
)


def _convolution_checks(rng: np.random.Generator, shapes: Any, label: str) -> Iterator[Check]:
    for m, height, width, channels, f, filters, stride, pad, whole in shapes:
        A_prev = quarters(rng, (m, height, width, channels), whole=whole)
        W, b = quarters(rng, (f, f, channels, filters)), quarters(rng, (1, 1, 1, filters))
        hparameters = {"stride": stride, "pad": pad}
        Z, cache_ = conv_forward(A_prev, W, b, hparameters)
        dZ = quarters(rng, Z.shape)
        name = f"{label}: A{A_prev.shape} f={f} filters={filters} stride={stride} pad={pad} {A_prev.dtype}"
        window = quarters(rng, (f, f, channels), whole=whole)
        one = (window, W[..., 0].copy(), b[..., 0].copy())
        yield Check("zero_pad", (A_prev, pad), zero_pad(A_prev, pad), name)
        yield Check("conv_single_step", one, conv_single_step(*one), name)
        yield Check("conv_forward", (A_prev, W, b, hparameters), (Z, cache_), name)
        yield Check("conv_backward", (dZ, cache_), conv_backward(dZ, cache_), name)


def _unusual_checks(rng: np.random.Generator) -> Iterator[Check]:
    """Integers in the filters, integers that 32 bits do not hold, numbers that are nearly nothing."""
    window, b = quarters(rng, (3, 3, 2)), quarters(rng, (1, 1, 1))
    for label, one in (
        ("integer filter", (window, quarters(rng, (3, 3, 2), whole=True), b)),
        ("next to nothing", (window * 2.0**-22, quarters(rng, (3, 3, 2)), 0.0 * b)),
    ):
        yield Check("conv_single_step", one, conv_single_step(*one), label)
    pixels = quarters(rng, (2, 3, 4, 2), whole=True) * (1 << 33)
    yield Check("zero_pad", (pixels, 1), zero_pad(pixels, 1), "large integers")
    W, many = quarters(rng, (2, 2, 2, 3), whole=True), quarters(rng, (1, 1, 1, 3))
    layer = (quarters(rng, (2, 4, 5, 2)), W, many, {"stride": 1, "pad": 1})
    yield Check("conv_forward", layer, conv_forward(*layer), "integer filters")


@cache
def sweep() -> tuple[Check, ...]:
    """The broad sweep: every fault in the bank fails a case of it, every right hand-in passes them all."""
    rng = np.random.default_rng(20240607)
    return (*_convolution_checks(rng, SHAPES, "broad"), *_unusual_checks(rng))


@cache
def grid() -> tuple[Check, ...]:
    """pad 0..3, stride 1..3, f 1..3 in all combinations (right hand-ins only)."""
    rng = np.random.default_rng(7)
    shapes = [
        (1 + (pad + f) % 2, 4 + stride % 2, 5 - pad % 3, 1 + stride % 3, f, 1 + pad % 3, stride, pad, pad > 1)
        for f in (1, 2, 3)
        for stride in (1, 2, 3)
        for pad in (0, 1, 2, 3)
    ]
    return tuple(_convolution_checks(rng, shapes, "grid"))


# ------------------------------------------------------------------------------------------- judging


def same(actual: Any, expected: Any, *, rtol: float = 1e-9) -> bool:
    """Are these the same plain float (or, where integers were asked for, integer) arrays, shape for shape?"""
    if type(actual) is not np.ndarray or actual.shape != expected.shape or actual.dtype.kind not in "fi":
        return False
    if not np.isfinite(actual).all():
        return False
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    return bool(np.abs(actual - expected).max(initial=0.0) <= rtol * scale)


def right_answer(function: str, actual: Any, expected: Any) -> bool:
    """Would a fair reader accept this answer of `function`?"""
    if function == "zero_pad":
        return same(actual, expected)
    if function == "conv_single_step":
        if not isinstance(actual, (float, int, np.generic, np.ndarray)) or isinstance(actual, bool):
            return False
        number = np.array(actual)
        return number.size == 1 and number.ndim <= 3 and same(number.reshape(()), np.asarray(expected))
    if not isinstance(actual, tuple):
        return False
    if function == "conv_backward":
        return len(actual) == 3 and all(map(same, actual, expected))
    if len(actual) != 2 or not same(actual[0], expected[0]):
        return False
    stored = actual[1]
    if not isinstance(stored, tuple) or len(stored) < 4 or not isinstance(stored[3], dict):
        return False
    return all(map(same, stored[:3], expected[1][:3])) and all(
        stored[3].get(key) == value for key, value in expected[1][3].items()
    )
