"""The report for a terminal: what is right, then the first thing to look at, then the rest.

Rich lays it out; every sign stands beside its word, so that it reads the same without colour, in a
log file, and through a screen reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from typing import TYPE_CHECKING, Any

from grader.model import (
    CaseResult,
    Diagnosis,
    FunctionResult,
    Level,
    Outcome,
    Report,
    Status,
    Twin,
    Visibility,
)
from grader.report import words
from grader.report.audience import Audience, for_audience

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = {
    Status.CORRECT: "green",
    Status.PARTIAL: "yellow",
    Status.INCORRECT: "red",
    Status.BLANK: "dim",
    Status.MISSING: "red",
    Status.NOT_GRADED: "magenta",
}
#: How many failed visible checks an undiagnosed function shows before -v is asked for.
SHOWN = 3

_LEVEL_STYLES = {Level.INFO: "dim", Level.WARNING: "yellow", Level.ERROR: "red"}


def render(
    report: Report,
    audience: Audience,
    *,
    width: int = 100,
    color: bool = False,
    verbose: int = 0,
    **_: object,
) -> str:
    """The report as text of at most ``width`` columns; ``verbose`` > 0 lists every case."""
    from rich.console import Console

    report = for_audience(report, audience)
    buffer = StringIO()
    console = Console(
        file=buffer,
        width=max(width, 40),
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    _head(console, report)
    for function in report.functions:
        _function(console, function, verbose)
    _notes(console, report)
    _foot(console, report)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _head(console: Console, report: Report) -> None:
    from rich.text import Text

    head = Text()
    head.append(report.title, "bold")
    head.append(f"  {words.clean(report.submission.name, 200)}\n")
    if report.status == "graded":
        head.append(f"{words.points(report.score)} of {words.points(report.max_score)} points", "bold")
    else:
        head.append(f"Not graded: {report.reason}", "bold magenta")
    console.print(head)
    console.print()


def _function(console: Console, function: FunctionResult, verbose: int) -> None:
    from rich.padding import Padding
    from rich.text import Text

    line = Text()
    line.append(f"{words.STATUS_SIGNS[function.status]} {function.name}", f"bold {_STYLES[function.status]}")
    line.append(f"  {words.STATUS_WORDS[function.status]}, ")
    line.append(f"{words.points(function.score)} of {words.points(function.max_score)} points")
    console.print(line)
    for indent, part in _body(function, verbose):
        hanging = Padding(Text(words.clean(part)), (0, 0, 0, 4 + 2 * indent))
        console.print(hanging)
    console.print()


Line = tuple[int, str]


def _body(function: FunctionResult, verbose: int) -> Iterable[Line]:
    """(depth, text) of everything below a function's headline."""
    if function.follow_through:
        yield 0, _follow_through(function)
    if function.status in (Status.BLANK, Status.MISSING):
        yield 0, function.detail
        return
    for diagnosis in function.diagnoses:
        yield from _diagnosis(diagnosis)
    wrong = function.status is not Status.CORRECT
    if wrong and not function.diagnoses and function.detail:
        yield 0, f"First thing to look at: {function.detail}"
    for finding in function.findings:
        yield 0, f"· {finding.message}" + (f" ({finding.place})" if finding.place else "")
    if wrong or verbose:
        yield from _groups(function)
    shown = [r for r in function.cases if r.outcome is not Outcome.CORRECT]
    if verbose:
        yield from (_case(r) for r in function.cases)
    elif wrong:
        public = [r for r in shown if r.case.visibility is Visibility.PUBLIC]
        public.sort(key=lambda r: bool(r.case.property_id))
        first = 1 if function.diagnoses else SHOWN
        yield from (_case(r) for r in public[:first])
        if len(public) > first:
            yield 1, f"({words.counted(len(public) - first, 'more visible check')} not right; -v lists all)"


def _follow_through(function: FunctionResult) -> str:
    helpers = " and ".join(function.blamed)
    if function.status is Status.CORRECT:
        return (
            f"Right by itself: with a right {helpers} it gives the right answers, so it keeps its points."
            f" The mistake is in {helpers}."
        )
    return f"Graded with a right {helpers}, so that the mistake there is not charged twice."


def _diagnosis(diagnosis: Diagnosis) -> Iterable[Line]:
    sure = "" if diagnosis.certainty.value == "likely" else "Possibly: "
    yield 0, f"{sure}{diagnosis.summary}"
    if diagnosis.question:
        yield 0, f"? {diagnosis.question}"
    if diagnosis.twin is not None:
        yield from ((0, line) for line in twin_lines(diagnosis.twin))
    yield 0, f"More: grader explain {diagnosis.id}"


def twin_lines(twin: Twin) -> Iterable[str]:
    """The small worked case of a diagnosis as lines of text."""
    yield f"A small case that shows it: {twin.call}"
    for name, value in (*twin.inputs, *twin.steps):
        rows = grid(value)
        yield f"  {name} = {rows[0]}"
        yield from (" " * (len(name) + 5) + row for row in rows[1:])
    if twin.sentence:
        yield f"  {twin.sentence}"


def grid(value: Any) -> list[str]:
    """A table of numbers as aligned lines; anything else as one."""
    shown = getattr(value, "tolist", lambda: value)()
    if not isinstance(shown, list):
        return [f"{shown:g}" if isinstance(shown, (int, float)) else str(shown)]
    rows = shown if shown and all(isinstance(row, list) for row in shown) else [shown]
    if any(not isinstance(entry, (int, float)) for row in rows for entry in row):
        return [" ".join(str(shown).split())]
    texts = [[f"{entry:g}" for entry in row] for row in rows]
    width = max((len(text) for row in texts for text in row), default=0)
    return ["  ".join(text.rjust(width) for text in row) for row in texts]


def _groups(function: FunctionResult) -> Iterable[Line]:
    titles = {r.case.group: r.case.group_title or r.case.group for r in function.cases}
    for group in words.groups(function):
        sign = "✓" if group.passed else "✗"
        kind = " (hidden)" if group.hidden == group.total else ""
        earned, full = words.points(group.score), words.points(group.max_score)
        of_points = f", {earned} of {full} points" if group.max_score else ""
        yield 0, f"{sign} {titles[group.name]}{kind}: {group.right} of {group.total} right{of_points}"


def _case(result: CaseResult) -> Line:
    sign, word = words.OUTCOME_SIGNS[result.outcome], words.OUTCOME_WORDS[result.outcome]
    detail = f": {result.detail}" if result.detail else ""
    return 1, f"{sign} {result.case.name}: {word}{detail}"


def _notes(console: Console, report: Report) -> None:
    from rich.padding import Padding
    from rich.text import Text

    notes = words.all_notes(report)
    if not notes:
        return
    console.print(Text("Notes", "bold"))
    for note in notes:
        where = f"{note.place}: " if note.place else ""
        text = Text(f"{note.level.value}: {where}{words.clean(note.message)}", _LEVEL_STYLES[note.level])
        console.print(Padding(text, (0, 0, 0, 4)))
    console.print()


def _foot(console: Console, report: Report) -> None:
    from rich.text import Text

    environment = report.environment
    console.print(
        Text(
            f"grader {report.grader_version} · Python {environment.python} · NumPy {environment.numpy}"
            f" · sandbox {environment.sandbox} · cases {environment.cases}",
            "dim",
        )
    )
