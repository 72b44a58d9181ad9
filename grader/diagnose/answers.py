"""What a student's function answered, cut into pieces that a fault model's answer can be held against.

An answer is one cell for every output (Z and cache; dA, dW and db), or an exception. Two cells are the same
within the tolerance of grading; nothing is broadcast. Exceptions are compared by type, and by the shapes
and numbers in their message: "(2,3,3) (3,3,3)" tells one misplaced window from another.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from grader.compare import TOLERANCE, compare
from grader.model import Arguments, CaseResult, Outcome, Output, Reply, Returned, Value


@dataclass(frozen=True, slots=True)
class Evidence:
    """One call of a function and what came of it.

    ``correct`` is the verdict of grading. ``outputs`` are the positions of the outputs that the case asks
    about; empty: all of them.
    """

    case: str
    args: Arguments
    reply: Reply
    expected: Value
    correct: bool
    outputs: tuple[int, ...] = ()


def gather_evidence(cases: Sequence[CaseResult], outputs: Sequence[Output]) -> tuple[Evidence, ...]:
    """Every call of every case that the reference judges."""
    names = [output.name for output in outputs]
    found = []
    for result in cases:
        case = result.case
        if case.judge is not None:
            continue
        asked = tuple(names.index(name) for name in case.outputs if name in names)
        for call, reply, expected in zip(case.calls, result.replies, result.expected, strict=False):
            right = isinstance(reply, Returned) and (
                compare(reply.value, expected, outputs, case.outputs) is None
            )
            found.append(Evidence(case.name, call, reply, expected, right, asked))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception, as far as it can be compared."""

    type_name: str
    shapes: frozenset[tuple[int, ...]] = frozenset()  # the shapes in its message
    numbers: frozenset[int] = frozenset()  # the numbers in a message without shapes
    axis: tuple[int, int] | None = None  # (axis, size) of an index that is just beyond the end


Answer: TypeAlias = "tuple[Value, ...] | Failure"

_SHAPE = re.compile(r"\(\s*\d+\s*(?:,\s*\d+\s*)*,?\s*\)")
_BEYOND = re.compile(r"index (\d+) is out of bounds for axis (\d+) with size (\d+)")


def failure(type_name: str, message: str) -> Failure:
    """The comparable part of an exception."""
    shapes = frozenset(
        tuple(map(int, re.findall(r"\d+", shape))) for shape in _SHAPE.findall(message) if "dim" not in shape
    )
    numbers = frozenset() if shapes else frozenset(map(int, re.findall(r"\d+", message)))
    beyond = _BEYOND.search(message)
    axis = None
    if beyond and beyond[1] == beyond[3]:
        axis = int(beyond[2]), int(beyond[3])
    return Failure(type_name, shapes, numbers, axis)


def likeness(seen: Failure, modelled: Failure) -> float | None:
    """How alike two exceptions are: None for another kind of failure, else -1 to 1.

    How NumPy reports that two arrays do not fit depends on how they meet: as they are, with a batch in
    front, flattened, or entry by entry. All of that is one failure, told in more or less detail.
    """
    if seen.type_name != modelled.type_name:
        return 0.75 if _runs_over(seen, modelled.shapes) else None
    if seen.shapes and modelled.shapes:
        if seen.shapes == modelled.shapes:
            return 1.0
        if _pairs_up(seen.shapes, modelled.shapes, lambda a, b: a[-len(b) :] == b or b[-len(a) :] == a):
            return 0.75
        if _pairs_up(seen.shapes, modelled.shapes, lambda a, b: math.prod(a) == math.prod(b)):
            return 0.75
        return -0.5
    if seen.numbers and modelled.numbers:
        return 0.5 if seen.numbers == modelled.numbers else -1.0  # small numbers are often equal
    return 0.0


def _runs_over(seen: Failure, shapes: frozenset[tuple[int, ...]]) -> bool:
    """Whether going through two arrays of these shapes entry by entry ends in the IndexError seen."""
    if seen.axis is None:
        return False
    axis, size = seen.axis
    lengths = {shape[axis] for shape in shapes if len(shape) > axis}
    return size in lengths and max(lengths) > size


def _pairs_up(
    one: frozenset[tuple[int, ...]],
    other: frozenset[tuple[int, ...]],
    alike: Callable[[tuple[int, ...], tuple[int, ...]], bool],
) -> bool:
    return len(one) == len(other) and all(any(alike(a, b) for b in other) for a in one)


def cells(value: Value, expected: Value) -> tuple[Value, ...]:
    """The outputs of an answer; one cell where it has not as many outputs as expected."""
    if isinstance(expected, tuple) and isinstance(value, (tuple, list)) and len(value) == len(expected):
        return tuple(value)
    return (value,)


class Cell:
    """One output of the student's answer, ready to be compared many times."""

    def __init__(self, value: Value, expected: Value) -> None:
        self.value = value
        self._scalar = np.ndim(expected) == 0 if _is_number(expected) else False
        self._length = len(expected) if isinstance(expected, (tuple, list)) else None
        self._array = _as_array(value, self._scalar)
        if self._array is not None:
            self._finite = bool(np.isfinite(self._array).all())
            itemsize = self._array.dtype.itemsize if self._array.dtype.kind == "f" else 8
            self._tolerance = TOLERANCE.get(itemsize, TOLERANCE[8])
            largest = float(np.max(np.abs(self._array), initial=0.0)) if self._finite else 0.0
            self._allowed = self._tolerance * max(1.0, largest)

    def matches(self, other: Value) -> bool:
        """Whether ``other``, a model's or the reference's output, is this answer."""
        if self._array is None:
            return same(self.value, other, self._length)
        array = _as_array(other, self._scalar)
        if array is None or array.shape != self._array.shape:
            return False
        if not self._finite:
            return bool(np.array_equal(np.isfinite(array), np.isfinite(self._array))) and bool(
                np.allclose(array, self._array, rtol=self._tolerance, atol=self._tolerance, equal_nan=True)
            )
        return bool(np.max(np.abs(array - self._array), initial=0.0) <= self._allowed)

    def share(self, other: Value) -> float:
        """The share of the entries in which ``other`` is this answer; 0 for another shape."""
        array = _as_array(other, self._scalar)
        if self._array is None or array is None or array.shape != self._array.shape or not array.size:
            return 0.0
        return float(np.mean(np.abs(array - self._array) <= self._allowed)) if self._finite else 0.0

    @cached_property
    def form(self) -> str:
        """The answer without its numbers."""
        return form(self.value, self._scalar)

    def form_of(self, other: Value) -> str:
        """The same of another answer to the same question."""
        return form(other, self._scalar)

    @cached_property
    def numbers(self) -> int:
        """How many different numbers other than zero the answer holds: how much it can tell."""
        if self._array is None or not self._finite:
            return 0
        return int(np.count_nonzero(np.unique(self._array)))


def form(value: Value, scalar: bool = False) -> str:
    """Type and shape of an output."""
    array = _as_array(value, scalar)
    if array is not None:
        return f"array{array.shape}"
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(form, value))})"
    return type(value).__name__


def same(value: Value, other: Value, length: int | None = None) -> bool:
    """Whether two values are one, within tolerance. A sequence of which only the first ``length`` entries
    are asked for may go on."""
    if isinstance(value, (tuple, list)) and isinstance(other, (tuple, list)):
        if len(value) != len(other):
            if length is None or len(other) != length or len(value) < length:
                return False
            value = value[:length]
        return all(same(a, b) for a, b in zip(value, other, strict=True))
    if isinstance(value, dict) and isinstance(other, dict):
        return value.keys() == other.keys() and all(same(value[k], other[k]) for k in value)
    one, two = _as_array(value, False), _as_array(other, False)
    if one is None or two is None:
        return type(value) is type(other) and one is two and bool(value == other)
    if one.shape != two.shape:
        return False
    return bool(np.allclose(one, two, rtol=TOLERANCE[8], atol=TOLERANCE[8], equal_nan=True))


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float, np.generic)) or (isinstance(value, np.ndarray) and value.ndim == 0)


def _as_array(value: Value, scalar: bool) -> Any:
    """The value as an array of numbers; None where it is none."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "iufb":
            return None
        if value.dtype.kind == "b":  # NumPy does not subtract booleans
            value = value.astype(np.float64)
        return value.reshape(()) if scalar and value.size == 1 else value
    if isinstance(value, (bool, int, float, np.generic)):
        return np.asarray(value, dtype=np.float64)
    return None


class Item:
    """One piece of evidence, ready to be held against many models."""

    def __init__(self, evidence: Evidence) -> None:
        reply, expected = evidence.reply, evidence.expected
        self.case, self.args = evidence.case, evidence.args
        self.expected = expected if isinstance(expected, tuple) else (expected,)
        self.returned = isinstance(reply, Returned)
        self.failure: Failure | None = None
        self.cells: tuple[Cell, ...] = ()
        if isinstance(reply, Returned):
            values = cells(reply.value, expected)
            whole = len(values) == len(self.expected)
            self.cells = tuple(
                Cell(v, e) for v, e in zip(values, self.expected if whole else (None,), strict=True)
            )
            asked = evidence.outputs if whole and evidence.outputs else range(len(values))
            self.asked = tuple(asked)
            self.wrong = tuple(
                not evidence.correct and not (whole and self.cells[k].matches(self.expected[k]))
                for k in self.asked
            )
            if not evidence.correct and not any(self.wrong):  # the form was at fault, not the numbers
                self.wrong = (True,) * len(self.asked)
        else:
            self.asked, self.wrong = (), ()
            if reply.outcome is Outcome.RAISED and reply.raised is not None:
                self.failure = failure(reply.raised.type_name, reply.raised.message)

    @property
    def size(self) -> int:
        """A measure of what it costs to run a model on this call."""
        return sum(_size(value) for value in (*self.args, *self.expected))

    @cached_property
    def references(self) -> tuple[Cell, ...]:
        """The right outputs, ready to be compared."""
        return tuple(Cell(value, value) for value in self.expected)

    @cached_property
    def numbers(self) -> int:
        """How many different numbers the wrong outputs hold."""
        return sum(self.cells[k].numbers for k, wrong in zip(self.asked, self.wrong, strict=True) if wrong)

    def explained(self, answer: Answer) -> tuple[bool, ...]:
        """For every output that is asked for: whether ``answer`` gives it."""
        if isinstance(answer, Failure) or len(answer) != len(self.cells):
            return (False,) * len(self.asked)
        return tuple(self.cells[k].matches(answer[k]) for k in self.asked)

    def fits(self, answer: Answer) -> bool:
        """Whether ``answer`` is the student's value, in all that is asked for."""
        if isinstance(answer, Failure) or len(answer) != len(self.cells):
            return False
        return all(self.cells[k].matches(answer[k]) for k in self.asked)


def _size(value: Value) -> int:
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, (tuple, list)):
        return sum(map(_size, value))
    return 8
