"""Beliefs that show in how a function behaves over several calls, not in what one answer is.

Fault models explain single answers. These findings need pairs: the same call twice, a visible example
and a hidden one of the same shape, arguments before and after. Each names a page of the catalogue by id;
a pack without that page simply does not hear of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.model import CaseResult, Outcome, Reply, Returned, Visibility

STATE = "state-between-calls"
RANDOM = "random-answer"
VISIBLE = "answer-for-the-visible-example"
CHANGED = "input-changed"


def of_calls(results: Sequence[CaseResult]) -> str | None:
    """The belief that the results of one function show by themselves, or None."""
    wrong = [r for r in results if r.outcome is not Outcome.CORRECT]
    rungs = {r.difference.rung for r in wrong if r.difference is not None}
    if wrong and rungs == {"arguments"} and all(r.outcome is Outcome.WRONG for r in wrong):
        return CHANGED
    if "repeat" in rungs:
        return STATE
    if _only_the_visible(results):
        return VISIBLE
    return None


def _only_the_visible(results: Sequence[CaseResult]) -> bool:
    """Right on every visible example, wrong on every hidden question, also of the very same shapes.

    The same shapes matter: a slip that only some shapes show would look alike without them.
    """
    valued = [r for r in results if not r.case.property_id and not r.case.unchanged and r.case.points > 0]
    seen = [r for r in valued if r.case.visibility is Visibility.PUBLIC]
    unseen = [r for r in valued if r.case.visibility is Visibility.HIDDEN]
    if not seen or not unseen or any(r.outcome is not Outcome.CORRECT for r in seen):
        return False
    if any(r.outcome is Outcome.CORRECT for r in unseen):
        return False
    shapes = {shape(r.case.inputs) for r in seen}
    return any(r.outcome is Outcome.WRONG and shape(r.case.inputs) in shapes for r in unseen)


def shape(value: Any) -> Any:
    """The form of a call without its numbers: shapes and kinds of arrays, plain numbers as they are."""
    if isinstance(value, np.ndarray):
        return ("array", value.shape, value.dtype.kind)
    if isinstance(value, (tuple, list)):
        return tuple(shape(v) for v in value)
    if isinstance(value, dict):
        return tuple(sorted((k, shape(v)) for k, v in value.items()))
    return value


def undecided(results: Sequence[CaseResult]) -> CaseResult | None:
    """A case with a wrong answer that is worth asking again, to find out whether chance plays a part."""
    return next(
        (
            r
            for r in results
            if r.outcome is Outcome.WRONG and r.replies and isinstance(r.replies[0], Returned)
        ),
        None,
    )


def differ(first: Reply, second: Reply) -> bool:
    """Whether two fresh processes, asked the same, answered differently."""
    if not isinstance(first, Returned) or not isinstance(second, Returned):
        return False
    return not _same(first.value, second.value)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    return bool(a == b) or (a != a and b != b)
