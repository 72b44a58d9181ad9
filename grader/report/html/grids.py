"""Lays arrays out as tables: the picture of a worked example, and the map of where two arrays differ.

A page can only show two axes at a time, so an array of more axes is cut into planes. Every plane says
which entries it holds (``Z[0, :, :, 2]``), and a difference is a sign in a cell before it is a colour.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.report.values import differs, number, show

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: The largest plane that is shown with its numbers; a larger one shows signs, and is cut at MOST.
WITH_NUMBERS, MOST = 7, 24
#: The planes that are shown of one array, and of one in which entries differ.
PLANES, HEAT_PLANES = 4, 2


@dataclass(frozen=True, slots=True)
class GridCell:
    """One entry. ``sign`` says how it differs (empty: it does not), ``level`` how much, 0 to 3."""

    text: str
    sign: str = ""
    word: str = ""  # the sign for a screen reader
    expected: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """One plane of an array as a table with its indices as headers."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[GridCell, ...]], ...]
    cut: str = ""
    signs_only: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """One part of a picture: some grids or one value, and the sign that joins it to the one before."""

    caption: str
    grids: tuple[Grid, ...] = ()
    value: str = ""
    joined_by: str = ""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Where an answer differs from the expected one."""

    sentence: str
    grids: tuple[Grid, ...]
    more: str = ""


# --------------------------------------------------------------------------- planes


def plane_axes(shape: tuple[int, ...]) -> tuple[int, int]:
    """The two axes that make an array's rows and columns, for two axes or more.

    Axes of size one are left aside where that leaves two. Else the first two, as in a filter or a
    window; but of a batch of four axes the second and third, unless the first two are equal.
    """
    wide = [axis for axis, size in enumerate(shape) if size > 1]
    if len(wide) == 2:
        return wide[0], wide[1]
    if len(wide) == 1:
        return (0, 1) if wide[0] == 0 else (wide[0] - 1, wide[0])
    if len(shape) == 4 and not (shape[0] == shape[1] > 1 and shape[1] != shape[2]):
        return 1, 2
    return 0, 1


def planes(array: NDArray[Any], name: str) -> Iterator[tuple[str, NDArray[Any]]]:
    """The planes of ``array`` with what they are called, in the order of their indices."""
    import numpy as np

    if array.ndim < 2:
        yield name, np.atleast_2d(array)
        return
    row, column = plane_axes(array.shape)
    others = [axis for axis in range(array.ndim) if axis not in (row, column)]
    for index in itertools.product(*(range(array.shape[axis]) for axis in others)):
        picked: list[Any] = [slice(None)] * array.ndim
        for axis, position in zip(others, index, strict=True):
            picked[axis] = position
        shown = ", ".join(":" if isinstance(p, slice) else str(p) for p in picked)
        yield (f"{name}[{shown}]" if others else name), array[tuple(picked)]


def grids(array: NDArray[Any], name: str) -> tuple[Grid, ...]:
    """The first planes of an array with their numbers."""
    shown = []
    for caption, plane in itertools.islice(planes(array, name), PLANES):
        rows, cut = _cells(plane, lambda r, c, plane=plane: GridCell(_entry(plane[r, c].item())))
        shown.append(Grid(caption, _labels(plane.shape[1]), rows, cut))
    return tuple(shown)


def _cells(plane: NDArray[Any], cell: Any) -> tuple[tuple[tuple[str, tuple[GridCell, ...]], ...], str]:
    height, width = plane.shape
    rows = tuple(
        (str(r), tuple(cell(r, c) for c in range(min(width, MOST)))) for r in range(min(height, MOST))
    )
    cut = f"the first {MOST} rows and columns of {height} × {width}" if max(plane.shape) > MOST else ""
    return rows, cut


def _labels(width: int) -> tuple[str, ...]:
    return tuple(str(c) for c in range(min(width, MOST)))


# --------------------------------------------------------------------------- pictures


def tiles(named: Iterable[tuple[str, Any]]) -> tuple[Tile, ...]:
    """Captions and values side by side, joined by the signs that their numbers bear out.

    Where the third array is the product of the first two it reads ``×`` and ``=``; a number that is
    the sum of the array before it reads ``sum =``. Nothing is claimed that was not computed here.
    """
    import numpy as np

    shown: list[Tile] = []
    arrays: list[NDArray[Any]] = []
    for caption, value in named:
        if isinstance(value, np.ndarray) and value.size > 1 and value.dtype.kind in "biuf":
            joined = ""
            if len(arrays) >= 2 and _is_product(arrays[-2], arrays[-1], value):
                joined = "="
                shown[-1] = _joined(shown[-1], "×")
            arrays.append(value)
            # A plain name goes into the grid's caption: W[:, :, 0]. A description stays above it.
            name = caption if caption.isidentifier() else ""
            shown.append(Tile("" if name else caption, grids(value, name), joined_by=joined))
            continue
        single = value.reshape(()).item() if isinstance(value, np.ndarray) and value.size == 1 else value
        total = arrays[-1].sum() if arrays and shown and shown[-1].grids else None
        summed = total is not None and _is_number(single) and bool(np.isclose(total, single))
        text = _entry(single) if _is_number(single) else show(single, 200)
        shown.append(Tile(caption, value=text, joined_by="sum =" if summed else ""))
    return tuple(shown)


def _joined(tile: Tile, sign: str) -> Tile:
    return Tile(tile.caption, tile.grids, tile.value, sign)


def _is_product(a: NDArray[Any], b: NDArray[Any], c: NDArray[Any]) -> bool:
    import numpy as np

    return a.shape == b.shape == c.shape and bool(np.allclose(a * b, c))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# --------------------------------------------------------------------------- differences


def heat_map(got: NDArray[Any], want: NDArray[Any], name: str) -> HeatMap | None:
    """The planes in which ``got`` differs from ``want``; None where the shapes differ or nothing does."""
    import numpy as np

    if got.shape != want.shape or got.size == 0:
        return None
    wrong = differs(got, want)
    count = int(wrong.sum())
    if count == 0:
        return None
    with np.errstate(all="ignore"):
        gap = np.abs(got.astype(float) - want.astype(float))
    finite = gap[np.isfinite(gap) & wrong]
    largest = float(finite.max()) if finite.size else 0.0
    found: list[Grid] = []
    layers = zip(planes(got, name), planes(want, name), planes(wrong, name), planes(gap, name), strict=True)
    differing = 0
    total = 0
    for (caption, g), (_, w), (_, x), (_, d) in layers:
        total += 1
        if not x.any():
            continue
        differing += 1
        if len(found) < HEAT_PLANES:
            found.append(_heat_grid(caption, g, w, x, d, largest))
    share = "every entry differs" if count == got.size else f"{count} of {got.size} entries differ"
    more = ""
    if total > len(found):
        more = (
            f"{len(found)} of the {differing} planes with a difference are shown; there are {total} in all."
        )
        if len(found) == differing:
            more = f"The other {total - differing} of {total} planes hold no difference."
    return HeatMap(f"{name}: {share}, by {number(largest)} at most.", tuple(found), more)


def _heat_grid(
    caption: str,
    got: NDArray[Any],
    want: NDArray[Any],
    wrong: NDArray[np.bool_],
    gap: NDArray[Any],
    largest: float,
) -> Grid:
    signs_only = max(got.shape) > WITH_NUMBERS

    def cell(r: int, c: int) -> GridCell:
        mine, right = got[r, c].item(), want[r, c].item()
        if not wrong[r, c]:
            return GridCell("·" if signs_only else _entry(right))
        sign, word = _sign(mine, right)
        share = float(gap[r, c]) / largest if largest and gap[r, c] == gap[r, c] else 1.0
        level = 1 + (share > 1 / 3) + (share > 2 / 3)
        if signs_only:
            return GridCell("", sign, word, level=level)
        return GridCell(_entry(mine), sign, word, _entry(right), level)

    rows, cut = _cells(got, cell)
    return Grid(caption, _labels(got.shape[1]), rows, cut, signs_only)


def _entry(value: Any) -> str:
    """A number with a real minus sign: a hyphen is too short to be seen in a table."""
    return number(value).replace("-", "−")


def _sign(mine: Any, right: Any) -> tuple[str, str]:
    if mine != mine or mine in (float("inf"), float("-inf")):
        return "?", "not a finite number"
    return ("▲", "too large") if mine > right else ("▼", "too small")
