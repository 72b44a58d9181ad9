"""A short report in Markdown: for a pull request, a chat, or the summary of a CI run.

What a submission worded (its name, an exception's text) could hold Markdown or HTML of its own; here
it is escaped, put in a code span, and can neither open a table cell nor call for anybody by @name.
"""

from __future__ import annotations

import re

from grader.model import Diagnosis, FunctionResult, Outcome, Report, Status, Visibility
from grader.report.audience import Audience, for_audience
from grader.report.words import (
    STATUS_SIGNS,
    STATUS_WORDS,
    all_notes,
    clean,
    counted,
    first_to_look_at,
    place_of,
    points,
)

#: Failing cases that are spelled out for each function; the rest is only counted.
_CASES_SHOWN = 3


def render(report: Report, audience: Audience, **_: object) -> str:
    """The report as Markdown of a page or less."""
    report = for_audience(report, audience)
    parts = [f"### {code(report.submission.name)}: {_verdict(report)}"]
    if report.title:
        parts.append(text(report.title))
    if report.reason:
        parts.append(text(report.reason))
    if report.functions:
        parts.append(_table(report))
    if (first := first_to_look_at(report)) is not None:
        parts.append(f"**Look at {code(first.name)} first.**")
    parts += [_feedback(f) for f in report.functions if f.status is not Status.CORRECT]
    notes = [f"- {_where(note.place)}{sentence(note.message)}" for note in all_notes(report)]
    if notes:
        parts.append("\n".join(["**Notes**", "", *notes]))
    parts.append(_footer(report))
    return "\n\n".join(parts) + "\n"


def _verdict(report: Report) -> str:
    if report.status != "graded":
        return "not graded"
    return f"{points(report.score)} of {points(report.max_score)} points"


def _table(report: Report) -> str:
    rows = ["| Function | Result | Checks | Points |", "| --- | --- | ---: | ---: |"]
    for f in report.functions:
        right = sum(r.outcome is Outcome.CORRECT for r in f.cases)
        checks = f"{right} of {len(f.cases)}" if f.cases else "–"
        score = f"{points(f.score)} / {points(f.max_score)}" if f.counted else "practice"
        rows.append(f"| {code(f.name)} | {STATUS_SIGNS[f.status]} {_status(f)} | {checks} | {score} |")
    return "\n".join(rows)


def _status(function: FunctionResult) -> str:
    if not function.follow_through:
        return STATUS_WORDS[function.status]
    blamed = ", ".join(code(name) for name in function.blamed)
    return f"{STATUS_WORDS[function.status]}, with a right {blamed or 'helper'} in place"


def _feedback(function: FunctionResult) -> str:
    place = place_of(function)
    lines = [f"#### {code(function.name)}" + (f" ({place})" if place else "")]
    if function.detail:
        lines.append(sentence(function.detail))
    lines += [_diagnosis(d, function.detail) for d in function.diagnoses]
    failing = [r for r in function.cases if r.outcome is not Outcome.CORRECT and r.detail]
    failing = [r for r in failing if r.case.visibility is Visibility.PUBLIC] or failing
    if failing and function.status in (Status.PARTIAL, Status.INCORRECT):
        shown = [f"- {text(r.case.name)}: {sentence(r.detail)}" for r in failing[:_CASES_SHOWN]]
        wrong = sum(r.outcome is not Outcome.CORRECT for r in function.cases)
        if wrong > len(shown):
            shown.append(f"- and {counted(wrong - len(shown), 'more check')} of {len(function.cases)}")
        lines.append("\n".join(shown))
    return "\n\n".join(lines)


def _diagnosis(diagnosis: Diagnosis, said: str) -> str:
    sure = f"**{diagnosis.certainty.value.capitalize()} cause** ({code(diagnosis.id)})"
    summary = "" if diagnosis.summary == said else f": {sentence(diagnosis.summary)}"
    twin = diagnosis.twin.sentence if diagnosis.twin is not None else ""
    quoted = [sure + summary, *([sentence(twin)] if twin else []), sentence(diagnosis.question)]
    return "\n>\n".join(f"> {line}" for line in quoted)


def _where(place: object) -> str:
    return f"{place}: " if place is not None else ""


def _footer(report: Report) -> str:
    e = report.environment
    versions = f"grader {report.grader_version} · Python {e.python} · NumPy {e.numpy} · sandbox {e.sandbox}"
    return f"<sub>{text(versions)}</sub>"


# --------------------------------------------------------------------------- escaping

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#|~!$])")


def text(value: str) -> str:
    """``value`` as running text on one line: nothing in it is markup and nobody is mentioned."""
    line = " ".join(clean(value).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = _SPECIAL.sub(r"\\\1", line).replace("@", "@\u200b").replace("://", ":\u200b//")
    return re.sub(r"^([-+]|\d+\.)(?= )", r"\\\1", line)


def sentence(value: str) -> str:
    """``value`` as running text in which what stands in backticks is code."""
    parts = re.split(r"`([^`]+)`", " ".join(value.split()))
    return "".join(code(part) if k % 2 else _spaced(part) for k, part in enumerate(parts))


def _spaced(part: str) -> str:
    before, after = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
    return f"{before}{text(part)}{after}" if part.strip() else part


def code(value: str) -> str:
    """``value`` in a code span that it cannot leave, also inside a table."""
    line = " ".join(clean(value).split()).replace("|", "¦") or "?"
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"
