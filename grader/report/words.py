"""The words and signs that all reports share, so that one outcome is called the same everywhere.

Every sign stands beside its word: neither a colour nor a symbol alone ever carries a verdict. Text
that a student's program worded passes through ``clean`` before any format quotes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from grader.model import (
    CaseResult,
    FunctionResult,
    Note,
    NoValue,
    Outcome,
    Place,
    Raised,
    Report,
    Status,
    Visibility,
)

STATUS_WORDS = {
    Status.CORRECT: "correct",
    Status.PARTIAL: "partly correct",
    Status.INCORRECT: "not right yet",
    Status.BLANK: "not started",
    Status.MISSING: "not found",
    Status.NOT_GRADED: "not graded",
}
STATUS_SIGNS = {
    Status.CORRECT: "✓",
    Status.PARTIAL: "◐",
    Status.INCORRECT: "✗",
    Status.BLANK: "○",
    Status.MISSING: "?",
    Status.NOT_GRADED: "!",
}
OUTCOME_WORDS = {
    Outcome.CORRECT: "correct",
    Outcome.WRONG: "wrong",
    Outcome.RAISED: "exception",
    Outcome.TIMED_OUT: "too slow",
    Outcome.KILLED: "stopped",
    Outcome.MISSING: "not found",
    Outcome.NOT_RUN: "not run",
    Outcome.UNGRADED: "not graded",
}
OUTCOME_SIGNS = {
    Outcome.CORRECT: "✓",
    Outcome.WRONG: "✗",
    Outcome.RAISED: "✗",
    Outcome.TIMED_OUT: "✗",
    Outcome.KILLED: "✗",
    Outcome.MISSING: "?",
    Outcome.NOT_RUN: "–",
    Outcome.UNGRADED: "!",
}

#: Control characters, lone surrogates, and the marks that turn the direction of writing around.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


def clean(text: str, limit: int = 2_000) -> str:
    """``text`` with its unprintable characters made visible, and cut after ``limit`` characters."""
    cut = len(text) - limit
    text = _UNPRINTABLE.sub(_visible, text[:limit].replace("\r\n", "\n"))
    return f"{text} … ({cut} more characters)" if cut > 0 else text


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def points(value: float) -> str:
    """``10`` rather than ``10.0``, and at most two places: ``33.33``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(report: Report) -> float:
    """The share of the points, 0 to 100; 100 where there are none to be had."""
    return 100.0 * report.score / report.max_score if report.max_score else 100.0


def counted(number: int, noun: str) -> str:
    """``1 check``, ``2 checks``."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


class Group(Struct, frozen=True):
    """The cases of one function that ask about the same thing."""

    name: str
    title: str
    right: int
    total: int
    hidden: int
    score: float
    max_score: float

    @property
    def passed(self) -> bool:
        return self.right == self.total


def groups(function: FunctionResult) -> tuple[Group, ...]:
    """The function's groups in the order of their first case."""
    by_name: dict[str, list[CaseResult]] = {}
    for result in function.cases:
        by_name.setdefault(result.case.group, []).append(result)
    return tuple(
        Group(
            name,
            results[0].case.group_title or name,
            right=sum(r.outcome is Outcome.CORRECT for r in results),
            total=len(results),
            hidden=sum(r.case.visibility is Visibility.HIDDEN for r in results),
            score=sum(r.score for r in results),
            max_score=sum(r.case.points for r in results),
        )
        for name, results in by_name.items()
    )


def first_to_look_at(report: Report) -> FunctionResult | None:
    """The first function that is not right for a reason of its own, or the first that is not right."""
    wrong = [f for f in report.functions if f.status is not Status.CORRECT]
    own = [f for f in wrong if not f.follow_through]
    return next(iter(own or wrong), None)


def all_notes(report: Report) -> tuple[Note, ...]:
    """Every remark that belongs to no function's own findings, each once."""
    return tuple(dict.fromkeys((*report.submission.notes, *report.notes)))


def raised_by(result: CaseResult) -> Raised | None:
    """The exception that ended a case, if one did."""
    for reply in result.replies:
        if isinstance(reply, NoValue) and reply.raised is not None:
            return reply.raised
    return None


def place_of(function: FunctionResult) -> Place | None:
    """The line a reader should be sent to: of a finding, of an exception, else of the definition."""
    for diagnosis in function.diagnoses:
        if diagnosis.place is not None:
            return diagnosis.place
    for raised in _exceptions(function.cases):
        if raised.places:
            return raised.places[-1]
    return function.definition.place if function.definition is not None else None


def _exceptions(results: Iterable[CaseResult]) -> Iterable[Raised]:
    return (raised for result in results if (raised := raised_by(result)) is not None)
