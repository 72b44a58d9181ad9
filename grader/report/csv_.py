"""A table for spreadsheets: one line for each submission, and one that Canvas can import.

Spreadsheets run a cell that starts with ``=``, ``+``, ``-`` or ``@`` as a formula, and the name of a
file is its author's choice; such a cell gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from grader.errors import UsageError
from grader.model import Report
from grader.report.audience import Audience, for_audience
from grader.report.words import clean, percent

_CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")

#: How Canvas names the files of a bulk download: ada_[late_][12345_]67890_notebook.ipynb, of which
#: the first number is the student's and the second one the upload's.
_CANVAS_FILE = re.compile(r"^(?P<student>[^_]+)_(?:late_)?(?P<id>\d+)_\d+_", re.IGNORECASE)


def render(report: Report, audience: Audience, **_: object) -> str:
    """A header line and one line."""
    return render_many([report], audience)


def render_many(reports: Iterable[Report], audience: Audience, **_: object) -> str:
    """A header line and one line for each report, with columns for every function of any of them."""
    seen = [for_audience(report, audience) for report in reports]
    functions = tuple(dict.fromkeys(f.name for report in seen for f in report.functions))
    head = ["submission", "sha256", "assignment", "status", "score", "max_score", "percent"]
    for name in functions:
        head += [name, f"{name} max", f"{name} status", f"{name} diagnosis"]
    return _lines([head, *(_row(report, functions) for report in seen)])


def _row(report: Report, functions: Sequence[str]) -> list[str]:
    graded = report.status == "graded"
    row = [report.submission.name, report.submission.sha256, report.assignment, report.status]
    row += (
        [_number(report.score), _number(report.max_score), _number(round(percent(report), 4))]
        if graded
        else ["", "", ""]
    )
    results = {f.name: f for f in report.functions}
    for name in functions:
        if (f := results.get(name)) is None:
            row += ["", "", "", ""]
            continue
        score = "" if f.status.value == "not_graded" else _number(f.score)
        row += [score, _number(f.max_score), f.status.value, " ".join(d.id for d in f.diagnoses)]
    return row


def canvas(
    reports: Iterable[Report],
    *,
    assignment: str,
    roster: Sequence[Mapping[str, str]] = (),
) -> str:
    """What Canvas' gradebook imports: its header, the line of possible points, a line a student.

    ``assignment`` is the name of the column in Canvas, for an assignment that exists already with its
    number: ``Convolutions (4711)``. ``roster`` holds lines of a gradebook that Canvas exported; without
    it the student's ID is read from the file name that Canvas gave the download. A submission that was
    not graded leaves its score empty. Two submissions of one student are a question for a person.
    """
    reports = tuple(reports)
    known = {row.get("ID", "").strip(): row for row in roster}
    rows: dict[str, tuple[str, list[str]]] = {}
    for report in reports:
        name = report.submission.name
        match = _CANVAS_FILE.match(name)
        if match is None:
            raise UsageError(
                f"{name}: no Canvas ID in the file name; expected one like ada_12345_67890_notebook.ipynb"
            )
        number = match["id"]
        if number in rows:
            raise UsageError(f"student {number} has two submissions, {rows[number][0]} and {name}: keep one")
        entry = known.get(number, {"Student": match["student"], "ID": number})
        score = _number(report.score) if report.status == "graded" else ""
        rows[number] = (name, [*(entry.get(column, "") for column in _CANVAS), score])
    graded = [report.max_score for report in reports if report.status == "graded"]
    possible = ["Points Possible", "", "", "", "", _number(max(graded)) if graded else ""]
    return _lines([[*_CANVAS, assignment], possible, *(row for _, row in rows.values())])


def _number(value: float) -> str:
    """The shortest text that reads back as the same number, and ``10`` for ``10.0``."""
    return str(int(value)) if value == int(value) else repr(value)


def _lines(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: str) -> str:
    value = " ".join(clean(value).split())
    return f"'{value}" if value[:1] in set("=+-@") else value
