"""Two wrong beliefs at once: tries settings of models together where no single model gives the answers.

There are thousands of pairs, so most are set aside without being run. What one call shows is enough for
that: a student's answer that has the right shape does not come from a fault that changes the shape, and
an output that is right was spoilt by neither fault. Those that explain most of the answer come first, and
the number of runs, not the clock, ends the search, so that a report does not depend on the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from grader.diagnose.answers import Answer, Failure, Item
from grader.diagnose.sweep import Raising, Sweep, compare_raising
from grader.model import FaultModel, Value

#: Pairs that are run on the first call: half a second on one core for calls of 0.1 ms.
MOST_PAIRS = 4000


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
    """A model and what it answers, alone, to the call by which pairs are chosen."""

    model: FaultModel
    explains: tuple[bool, ...]  # for every output: it is the student's
    touches: tuple[bool, ...]  # for every output: it is not the reference's
    forms: tuple[str, ...]
    share: float  # of the entries that are the student's


def together(one: FaultModel, other: FaultModel) -> Callable[..., Value] | None:
    """The function of somebody who believes both, or None where the two cannot be put together."""
    if one.run_with is None or one.run_with is not other.run_with:
        return None
    if one.misconception == other.misconception or not one.settings.keys().isdisjoint(other.settings):
        return None
    return partial(one.run_with, {**one.settings, **other.settings})


def fitting_pairs(sweep: Sweep, seconds: float) -> list[PairFit]:
    """The pairs that give all the values, found within ``seconds`` and MOST_PAIRS runs."""
    if not sweep.calls.wrong:
        return []
    end = time.perf_counter() + seconds
    item = sweep.calls.wrong[0]
    rest = sweep.calls.returned[1:]
    members = [m for m in (_member(sweep, model, item) for model in sweep.models) if m is not None]
    found = []
    for count, (one, other) in enumerate(_promising(members, item)):
        if count >= MOST_PAIRS or time.perf_counter() > end:
            break
        both = together(one.model, other.model)
        assert both is not None
        if not item.fits(sweep.run(both, item)):
            continue
        if all(other_item.fits(sweep.run(both, other_item)) for other_item in rest):
            found.append(_fit(sweep, one.model, other.model, both))
    return found


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


def _member(sweep: Sweep, model: FaultModel, item: Item) -> _Member | None:
    """The model as a member of pairs; None where it cannot have had a part in this answer."""
    answer = sweep.answer(model, item)
    if isinstance(answer, Failure) or len(answer) != len(item.cells):
        return None
    wanted = len(item.expected) == len(item.cells)
    forms = tuple(item.cells[k].form_of(answer[k]) for k in item.asked)
    right = tuple(item.cells[k].form_of(item.expected[k]) if wanted else "" for k in item.asked)
    own = tuple(item.cells[k].form for k in item.asked)
    if any(f not in (r, o) for f, r, o in zip(forms, right, own, strict=True)):
        return None
    touches = tuple(not _is_reference(item, k, answer) for k in item.asked)
    if any(t and not w for t, w in zip(touches, item.wrong, strict=True)):
        return None
    return _Member(model, item.explained(answer), touches, forms, _share(item, answer))


def _is_reference(item: Item, k: int, answer: Answer) -> bool:
    from grader.diagnose.answers import Cell

    if isinstance(answer, Failure) or len(item.expected) != len(answer):
        return False
    return Cell(answer[k], item.expected[k]).matches(item.expected[k])


def _share(item: Item, answer: Answer) -> float:
    if isinstance(answer, Failure) or len(answer) != len(item.cells):
        return 0.0
    return sum(item.cells[k].share(answer[k]) for k in item.asked) / max(1, len(item.asked))


def _promising(members: list[_Member], item: Item) -> Iterator[tuple[_Member, _Member]]:
    """Pairs that may give the answer, those that explain most first."""
    own = tuple(item.cells[k].form for k in item.asked)
    ranked: list[tuple[tuple[float, ...], int, _Member, _Member]] = []
    for position, one in enumerate(members):
        for other in members[position + 1 :]:
            if any(o not in forms for o, *forms in zip(own, one.forms, other.forms, strict=True)):
                continue
            touched = [a or b for a, b in zip(one.touches, other.touches, strict=True)]
            if any(w and not t for w, t in zip(item.wrong, touched, strict=True)):
                continue
            if together(one.model, other.model) is None:
                continue
            explained = sum(a or b for a, b in zip(one.explains, other.explains, strict=True))
            rank = (-explained, -(one.share + other.share), -(one.model.weight * other.model.weight))
            ranked.append((rank, len(ranked), one, other))
    ranked.sort(key=lambda entry: entry[:2])
    for _, _, one, other in ranked:
        yield one, other
