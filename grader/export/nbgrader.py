"""The scores of a batch in the columns of nbgrader's own ``grades.csv``.

nbgrader's ``db student import`` takes the table for its list of students (column ``id``); scripts that
read what ``nbgrader export`` writes take it for the marks. nbgrader has no command that imports marks.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from grader.errors import UsageError

#: The columns of ``nbgrader export``, after the one that ``nbgrader db student import`` asks for.
COLUMNS = (
    "id",
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


def grades(batch: Path, assignment: str | None = None) -> str:
    """The table for the batch in the folder ``batch``.

    ``assignment`` is nbgrader's name of it: of hand-ins in ``<student>/<assignment>/…`` only those of this
    one are taken. A hand-in that was not graded has no score. Raises UsageError where the folder is no
    batch, or a student has two hand-ins.
    """
    table = batch / "scores.csv"
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise UsageError(
            f"{table} cannot be read ({error.strerror}); 'grader batch --out' makes it"
        ) from None
    seen: dict[str, str] = {}
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        folders = PurePosixPath(row["submission"]).parts[1:-1]
        if assignment is not None and folders and folders[0] != assignment:
            continue
        student = row["student"]
        if student in seen:
            raise UsageError(
                f"{student} has two hand-ins, {seen[student]} and {row['submission']}: keep one, or say with"
                " --assignment which folder counts"
            )
        seen[student] = row["submission"]
        writer.writerow(dict(_fields(row, assignment or row["assignment"])))
    return out.getvalue()


def _fields(row: dict[str, str], assignment: str) -> Iterator[tuple[str, str]]:
    yield "id", row["student"]
    yield "student_id", row["student"]
    yield "assignment", assignment
    yield "max_score", row["max_score"]
    if row["status"] == "graded":
        yield "raw_score", row["score"]
        yield "late_submission_penalty", "0.0"
        yield "score", row["score"]
