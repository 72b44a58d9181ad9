"""Runs fault models on the calls that a student's function was given, each at most once a call.

A model that fails to give the student's answer on one call is not asked again: with a hundred models most
are out after the first, so the calls come in the order in which they tell models apart for their cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from grader.cases import copied
from grader.diagnose.answers import Answer, Evidence, Item, cells, failure, likeness
from grader.model import FaultModel, Value

#: An answer with fewer different numbers than this seldom tells two models apart.
TELLS_APART = 8


@dataclass(frozen=True, slots=True)
class Raising:
    """How far a model raises what the student's function raised."""

    types: bool  # the same kind of failure wherever the student's function raised
    likeness: float  # the sum over these calls, see answers.likeness


class Calls:
    """The evidence in the order in which it is used."""

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        items = [Item(e) for e in _distinct(evidence)]
        returned = [item for item in items if item.returned]
        wrong = [item for item in returned if any(item.wrong)]
        self.wrong = sorted(wrong, key=lambda item: (item.numbers < TELLS_APART, item.size))
        self.right = sorted((i for i in returned if not any(i.wrong)), key=lambda item: item.size)
        self.raised = sorted((i for i in items if i.failure is not None), key=lambda item: item.size)

    @property
    def returned(self) -> list[Item]:
        """The calls that returned a value, wrong ones first."""
        return self.wrong + self.right

    @property
    def all(self) -> list[Item]:
        """Every call that says something."""
        return self.wrong + self.right + self.raised


def _distinct(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Evidence without repetitions of a call that was answered the same way."""
    kept: dict[int, Evidence] = {}
    found = []
    for item in evidence:
        first = kept.setdefault(id(item.args), item)
        if first is item or first.correct is not item.correct:
            found.append(item)
    return found


class Sweep:
    """Answers of models, and of pairs of models, to the calls."""

    def __init__(self, models: Sequence[FaultModel], calls: Calls) -> None:
        self.models, self.calls = models, calls
        self._known: dict[tuple[int, int], Answer] = {}
        self.runs = 0

    def answer(self, model: FaultModel, item: Item) -> Answer:
        """What the model answers to the call."""
        key = id(model), id(item)
        if key not in self._known:
            self._known[key] = self.run(model.run, item)
        return self._known[key]

    def run(self, function: Callable[..., Value], item: Item) -> Answer:
        """What any function answers to the call."""
        self.runs += 1
        try:
            value = function(*copied(item.args))  # a model may work in place
        except Exception as error:  # what a model raises is its answer
            return failure(type(error).__name__, str(error))
        return cells(value, item.expected if len(item.expected) > 1 else None)

    def fits(self, model: FaultModel, items: Iterable[Item]) -> bool:
        """Whether the model gives the student's value on every one of the calls."""
        return all(item.fits(self.answer(model, item)) for item in items)

    def raising(self, model: FaultModel) -> Raising:
        """How far the model raises what the student's function raised."""
        return compare_raising((item, self.answer(model, item)) for item in self.calls.raised)

    def raises(self, model: FaultModel) -> bool:
        """Whether the model raises wherever the student's function raised; ends at the first that differs."""
        return all(_likeness(item, self.answer(model, item)) is not None for item in self.calls.raised)


def compare_raising(answers: Iterable[tuple[Item, Answer]]) -> Raising:
    """How far answers are the exceptions of the calls."""
    found = [_likeness(item, answer) for item, answer in answers]
    return Raising(None not in found, sum(-1.0 if alike is None else alike for alike in found))


def _likeness(item: Item, answer: Answer) -> float | None:
    if isinstance(answer, tuple) or item.failure is None:
        return None
    return likeness(item.failure, answer)
