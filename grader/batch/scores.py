"""The marks of a class as one table, written line by line in the order of the reports' names.

The lines are those of the CSV report with the student and the report's name in front. No time is in
it: the table is the same, byte for byte, however many workers made it and however often it was broken off.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

import msgspec

from grader.batch.task import Facts, FunctionLine, Summary
from grader.model import (
    Certainty,
    Diagnosis,
    Environment,
    FunctionResult,
    Report,
    Status,
    Submission,
)
from grader.report.audience import Audience
from grader.report.csv_ import render_many
from grader.report.words import clean
from grader.store import HandIn

PENDING = "not graded yet"


def lines(facts: Facts, rows: Iterable[tuple[HandIn, bytes | None]]) -> Iterator[str]:
    """The lines of ``scores.csv``; a hand-in without a result has no points and is not graded."""
    # A report with every function in front, so that each row has all columns whatever became of it.
    template = _report(facts, "", "", "graded", tuple(_blank(f) for f in facts.functions))
    head = render_many([template], Audience.INSTRUCTOR).splitlines()[0]
    yield _joined(["student", "report"], head)
    for hand_in, data in rows:
        summary = msgspec.msgpack.decode(data, type=Summary) if data is not None else None
        report = _report(
            facts,
            hand_in.name,
            hand_in.sha256,
            summary.status if summary else PENDING,
            tuple(_function(line, facts) for line in summary.functions) if summary else (),
        )
        row = render_many([template, report], Audience.INSTRUCTOR).splitlines()[-1]
        yield _joined([hand_in.student, hand_in.label], row)


def _report(
    facts: Facts, name: str, sha256: str, status: str, functions: tuple[FunctionResult, ...]
) -> Report:
    return Report(
        assignment=facts.assignment,
        title=facts.title,
        submission=Submission(name, sha256, "", ()),
        functions=functions,
        notes=(),
        environment=Environment("", "", ""),
        grader_version="",
        status="graded" if status == "graded" else "not_graded",
    )


def _blank(function: tuple[str, float, bool]) -> FunctionResult:
    name, points, counted = function
    return FunctionResult(name, Status.NOT_GRADED, 0.0, points, counted=counted)


def _function(line: FunctionLine, facts: Facts) -> FunctionResult:
    counted = next((c for name, _, c in facts.functions if name == line.name), True)
    return FunctionResult(
        line.name,
        Status(line.status),
        line.score,
        line.max_score,
        diagnoses=tuple(Diagnosis(d, Certainty.POSSIBLE, "", "") for d in line.diagnoses),
        counted=counted,
    )


def _joined(cells: list[str], line: str) -> str:
    """A line with cells in front that no spreadsheet takes for a formula."""
    safe = [
        f"'{c}" if c[:1] in ("=", "+", "-", "@") else c for c in (" ".join(clean(c).split()) for c in cells)
    ]
    out = _Line()
    csv.writer(out, lineterminator="").writerow(safe)
    return f"{out.text},{line}\n"


class _Line:
    """Takes one line from the csv writer."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text
