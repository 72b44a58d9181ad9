"""Workflow commands of GitHub Actions: one annotation for each function that is not right.

The runner reads every line of its log that starts with ``::``. So a message never has a line of its
own here: line ends, ``%`` and, in properties, ``:`` and ``,`` are written as ``%0A``, ``%25`` ….
"""

from __future__ import annotations

import json

from grader.model import FunctionResult, Level, Note, Place, Report, Status, Submission
from grader.report import markdown
from grader.report.audience import Audience, for_audience
from grader.report.words import STATUS_WORDS, all_notes, clean, place_of, points

_COMMANDS = {Level.INFO: "notice", Level.WARNING: "warning", Level.ERROR: "error"}


def render(report: Report, audience: Audience, *, path: str = "", **_: object) -> str:
    """The annotations. ``path`` is the submission's path from the root of the repository."""
    report = for_audience(report, audience)
    file = path or report.submission.name
    lines = []
    if report.status != "graded":
        lines.append(_command("warning", report.reason or "not graded", file, None, title="not graded"))
    for function in report.functions:
        if function.status is not Status.CORRECT:
            lines.append(_annotation(function, report.submission, file))
    for note in all_notes(report):
        lines.append(_note(note, report.submission, file))
    return "".join(f"{line}\n" for line in lines)


def summary(report: Report, audience: Audience) -> str:
    """What the command line appends to ``$GITHUB_STEP_SUMMARY``."""
    return markdown.render(report, audience) + "\n"


def _annotation(function: FunctionResult, submission: Submission, file: str) -> str:
    place = place_of(function)
    score = f", {points(function.score)} of {points(function.max_score)} points" if function.counted else ""
    sentences = [function.detail or STATUS_WORDS[function.status]]
    for diagnosis in function.diagnoses:
        sentences += [diagnosis.summary, diagnosis.question]
    message = "\n".join(dict.fromkeys(s for s in sentences if s))
    level = "warning" if function.status is Status.NOT_GRADED else "error"
    title = f"{function.name}: {STATUS_WORDS[function.status]}{score}"
    return _command(level, _at(place) + message, file, file_line(submission, place), title=title)


def _note(note: Note, submission: Submission, file: str) -> str:
    line = file_line(submission, note.place)
    return _command(_COMMANDS[note.level], _at(note.place) + note.message, file, line)


def _at(place: Place | None) -> str:
    return f"{place}: " if place is not None and place.cell is not None else ""


def file_line(submission: Submission, place: Place | None) -> int | None:
    """The line of the file itself, also where the file is a notebook and ``place`` counts in a cell.

    A notebook is JSON, commonly with one string a source line; annotations count lines of that.
    Where it is written otherwise, the line of the cell's nearest line that is found, else None.
    """
    if place is None:
        return None
    if place.cell is None:
        return place.line
    rows = submission.raw.decode("utf-8", "replace").split("\n")
    at, best = 0, None
    for cell in submission.cells:
        wanted = cell.number == place.cell
        for number, source in enumerate(cell.source.split("\n"), start=1):
            found = _find(rows, source, at)
            if found is not None:
                at = found + 1
            if wanted and found is not None:
                best = found + 1
            if wanted and number == place.line:
                return best
    return None


def _find(rows: list[str], source: str, start: int) -> int | None:
    if not source.strip():
        return None
    forms = {json.dumps(source, ensure_ascii=ascii_only)[:-1] for ascii_only in (True, False)}
    for k in range(start, len(rows)):
        if rows[k].lstrip().startswith(tuple(forms)) or rows[k].rstrip("\r") == source:
            return k
    return None


def _command(name: str, message: str, file: str, line: int | None, title: str = "") -> str:
    properties = {"file": clean(file), "line": str(line) if line is not None else "", "title": clean(title)}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{name} {listed}::{_data(clean(message))}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
