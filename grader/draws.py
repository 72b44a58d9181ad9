"""How packs draw the values of their cases: exact numbers, and calls that show what a function keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.model import Arguments

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Makes of quarters numbers that are cut off where somebody thought that no number is so large (or so small).
LARGE = 4096.0
#: Makes of quarters numbers that somebody takes for zero, and of integers some that 32 bits do not hold.
TINY, HUGE = 2.0**-22, 1 << 33


#: So many numbers in another order are seldom turned, shifted or mirrored ones.
FEW = 8


def dyadic(rng: np.random.Generator, *shape: int, integer: bool = False) -> NDArray[Any]:
    """Distinct-looking values: k/4 with 0 < |k| <= 31, or k itself as int64. Sums of products are exact."""
    magnitude = rng.integers(1, 32, size=shape)
    signed = np.where(rng.random(shape) < 0.5, -magnitude, magnitude)
    return signed.astype(np.int64) if integer else signed / 4.0


def fine(rng: np.random.Generator, *shape: int, bits: int = 5) -> NDArray[Any]:
    """k/1024 with 0 < |k| < 2**bits, and a fifth of all entries zero, as behind a ReLU.

    Products of quarters have four decimals at most, so that rounding to four would not show in them.
    Twelve bits times five are still exact in float32.
    """
    magnitude = rng.integers(1, 1 << bits, size=shape)
    signed = np.where(rng.random(shape) < 0.5, -magnitude, magnitude)
    keep = rng.permutation(signed.size).reshape(shape) >= signed.size // 5
    return np.asarray(signed * keep / 1024.0)


def as_asked(values: NDArray[Any], name: str, asked: str) -> NDArray[Any]:
    """Quarters, for the argument called ``name``, as a case asks for them: "integer W"."""
    return (4 * values).astype(np.int64) if f"integer {name}" in asked else values


def again(rng: np.random.Generator, call: Arguments) -> list[Arguments]:
    """X, then X with one of its arrays exchanged at a time, then X: what a function keeps must not show.

    Shapes stay, and so does the set of numbers in every array: an answer that is kept by shape, by a summary
    such as the maximum, or by some of the arguments only is given once too often.
    """
    return [call, *_exchanged(rng, call), call]


def with_settings(call: Arguments, settings: dict[str, int]) -> Arguments:
    """The same call with other hyper-parameters, wherever in it (or in the cache in it) they stand."""
    return tuple(_with_settings(value, settings) for value in call)


def _with_settings(value: Any, settings: dict[str, int]) -> Any:
    if isinstance(value, dict):
        return settings
    return with_settings(value, settings) if isinstance(value, tuple) else value


def _exchanged(rng: np.random.Generator, call: Arguments) -> Iterator[Arguments]:
    """The same call with another array (or another fraction) at one place, for every place that has one."""
    for position, value in enumerate(call):
        others: Iterable[Any] = ()
        if isinstance(value, tuple):
            others = _exchanged(rng, value)
        elif isinstance(value, (float, np.ndarray)):
            others = [_other(rng, value)]
        for other in others:
            yield (*call[:position], other, *call[position + 1 :])


def _other(rng: np.random.Generator, value: Any) -> Any:
    """The same numbers at other places; a few of them with the other sign too: a slip may move so few."""
    if isinstance(value, float):
        return -value
    moved = rng.permutation(value.ravel()).reshape(value.shape)
    return -moved if moved.size < FEW else moved
