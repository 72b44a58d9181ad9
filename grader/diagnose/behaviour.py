"""What can be seen in the answers without any model: nothing learned, nothing repeated, nothing left alone.

These ids mean the same for every assignment. They are only reported where the pack has a page for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.diagnose.answers import Evidence, cells, same
from grader.model import Returned, Value

CHANGED = "input-changed"
STATE = "state-between-calls"
RANDOM = "random-answer"
EXAMPLE = "answer-for-the-visible-example"
NOT_A_NUMBER = "not-a-number"


@dataclass(frozen=True, slots=True)
class Observation:
    """A behaviour that was seen. ``certain``: it explains everything that went wrong."""

    id: str
    certain: bool


def observe(evidence: Sequence[Evidence]) -> list[Observation]:
    """The behaviours that show in the evidence, the most telling first."""
    seen = []
    unsteady = _unsteady(evidence)
    if unsteady is not None:
        seen.append(Observation(unsteady, False))
    if _one_answer_for_all(evidence):
        seen.append(Observation(EXAMPLE, False))
    elif unsteady is None and _answer_of_another_call(evidence):
        seen.append(Observation(STATE, False))
    if any(isinstance(e.reply, Returned) and e.reply.changed for e in evidence):
        returned = [e for e in evidence if isinstance(e.reply, Returned)]
        right = [e for e in returned if e.correct]
        seen.append(Observation(CHANGED, len(right) == len(evidence) >= 3))
    elif any(isinstance(e.reply, Returned) and e.reply.overwritten for e in evidence):
        seen.append(Observation(STATE, all(e.correct for e in evidence) and len(evidence) >= 3))
    if any(isinstance(e.reply, Returned) and not _finite(e.reply.value) for e in evidence):
        seen.append(Observation(NOT_A_NUMBER, False))
    return seen


def _unsteady(evidence: Sequence[Evidence]) -> str | None:
    """What is kept from one call spoils later ones; chance spoils the very first as well.

    Chance may leave an answer right that needs little: one entry, or nothing but zeros.
    """
    by_call: dict[int, list[Evidence]] = {}
    for item in evidence:
        by_call.setdefault(id(item.args), []).append(item)
    for repeats in by_call.values():
        answers = [cells(e.reply.value, e.expected) for e in repeats if isinstance(e.reply, Returned)]
        for answer in answers[1:]:
            differ = {k for k, (a, b) in enumerate(zip(answer, answers[0], strict=False)) if not same(a, b)}
            if differ or len(answer) != len(answers[0]):
                asked = [e for e in evidence if not e.outputs or differ & {*e.outputs}]
                return STATE if any(e.correct for e in (*asked[:1], *repeats)) else RANDOM
    return None


def _one_answer_for_all(evidence: Sequence[Evidence]) -> bool:
    """Calls that need different answers are answered with the same few numbers."""
    wrong = [e for e in evidence if isinstance(e.reply, Returned) and not e.correct]
    used = [_numbers(cells(e.reply.value, e.expected)[0]) for e in wrong if isinstance(e.reply, Returned)]
    needed = {_numbers(cells(e.expected, e.expected)[0]) for e in wrong}
    if len(used) < 3 or len(needed) < 3:
        return False
    most = max(used, key=len)
    return bool(most - {0.0}) and all(numbers and numbers <= most for numbers in used)


def _numbers(value: Value) -> frozenset[float]:
    """The different numbers in an output."""
    if isinstance(value, (bool, int, float, np.ndarray)) and np.asarray(value).dtype.kind in "iufb":
        return frozenset(np.unique(np.asarray(value, dtype=float)).tolist())
    return frozenset()


def _answer_of_another_call(evidence: Sequence[Evidence]) -> bool:
    """A wrong output that is the right one for an earlier call with other arguments.

    Not where the same call was answered in the same way before that: nothing was kept then.
    """
    first: dict[int, int] = {}
    for position, item in enumerate(evidence):
        before = first.setdefault(id(item.args), position)
        if item.correct or not isinstance(item.reply, Returned):
            continue
        got, needed = cells(item.reply.value, item.expected), cells(item.expected, item.expected)
        if len(got) != len(needed):
            continue
        for k, (output, right) in enumerate(zip(got, needed, strict=True)):
            if not isinstance(output, np.ndarray) or len(np.unique(output)) < 3 or same(output, right):
                continue
            for other in evidence[:before]:
                if other.args is not item.args and same(output, cells(other.expected, other.expected)[k]):
                    return True
    return False


def _finite(value: Value) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_finite, value))
    if isinstance(value, (float, np.ndarray, np.generic)):
        array = np.asarray(value)
        return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())
    return True
