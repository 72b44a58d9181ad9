"""``results.json`` for Gradescope: one test for each case, and one for each function's feedback.

Gradescope shows one file to both sides and hides, test by test, what it is told to hide. So whatever
stands where a student may look is made from the student's report, whoever asked; an instructor's
report adds to that, as ``hidden`` tests, what the hidden cases held. A submission that could not be
graded gets no score at all: Gradescope then reports a failed autograder, which 0 points would not be.
"""

from __future__ import annotations

import json
from typing import Any

from grader.model import CaseResult, FunctionResult, NoValue, Outcome, Report, Returned, Visibility
from grader.report import markdown
from grader.report.audience import Audience, for_audience
from grader.report.values import show
from grader.report.words import OUTCOME_WORDS, STATUS_WORDS, clean, points, raised_by

#: Hidden cases' anonymous results: seen at once, or only ``after_published`` / ``after_due_date``.
_WHEN = ("visible", "hidden", "after_due_date", "after_published")


def render(report: Report, audience: Audience, *, hidden_cases: str = "visible", **_: object) -> str:
    """``results.json``. ``hidden_cases`` says when a student sees the anonymous hidden results."""
    if hidden_cases not in _WHEN:
        raise ValueError(f"hidden_cases is {hidden_cases!r}, expected one of {', '.join(_WHEN)}")
    seen = for_audience(report, Audience.STUDENT)
    results: dict[str, Any] = {
        "output": markdown.render(seen, Audience.STUDENT),
        "output_format": "md",
        "test_output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "assignment": report.assignment,
            "grader_version": report.grader_version,
            "submission_sha256": report.submission.sha256,
            "status": report.status,
        },
    }
    if report.status == "graded":
        results["score"] = report.score
        results["tests"] = [test for f in seen.functions for test in _tests(f, hidden_cases)]
        if audience is Audience.INSTRUCTOR:
            results["tests"] += [test for f in report.functions for test in _instructor_tests(f)]
    return json.dumps(results, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _tests(function: FunctionResult, hidden_cases: str) -> list[dict[str, Any]]:
    tests = [] if function.detail == "" and not function.diagnoses else [_feedback(function)]
    scores = _scores(function)
    for result, score in zip(function.cases, scores, strict=True):
        hidden = result.case.visibility is Visibility.HIDDEN
        test: dict[str, Any] = {
            "name": _one_line(f"{function.name}: {result.case.name}"),
            "output": _said(result),
            "output_format": "text",
            "tags": [_one_line(function.name), _one_line(result.case.group), result.case.visibility.value],
            "visibility": hidden_cases if hidden else "visible",
        }
        if result.outcome is not Outcome.UNGRADED:
            test |= {"score": score, "max_score": result.case.points if function.counted else 0.0}
        if result.outcome is Outcome.CORRECT:
            test["status"] = "passed"
        elif result.outcome not in (Outcome.NOT_RUN, Outcome.UNGRADED):
            test["status"] = "failed"
        tests.append(test)
    return tests


def _scores(function: FunctionResult) -> list[float]:
    """The cases' scores as they are: they are rounded nowhere, so that fractions stay exact."""
    return [float(r.score) if function.counted else 0.0 for r in function.cases]


def _feedback(function: FunctionResult) -> dict[str, Any]:
    lines = [function.detail]
    for diagnosis in function.diagnoses:
        twin = diagnosis.twin.sentence if diagnosis.twin is not None else ""
        lines += [f"{diagnosis.certainty.value} cause: {diagnosis.summary}", twin, diagnosis.question]
    lines += [note.message for note in function.findings]
    total = f"{points(function.score)} of {points(function.max_score)} points"
    return {
        "name": _one_line(f"{function.name}: {STATUS_WORDS[function.status]}, {total}"),
        "output": clean("\n\n".join(dict.fromkeys(line for line in lines if line))),
        "output_format": "text",
        "tags": [_one_line(function.name), "feedback"],
        "visibility": "visible",
    }


def _said(result: CaseResult) -> str:
    lines = [result.case.meaning, OUTCOME_WORDS[result.outcome], result.detail]
    if result.follow_through:
        lines.append("Earned with a right helper in place of your own.")
    return clean("\n".join(line for line in lines if line))


def _instructor_tests(function: FunctionResult) -> list[dict[str, Any]]:
    return [
        {
            "name": _one_line(f"[staff] {function.name}: {result.case.name}"),
            "output": clean(_everything(result), 20_000),
            "output_format": "text",
            "tags": [_one_line(function.name), _one_line(result.case.group), "staff"],
            "visibility": "hidden",
        }
        for result in function.cases
        if result.case.visibility is Visibility.HIDDEN and result.outcome is not Outcome.CORRECT
    ]


def _everything(result: CaseResult) -> str:
    lines = [f"{OUTCOME_WORDS[result.outcome]}: {result.detail}"]
    lines += [f"argument {k}: {show(value)}" for k, value in enumerate(result.case.inputs, start=1)]
    lines += [f"expected: {show(value)}" for value in result.expected]
    for reply in result.replies:
        if isinstance(reply, Returned):
            lines.append(f"returned: {show(reply.value)}")
        elif isinstance(reply, NoValue):
            lines.append(f"no value: {reply.detail}")
        if reply.printed:
            lines.append(f"printed: {clean(reply.printed, 1_000)}")
    if (raised := raised_by(result)) is not None and raised.places:
        lines.append("raised at " + " > ".join(str(place) for place in raised.places))
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return " ".join(clean(text, 300).split())
