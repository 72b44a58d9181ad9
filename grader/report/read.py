"""Reads ``grader.report/1`` back, so that a saved report can be rendered again without grading.

The file may have been edited, cut or written by something else; what does not fit is named by its
place. It holds what its audience was shown: a student's report stays one, whoever renders it.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from grader.errors import UsageError
from grader.model import (
    Case,
    CaseResult,
    Certainty,
    Definition,
    DefinitionState,
    Diagnosis,
    Difference,
    Environment,
    FunctionResult,
    Level,
    Note,
    NoValue,
    Outcome,
    Place,
    Raised,
    Report,
    Status,
    Submission,
    Visibility,
)
from grader.report.audience import _RUNG_SENTENCES as RUNG_SENTENCES


class _Note(msgspec.Struct, frozen=True):
    level: Level
    message: str
    cell: int | None = None
    line: int | None = None
    function: str | None = None


class _Diagnosis(msgspec.Struct, frozen=True):
    id: str
    certainty: Certainty
    summary: str
    question: str
    variant: str = ""
    title: str = ""
    synonyms: tuple[str, ...] = ()


class _Case(msgspec.Struct, frozen=True):
    name: str
    group: str
    visibility: Visibility
    outcome: Outcome
    detail: str
    score: float
    max_score: float
    seconds: float = 0.0
    follow_through: bool = False
    group_title: str = ""


class _Function(msgspec.Struct, frozen=True):
    name: str
    status: Status
    score: float
    max_score: float
    cases: tuple[_Case, ...]
    diagnoses: tuple[_Diagnosis, ...] = ()
    findings: tuple[_Note, ...] = ()
    follow_through: bool = False
    blamed: tuple[str, ...] = ()
    detail: str = ""
    counted: bool = True


class _Environment(msgspec.Struct, frozen=True):
    python: str
    numpy: str
    sandbox: str
    mechanisms: tuple[str, ...] = ()
    cases: str = ""
    pack: str = ""
    platform: str = ""


class _Report(msgspec.Struct, frozen=True):
    schema: Literal["grader.report/1"]
    grader_version: str
    assignment: str
    submission: str
    submission_sha256: str
    status: Literal["graded", "not_graded"]
    score: float | None
    max_score: float
    functions: tuple[_Function, ...]
    notes: tuple[_Note, ...]
    environment: _Environment
    reason: str = ""
    title: str = ""


def read_reports(raw: bytes, name: str) -> tuple[Report, ...]:
    """The reports in the JSON text ``raw`` of the file ``name``: one, or a list of them.

    Raises UsageError naming the place of what does not fit.
    """
    try:
        many = raw.lstrip()[:1] == b"["
        found = (
            msgspec.json.decode(raw, type=list[_Report]) if many else [msgspec.json.decode(raw, type=_Report)]
        )
    except msgspec.ValidationError as error:
        raise UsageError(f"{name} is not a grader.report/1: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} is not JSON: {error}") from None
    reports = tuple(_report(one) for one in found)
    for report, one in zip(reports, found, strict=True):
        _check(report, one, name)
    return reports


def _check(report: Report, read: _Report, name: str) -> None:
    """The one sum that the format promises."""
    if read.score is not None and abs(report.score - read.score) > 1e-6:
        raise UsageError(
            f"{name}: score is {read.score:g}, expected {report.score:g}, the sum of its functions' scores"
        )


def _report(read: _Report) -> Report:
    e = read.environment
    return Report(
        assignment=read.assignment,
        title=read.title or read.assignment,
        submission=Submission(read.submission, read.submission_sha256, "unreadable", ()),
        functions=tuple(_function(f) for f in read.functions),
        notes=tuple(_note(n) for n in read.notes),
        environment=Environment(e.python, e.numpy, e.sandbox, e.mechanisms, e.cases, e.pack, e.platform),
        grader_version=read.grader_version,
        status=read.status,
        reason=read.reason,
    )


def _function(read: _Function) -> FunctionResult:
    return FunctionResult(
        name=read.name,
        status=read.status,
        score=read.score,
        max_score=read.max_score,
        cases=tuple(_case(c, read.name) for c in read.cases),
        diagnoses=tuple(
            Diagnosis(d.id, d.certainty, d.summary, d.question, d.variant, d.title, synonyms=d.synonyms)
            for d in read.diagnoses
        ),
        findings=tuple(_note(n) for n in read.findings),
        follow_through=read.follow_through,
        blamed=read.blamed,
        detail=read.detail,
        definition=_definition(read),
        counted=read.counted,
    )


def _definition(read: _Function) -> Definition | None:
    """What the sentence about a function that could not be called says of its source."""
    if read.status is Status.MISSING:
        head = f"No function named {read.name} was found."
        return Definition(read.name, DefinitionState.MISSING, detail=read.detail.removeprefix(head).strip())
    if read.cases and all(c.outcome is Outcome.MISSING for c in read.cases):
        return Definition(read.name, DefinitionState.BROKEN, detail=read.detail)
    return None


def _case(read: _Case, function: str) -> CaseResult:
    difference = _difference(read) if read.outcome is Outcome.WRONG else None
    case = Case(
        read.name,
        function,
        ((),),
        read.group,
        read.visibility,
        read.max_score,
        outputs=(difference.output,) if difference is not None and difference.output else (),
        group_title=read.group_title,
    )
    return CaseResult(
        case,
        read.outcome,
        read.detail,
        read.score,
        read.seconds,
        follow_through=read.follow_through,
        replies=_replies(read),
        difference=difference,
    )


def _difference(read: _Case) -> Difference | None:
    """The rung that a student's sentence about a hidden case names; other sentences name none."""
    output, colon, sentence = read.detail.rpartition(": ")
    for rung, known in RUNG_SENTENCES.items():
        if sentence == known:
            return Difference(rung, read.detail, output=output if colon else "")
    return None


def _replies(read: _Case) -> tuple[NoValue, ...]:
    """The exception that a sentence begins with."""
    match = re.match(r"(?:raised )?([A-Za-z_]\w*)(?=:|$| \()", read.detail)
    if read.outcome is not Outcome.RAISED or match is None:
        return ()
    return (NoValue(Outcome.RAISED, read.detail, read.seconds, Raised(match[1], "")),)


def _note(read: _Note) -> Note:
    place = None if read.line is None else Place(read.cell, read.line)
    return Note(read.level, read.message, place, read.function)
