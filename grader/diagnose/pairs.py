"""Two wrong beliefs at once: tries settings of models together where no single model gives the answers.

There are thousands of pairs, so most are never run. What a few calls show is enough for that: an output
that is right was spoilt by neither fault, and a wrong shape comes from one of the two. Those that explain
most of the answers come first, and the number of runs, not the clock, ends the search, so that a report
does not depend on the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from grader.diagnose.answers import Answer, Failure, Item
from grader.diagnose.sweep import Raising, Sweep, compare_raising
from grader.model import FaultModel, Value

#: Pairs that are tried for every second of the budget; one takes 0.1 to 0.2 ms, mostly on one small call.
PAIRS_A_SECOND = 3000
#: The clock only ends a search that takes this many times its budget, on a machine that is much too slow.
PATIENCE = 5.0
#: Calls on which pairs are chosen: the first wrong ones and the first right ones.
MOST_WRONG, MOST_RIGHT = 3, 3


@dataclass(frozen=True, slots=True)
class PairFit:
    """Two models that together give every value that the student's function returned."""

    first: FaultModel  # explains more than ``second``
    second: FaultModel
    raising: Raising

    @property
    def ids(self) -> frozenset[str]:
        """The two beliefs."""
        return frozenset((self.first.misconception, self.second.misconception))


@dataclass(frozen=True, slots=True)
class _Member:
    """A model, and what it answers alone to the calls by which pairs are chosen.

    The masks have a bit for every output of every such call.
    """

    model: FaultModel
    explains: int  # it gives the student's output
    touches: int  # it does not give the reference's output
    shaped: int  # its output has the shape of the student's
    share: float  # of the entries that are the student's
    apart: bool  # alone it raises, spoils what is right, or gives a shape that is neither's


def together(one: FaultModel, other: FaultModel) -> Callable[..., Value] | None:
    """The function of somebody who believes both, or None where the two cannot be put together."""
    if one.run_with is None or one.run_with is not other.run_with:
        return None
    if one.misconception == other.misconception or not one.settings.keys().isdisjoint(other.settings):
        return None
    return partial(one.run_with, {**one.settings, **other.settings})


def fitting_pairs(sweep: Sweep, seconds: float) -> list[PairFit]:
    """The pairs that give all the values, among those that ``seconds`` allow to try."""
    if not sweep.calls.wrong:
        return []
    most, end = int(seconds * PAIRS_A_SECOND), time.perf_counter() + seconds * PATIENCE
    chosen = sweep.calls.wrong[:MOST_WRONG] + sweep.calls.right[:MOST_RIGHT]
    members = [m for m in (_member(sweep, model, chosen) for model in sweep.models) if m is not None]
    found = []
    adding = _adding_up(sweep, members, chosen[0])
    for count, (one, other) in enumerate(_promising(members, chosen, adding)):
        if count >= most or time.perf_counter() > end:
            break
        both = together(one.model, other.model)
        assert both is not None
        if all(item.fits(sweep.run(both, item)) for item in sweep.calls.returned):
            found.append(_fit(sweep, one.model, other.model, both))
    return found


def completed(sweep: Sweep, model: FaultModel) -> bool:
    """Whether some second belief makes of ``model`` what the student's function does, exceptions included."""
    for other in sweep.models:
        both = together(model, other)
        if both is None or not all(item.fits(sweep.run(both, item)) for item in sweep.calls.returned):
            continue
        if compare_raising((item, sweep.run(both, item)) for item in sweep.calls.raised).types:
            return True
    return False


def undo_each_other(sweep: Sweep, fit: PairFit) -> bool:
    """Whether the two faults, on most calls, leave less than half of what either does alone.

    Such a pair is two ways round one small mistake that has no model: the filters moved on by one, and the
    places of their answers too, is nothing but a bias that is not moved.
    """
    wrong = sweep.calls.wrong
    return sum(_undone(sweep, fit, item) for item in wrong) > len(wrong) / 2


def _undone(sweep: Sweep, fit: PairFit, item: Item) -> bool:
    right, student = _flat(item.expected), _flat([cell.value for cell in item.cells])
    if right is None or student is None or student.shape != right.shape:
        return False
    for model in (fit.first, fit.second):
        answer = sweep.answer(model, item)
        alone = None if isinstance(answer, Failure) else _flat(answer)
        if alone is None or alone.shape != right.shape:
            return False
        if 2 * np.linalg.norm(student - right) >= np.linalg.norm(alone - right):
            return False
    return True


def _fit(sweep: Sweep, one: FaultModel, other: FaultModel, both: Callable[..., Value]) -> PairFit:
    raising = compare_raising((item, sweep.run(both, item)) for item in sweep.calls.raised)
    if _closeness(sweep, other) > _closeness(sweep, one):
        one, other = other, one
    return PairFit(one, other, raising)


def _closeness(sweep: Sweep, model: FaultModel) -> tuple[float, float, float]:
    """How much of the student's answers the model explains alone."""
    outputs = share = 0.0
    for item in sweep.calls.wrong[:3]:
        answer = sweep.answer(model, item)
        outputs += sum(item.explained(answer))
        share += _share(item, answer)
    return outputs, share, model.weight


def _member(sweep: Sweep, model: FaultModel, chosen: Sequence[Item]) -> _Member | None:
    """The model as a member of pairs; None where it cannot have had a part in these answers."""
    if model.run_with is None:
        return None
    explains = touches = shaped = 0
    share, bit, apart = 0.0, 1, False
    for item in chosen:
        answer = sweep.answer(model, item)
        if isinstance(answer, Failure):  # the other fault may have kept it from raising
            apart = True
            touches |= bit * _mask(item.wrong)
            bit <<= len(item.asked)
            continue
        if len(answer) != len(item.cells):
            return None
        whole = len(item.expected) == len(item.cells)
        for k, wrong in zip(item.asked, item.wrong, strict=True):
            cell = item.cells[k]
            own = cell.form_of(answer[k]) == cell.form
            touched = not (whole and item.references[k].matches(answer[k]))
            right = whole and cell.form_of(answer[k]) == item.references[k].form
            apart = apart or not (own or right) or (touched and not wrong)
            explains |= bit * cell.matches(answer[k])
            touches |= bit * touched
            shaped |= bit * own
            share += cell.share(answer[k])
            bit <<= 1
    return _Member(model, explains, touches, shaped, share, apart)


def _mask(flags: Sequence[bool]) -> int:
    return sum(1 << position for position, flag in enumerate(flags) if flag)


def _share(item: Item, answer: Answer) -> float:
    if isinstance(answer, Failure) or len(answer) != len(item.cells):
        return 0.0
    return sum(item.cells[k].share(answer[k]) for k in item.asked) / max(1, len(item.asked))


def _adding_up(sweep: Sweep, members: Sequence[_Member], item: Item) -> set[frozenset[int]]:
    """Pairs (by identity of their models) whose effects on one call add up to the student's.

    A fault in one term leaves the other terms alone, so many pairs do: what the first changes is what the
    student's answer still differs by when the second's change is taken off. Looking that up costs nothing.
    """
    if len(item.expected) != len(item.cells):
        return set()
    student = _flat([cell.value for cell in item.cells])
    right = _flat(item.expected)
    if student is None or right is None or student.shape != right.shape:
        return set()
    changes: dict[bytes, list[int]] = {}
    effects = []
    for member in members:
        answer = sweep.answer(member.model, item)
        given = None if isinstance(answer, Failure) else _flat(answer)
        if given is not None and given.shape == right.shape:
            effects.append((id(member.model), given - right))
            changes.setdefault(_key(given - right), []).append(id(member.model))
    return {
        frozenset((one, other))
        for one, effect in effects
        for other in changes.get(_key(student - right - effect), ())
        if one != other
    }


def _flat(values: Sequence[Value]) -> Any:
    """All numbers of some outputs in one row; None where an output is no array of numbers."""
    rows = [np.ravel(value) for value in values if isinstance(value, (int, float, np.ndarray))]
    if not rows or any(row.dtype.kind not in "iuf" for row in rows):
        return None
    return np.concatenate(rows).astype(np.float64)


def _key(change: Any) -> bytes:
    return bytes((np.round(change, 6) + 0.0).tobytes())  # + 0.0: there is also a negative zero


def _promising(
    members: Sequence[_Member], chosen: Sequence[Item], adding: set[frozenset[int]]
) -> Iterator[tuple[_Member, _Member]]:
    """Pairs that may give the answers, those that explain most first; then those that hardly can."""
    flags = [wrong for item in chosen for wrong in item.wrong]
    every, spoilt = (1 << len(flags)) - 1, _mask(flags)
    ranked: list[tuple[tuple[float, ...], int, _Member, _Member]] = []
    unlikely: list[tuple[_Member, _Member]] = []
    for position, one in enumerate(members):
        for other in members[position + 1 :]:
            if together(one.model, other.model) is None:
                continue
            if (
                (one.apart and other.apart)
                or (one.shaped | other.shaped) != every
                or (one.touches | other.touches) & spoilt != spoilt
            ):
                unlikely.append((one, other))
                continue
            explained = (one.explains | other.explains).bit_count()
            shares, weights = one.share + other.share, one.model.weight * other.model.weight
            apart = (one.apart or other.apart) - (frozenset((id(one.model), id(other.model))) in adding)
            rank = (apart, -explained, -shares, -weights)
            ranked.append((rank, len(ranked), one, other))
    ranked.sort(key=lambda entry: entry[:2])
    for _, _, one, other in ranked:
        yield one, other
    yield from unlikely
