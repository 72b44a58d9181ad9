"""A report as one page of HTML: no script, no network, readable on a phone and on paper.

On top the score, what is right, and the first thing to look at; below it the student's own notebook
with each function's feedback in its place. The page forbids itself, by its content security policy,
to run or to fetch anything; only its one style sheet is allowed, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from grader.model import Cell, FunctionResult, Place, Report, Submission
from grader.report.audience import Audience, for_audience
from grader.report.html.code import highlight
from grader.report.html.notebook import TEMPLATES, Feedback
from grader.report.html.notebook import render as render_notebook
from grader.report.html.page import function_view, what_is_right
from grader.report.words import all_notes, clean, first_to_look_at, percent, points

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


def render(report: Report, audience: Audience, **_: object) -> str:
    """The report as one self-contained HTML page."""
    report = for_audience(report, audience)
    env = _environment()
    views = {f.name: function_view(f, audience) for f in report.functions}
    template = env.get_template("feedback.html.j2")
    said = {
        name: template.render(f=view, staff=audience is Audience.INSTRUCTOR) for name, view in views.items()
    }
    body, placed = _notebook(report, said)
    first = first_to_look_at(report)
    style = _style()
    return env.get_template("page.html.j2").render(
        report=report,
        staff=audience is Audience.INSTRUCTOR,
        graded=report.status == "graded",
        name=clean(report.submission.name, 200),
        score=points(report.score),
        max_score=points(report.max_score),
        percent=round(percent(report)),
        functions=list(views.values()),
        right=what_is_right(report),
        first=None if first is None else views[first.name],
        unplaced=[said[name] for name in views if name not in placed],
        notebook=body,
        notes=all_notes(report),
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["sentence"] = _sentence
    return env


def _sentence(text: str) -> Markup:
    """A sentence in which what stands in backticks is code, and nothing else is markup."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(clean(text)))))


@cache
def _style() -> str:
    return TEMPLATES.with_name("style.css").read_text(encoding="utf-8")


# --------------------------------------------------------------------------- the submission


def _notebook(report: Report, said: Mapping[str, str]) -> tuple[str, set[str]]:
    """The submission with feedback in its place, and which functions' feedback found one."""
    submission = report.submission
    by_cell: dict[int, list[FunctionResult]] = {}
    for function in report.functions:
        place = function.definition.place if function.definition is not None else None
        cell = _cell_at(submission, place)
        if cell is not None:
            by_cell.setdefault(cell.index, []).append(function)
    placed = {f.name for functions in by_cell.values() for f in functions}
    if submission.container == "ipynb" and submission.raw:
        feedback = {
            index: [Feedback(said[f.name], _marked(f)) for f in functions]
            for index, functions in by_cell.items()
        }
        try:
            return render_notebook(submission, feedback), placed
        except ValueError:
            pass  # it could be graded but not read as a notebook: its code is shown instead
    return _source(submission, by_cell, said), placed


def _cell_at(submission: Submission, place: Place | None) -> Cell | None:
    """The cell that holds a place; the cells of a .py file have no numbers, but their first lines."""
    if place is None:
        return None
    same = [c for c in submission.cells if c.number == place.cell and c.first_line <= place.line]
    return max(same, key=lambda c: c.first_line, default=None)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some lines of code and what is said after them."""

    number: int | None
    html: str
    feedback: tuple[str, ...]


def _source(
    submission: Submission, by_cell: Mapping[int, list[FunctionResult]], said: Mapping[str, str]
) -> str:
    """The code alone, with feedback after each function: for .py and .md files."""
    pieces: list[_Piece] = []
    room = 600_000
    for cell in submission.cells:
        lines = cell.source.split("\n")
        functions = by_cell.get(cell.index, [])
        start = 0
        for function, end in sorted(((f, _end(f, cell, lines)) for f in functions), key=lambda x: x[1]):
            html = _lines(lines[start:end], cell.first_line + start, (function,))
            pieces.append(_Piece(cell.number if start == 0 else None, html, (said[function.name],)))
            start = max(start, end)
            while start < len(lines) and not lines[start].strip():
                start += 1
            room -= len(html)
        if start < len(lines) and any(line.strip() for line in lines[start:]) and room > 0:
            html = _lines(lines[start:], cell.first_line + start, ())
            room -= len(html)
            pieces.append(_Piece(cell.number if start == 0 else None, html, ()))
    return _environment().get_template("source.html.j2").render(pieces=pieces, cut=room <= 0)


def _lines(lines: list[str], first: int, functions: tuple[FunctionResult, ...]) -> str:
    marked = {line for f in functions for line in _marked(f)}
    return highlight("\n".join(lines), first_line=first, marked=marked) if lines else ""


def _end(function: FunctionResult, cell: Cell, lines: list[str]) -> int:
    """How many lines of the cell stand before the function's feedback."""
    definition = function.definition
    last = definition.end_line if definition is not None else None
    if cell.number is not None or last is None:
        return len(lines)
    return min(max(last - cell.first_line + 1, 0), len(lines))


def _marked(function: FunctionResult) -> tuple[int, ...]:
    """The lines of the function's own cell that diagnoses, findings and exceptions point to."""
    home = function.definition.place if function.definition is not None else None
    places: list[Place | None] = [d.place for d in function.diagnoses]
    places += [note.place for note in function.findings]
    for result in function.cases:
        for reply in result.replies:
            raised: Any = getattr(reply, "raised", None)
            places += raised.places[-1:] if raised is not None else ()
    return tuple(
        sorted({p.line for p in places if p is not None and home is not None and p.cell == home.cell})
    )
