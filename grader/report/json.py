"""The report as ``grader.report/1``: what other programs rely on.

The shape is a contract and is written out here field by field, rather than derived from the
dataclasses, so that renaming something inside never changes it by accident.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from grader.model import CaseResult, Diagnosis, FunctionResult, Note, Report
from grader.report.audience import Audience, for_audience
from grader.report.words import clean

SCHEMA = "grader.report/1"


def render(report: Report, audience: Audience, **_: object) -> str:
    """The report as indented JSON text."""
    return _dump(document(for_audience(report, audience)))


def render_many(reports: Sequence[Report], audience: Audience, **_: object) -> str:
    """Several reports as a JSON list."""
    return _dump([document(for_audience(report, audience)) for report in reports])


def _dump(data: Any) -> str:
    # json writes numbers as Python does; with an indent it takes ten times as long as both together.
    compact = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return msgspec.json.format(compact, indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    environment = report.environment
    return {
        "schema": SCHEMA,
        "grader_version": report.grader_version,
        "assignment": report.assignment,
        "submission": clean(report.submission.name),
        "submission_sha256": report.submission.sha256,
        "status": report.status,
        **({"reason": report.reason} if report.reason else {}),
        "score": report.score if report.status == "graded" else None,
        "max_score": report.max_score,
        "functions": [_function(f) for f in report.functions],
        "notes": [_note(n) for n in report.notes],
        "environment": {
            "python": environment.python,
            "numpy": environment.numpy,
            "sandbox": environment.sandbox,
            "mechanisms": list(environment.mechanisms),
            "cases": environment.cases,
            "pack": environment.pack,
            "platform": environment.platform,
        },
    }


def _function(result: FunctionResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "status": result.status.value,
        "score": result.score,
        "max_score": result.max_score,
        "follow_through": result.follow_through,
        "blamed": list(result.blamed),
        "detail": clean(result.detail),
        "diagnoses": [_diagnosis(d) for d in result.diagnoses],
        "findings": [_note(n) for n in result.findings],
        "cases": [_case(c) for c in result.cases],
    }


def _diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "id": diagnosis.id,
        "variant": diagnosis.variant,
        "certainty": diagnosis.certainty.value,
        "title": diagnosis.title,
        "summary": diagnosis.summary,
        "question": diagnosis.question,
        "synonyms": list(diagnosis.synonyms),
    }


def _case(result: CaseResult) -> dict[str, Any]:
    case = result.case
    return {
        "name": case.name,
        "group": case.group,
        "visibility": case.visibility.value,
        "outcome": result.outcome.value,
        "detail": clean(result.detail),
        "follow_through": result.follow_through,
        "score": round(result.score, 6),
        "max_score": round(case.points, 6),
        "seconds": round(result.seconds, 6),
    }


def _note(note: Note) -> dict[str, Any]:
    place = note.place
    return {
        "level": note.level.value,
        "cell": place.cell if place else None,
        "line": place.line if place else None,
        "function": note.function,
        "message": clean(note.message),
    }
