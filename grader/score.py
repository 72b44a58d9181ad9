"""Turns outcomes into points, by the rubric and nothing else.

Points are exact shares until the very end: a function's score is rounded once, and never up to full
marks while a case is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import CaseResult, Outcome, Status
from grader.pack import FunctionSpec

DECIMALS = 2


def points(spec: FunctionSpec, results: Sequence[CaseResult]) -> float:
    """What the cases of one function earn: shares of its groups, rounded once.

    Ungraded cases cost nothing: their group is scaled up to what could be graded.
    """
    total = sum(_group_points(results, g.name, g.points, g.all_or_nothing) for g in spec.groups)
    if total < spec.minimum_for_credit * spec.points:
        return 0.0
    rounded = round(total, DECIMALS)
    if rounded >= spec.points and not all_correct(results):
        return round(spec.points - 0.1**DECIMALS, DECIMALS)
    return rounded


def _group_points(results: Sequence[CaseResult], group: str, full: float, all_or_nothing: bool) -> float:
    graded = [r for r in results if r.case.group == group and r.outcome is not Outcome.UNGRADED]
    possible = sum(r.case.points for r in graded)
    if not graded:
        return full
    earned = sum(r.case.points for r in graded if r.outcome is Outcome.CORRECT)
    if possible <= 0:
        return 0.0
    if all_or_nothing and not all_correct(graded):
        return 0.0
    return full * earned / possible


def all_correct(results: Sequence[CaseResult]) -> bool:
    """Whether every case that could be graded is right."""
    return all(r.outcome in (Outcome.CORRECT, Outcome.UNGRADED) for r in results)


def status(score: float, full: float, results: Sequence[CaseResult]) -> Status:
    """The verdict in one word, for a function that was run."""
    if results and all(r.outcome is Outcome.UNGRADED for r in results):
        return Status.NOT_GRADED
    if all_correct(results):
        return Status.CORRECT
    return Status.PARTIAL if score > 0 else Status.INCORRECT
