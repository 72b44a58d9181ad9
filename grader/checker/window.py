"""The piece of an answer round its first wrong entry, and what that entry is made of.

An array of a hundred numbers of which fourteen are wrong tells nobody anything. One entry, its
neighbours, what was expected there and the numbers that it is computed from can be done by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.checker.public import PublicFunction
from grader.model import CaseResult, Outcome, Output, Returned, Value
from grader.report.html.grids import plane_axes
from grader.report.values import differing_pair, differs, leaves, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Rows and columns on each side of the entry; a plane of up to ``WHOLE`` is shown as it is.
AROUND, WHOLE = 2, 6


@dataclass(frozen=True, slots=True)
class Window:
    """A plane of an answer, cut to the neighbourhood of its first wrong entry."""

    entry: str  # e.g. "Z[0, 1, 2, 0]"
    caption: str  # e.g. "Z[0, 0:3, 1:4, 0]"
    got: tuple[tuple[str, ...], ...]
    expected: tuple[tuple[str, ...], ...]
    wrong: tuple[tuple[bool, ...], ...]

    def lines(self) -> Iterator[str]:
        """Yours and the expected one side by side; a star stands behind what differs."""
        width = max(len(text) for rows in (self.got, self.expected) for row in rows for text in row) + 1
        mine = [
            "".join(f"{t:>{width}}{'*' if bad else ' '}" for t, bad in zip(row, marks, strict=True))
            for row, marks in zip(self.got, self.wrong, strict=True)
        ]
        want = ["".join(f"{t:>{width}} " for t in row) for row in self.expected]
        left = max(len(mine[0]), len("yours"))
        yield f"{self.caption}, round the first entry that differs (* differs):"
        yield f"  {'yours':<{left}}   expected"
        yield from (f"  {a:<{left}}   {b}".rstrip() for a, b in zip(mine, want, strict=True))


def window(result: CaseResult, outputs: Sequence[Output]) -> Window | None:
    """The window of a wrong answer; None where there are no two arrays to lay side by side."""
    found = _differing(result, outputs)
    if found is None or found[1].size < 2:
        return None
    name, got, want = found
    wrong = differs(got, want)
    first = _first(wrong)
    cut: list[Any] = list(first)
    # One axis is a row; of more, two make the plane.
    axes = (0,) if got.ndim == 1 else plane_axes(got.shape)
    for axis in axes:
        cut[axis] = _neighbours(first[axis], got.shape[axis])
    where = tuple(cut)
    caption = ", ".join(f"{c.start}:{c.stop}" if isinstance(c, slice) else str(c) for c in where)
    return Window(
        _at(name, first),
        f"{name}[{caption}]",
        _texts(np.atleast_2d(got[where])),
        _texts(np.atleast_2d(want[where])),
        tuple(tuple(bool(x) for x in row) for row in np.atleast_2d(wrong[where])),
    )


def made_of(result: CaseResult, public: PublicFunction) -> tuple[str, ...]:
    """What goes into the first wrong entry, e.g. ``A_prev[0, 0:2, 1:3, 0] = [[2, 3], [6, 7]]``."""
    boxes = public.footprints.get(result.case.name, {})
    found = _differing(result, public.spec.outputs)
    if found is None or found[0] not in boxes:
        return ()
    name, got, want = found
    first = _first(differs(got, want))
    inputs = dict(_labelled(result.case.inputs, public.spec.parameters))
    lines = []
    for label, box in boxes[name].items():
        limits = box[first]
        if (limits < 0).any():
            continue
        where = tuple(slice(int(a), int(b)) for a, b in limits)
        text = ", ".join(str(s.start) if s.stop == s.start + 1 else f"{s.start}:{s.stop}" for s in where)
        piece = inputs[label][where].squeeze()
        lines.append(f"    {label}[{text}]{_values(piece)}")
    entry = _at(name, first)
    return (f"What goes into {entry}:", *lines) if lines else (f"Nothing goes into {entry}: it is fixed.",)


def _values(piece: NDArray[Any]) -> str:
    if piece.size > 27:
        return f", {piece.size} numbers"
    text = np.array2string(piece, separator=", ", max_line_width=10_000, formatter={"all": number})
    return " = " + " ".join(text.split())


def _labelled(inputs: Sequence[Value], parameters: Sequence[str]) -> Iterator[tuple[str, Value]]:
    """Every plain value that goes in, by what it is called: ``A_prev``, ``cache[0]``."""
    for position, value in enumerate(inputs):
        name = parameters[position] if position < len(parameters) else f"argument {position + 1}"
        yield from ((f"{name}{path}", leaf) for path, leaf in leaves(value))


def labelled_arrays(inputs: Sequence[Value], parameters: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The arrays of numbers that go in, by what they are called."""
    return {
        label: leaf
        for label, leaf in _labelled(inputs, parameters)
        if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "biuf"
    }


def _differing(
    result: CaseResult, outputs: Sequence[Output]
) -> tuple[str, NDArray[Any], NDArray[Any]] | None:
    """(output, answer, expected) of the array that the difference is in."""
    if result.outcome is not Outcome.WRONG or result.difference is None or not result.expected:
        return None
    if result.difference.rung not in ("values", "finite"):
        return None
    reply, expected = result.replies[0], result.expected[0]
    if not isinstance(reply, Returned):
        return None
    value, name = reply.value, result.difference.output
    if len(outputs) > 1:
        position = next((k for k, o in enumerate(outputs) if o.name == name), None)
        if position is None or not isinstance(value, (tuple, list)) or len(value) <= position:
            return None
        value, expected = value[position], expected[position]
    pair = differing_pair(value, expected)
    if pair is not None:
        return f"{name}{pair[0]}", pair[1], pair[2]
    got, want = np.asarray(value), np.asarray(expected)
    if got.size == want.size == 1 and got.dtype.kind in "biuf":  # one number, whatever its shape
        return name, got.reshape(()), want.reshape(())
    return None


def _first(wrong: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(k) for k in np.argwhere(wrong)[0])


def _neighbours(index: int, size: int) -> slice:
    if size <= WHOLE:
        return slice(0, size)
    start = min(max(index - AROUND, 0), size - 2 * AROUND - 1)
    return slice(start, start + 2 * AROUND + 1)


def _texts(plane: NDArray[Any]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(number(x) for x in row.tolist()) for row in plane)


def _at(name: str, index: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, index))}]" if index else name
