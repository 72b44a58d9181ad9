"""Prepares a report for the page: what stands where, in words and tiles; the templates only lay it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.model import (
    CaseResult,
    Diagnosis,
    FunctionResult,
    Note,
    NoValue,
    Outcome,
    Place,
    Report,
    Returned,
    Status,
    Twin,
    Visibility,
)
from grader.report.audience import Audience
from grader.report.html.grids import HeatMap, Tile, heat_map, tiles
from grader.report.values import differing_arrays, differing_pair, number, show
from grader.report.words import (
    OUTCOME_SIGNS,
    OUTCOME_WORDS,
    STATUS_SIGNS,
    STATUS_WORDS,
    Group,
    clean,
    counted,
    groups,
    points,
    raised_by,
)

#: Failing public cases of a function that are worked out for a student, all the others stay in the
#: table: one beside a diagnosis, which says more, else two.
BESIDE_A_DIAGNOSIS, ALONE = 1, 2


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of checks; hidden ones that went alike share a line."""

    sign: str
    word: str
    outcome: str
    name: str
    meaning: str
    detail: str
    hidden: bool
    follow_through: bool
    milliseconds: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One failed case, worked out."""

    name: str
    group: str
    meaning: str
    detail: str
    hidden: bool
    heat: HeatMap | None
    blocks: tuple[tuple[str, str], ...]  # heading, text
    places: tuple[Place, ...]
    milliseconds: str


@dataclass(frozen=True, slots=True)
class TwinView:
    """The small example of a diagnosis."""

    call: str
    inputs: tuple[Tile, ...]
    steps: tuple[Tile, ...]
    entry: str
    got: str
    expected: str
    heat: HeatMap | None
    sentence: str


@dataclass(frozen=True, slots=True)
class DiagnosisView:
    """A diagnosis and its example."""

    id: str
    title: str
    sure: str
    summary: str
    question: str
    place: Place | None
    twin: TwinView | None
    tried: str


@dataclass(frozen=True, slots=True)
class FunctionView:
    """All that is said of one function."""

    name: str
    status: str
    sign: str
    word: str
    score: str
    checks: str
    detail: str
    follow_through: str
    diagnoses: tuple[DiagnosisView, ...]
    findings: tuple[Note, ...]
    groups: tuple[Group, ...]
    group_points: bool
    failing: tuple[CaseView, ...]
    rows: tuple[Row, ...]
    timed: bool


def function_view(function: FunctionResult, audience: Audience) -> FunctionView:
    """The view of one function of a report that already went through ``for_audience``."""
    staff = audience is Audience.INSTRUCTOR
    parts = groups(function)
    right = sum(r.outcome is Outcome.CORRECT for r in function.cases)
    return FunctionView(
        name=function.name,
        status=function.status.value,
        sign=STATUS_SIGNS[function.status],
        word=STATUS_WORDS[function.status],
        score=f"{points(function.score)} of {points(function.max_score)} points"
        if function.counted
        else "practice",
        checks=f"{right} of {len(function.cases)}" if function.cases else "–",
        detail="" if function.diagnoses else clean(function.detail),
        follow_through=_follow_through(function),
        diagnoses=tuple(_diagnosis(d, staff) for d in function.diagnoses),
        findings=function.findings,
        groups=parts,
        group_points=function.counted
        and abs(sum(g.score for g in parts) - function.score) < 0.005
        and abs(sum(g.max_score for g in parts) - function.max_score) < 0.005,
        failing=tuple(_worked_out(function, staff)),
        rows=tuple(_rows(function.cases, staff)),
        timed=staff,
    )


def _follow_through(function: FunctionResult) -> str:
    if not function.follow_through:
        return ""
    helpers = " and ".join(f"`{name}`" for name in function.blamed) or "helper"
    return (
        f"Judged with a right {helpers} in place of yours, so that one mistake is not charged twice: "
        f"the mistake is in {helpers}."
    )


# --------------------------------------------------------------------------- diagnoses


def _diagnosis(diagnosis: Diagnosis, staff: bool) -> DiagnosisView:
    variant = f", variant “{diagnosis.variant}”" if diagnosis.variant else ""
    return DiagnosisView(
        id=diagnosis.id,
        title=diagnosis.title,
        sure=f"{diagnosis.certainty.value.capitalize()} cause",
        summary=diagnosis.summary,
        question=diagnosis.question,
        place=diagnosis.place,
        twin=None if diagnosis.twin is None else _twin(diagnosis.twin),
        tried=f"{counted(diagnosis.tried, 'fault model')} compared{variant}"
        if staff and diagnosis.tried
        else "",
    )


def _twin(twin: Twin) -> TwinView:
    pair = differing_pair(twin.got, twin.expected)
    name = twin.output or "the result"
    heat = heat_map(pair[1], pair[2], name) if pair is not None and pair[1].size > 1 else None
    entry = f"{name}[{', '.join(map(str, twin.index))}]" if twin.index else name
    known = twin.got_entry is not None and twin.expected_entry is not None
    return TwinView(
        call=twin.call,
        inputs=tiles(twin.inputs),
        steps=tiles(twin.steps),
        entry=entry,
        got=number(twin.got_entry).replace("-", "−") if known else "",
        expected=number(twin.expected_entry).replace("-", "−") if known else "",
        heat=heat,
        sentence=twin.sentence,
    )


# --------------------------------------------------------------------------- cases


def _worked_out(function: FunctionResult, staff: bool) -> Iterable[CaseView]:
    failed = [r for r in function.cases if r.outcome is not Outcome.CORRECT]
    if staff:
        return [_case(r, staff) for r in failed]
    if function.status not in (Status.PARTIAL, Status.INCORRECT):
        return []
    public = [
        r for r in failed if r.case.visibility is Visibility.PUBLIC and r.outcome is not Outcome.MISSING
    ]
    most = BESIDE_A_DIAGNOSIS if function.diagnoses else ALONE
    unlike = {r.detail: r for r in reversed(public)}  # ten times the same exception is shown once
    return [_case(r, staff) for r in public if unlike[r.detail] is r][:most]


def _case(result: CaseResult, staff: bool) -> CaseView:
    pair = differing_arrays(result)
    name = (result.difference.output if result.difference is not None else "") or "the result"
    raised = raised_by(result)
    places = raised.places if raised is not None else ()
    detail = clean(result.detail) or OUTCOME_WORDS[result.outcome]
    if places:  # they are shown as links
        detail = detail.removesuffix(f" ({places[-1]})")
    return CaseView(
        name=result.case.name,
        group=result.case.group_title or result.case.group,
        meaning=result.case.meaning,
        detail=detail,
        hidden=result.case.visibility is Visibility.HIDDEN,
        heat=heat_map(pair[1], pair[2], name) if pair is not None else None,
        blocks=tuple(_blocks(result)),
        places=places,
        milliseconds=_milliseconds(result.seconds) if staff else "",
    )


def _blocks(result: CaseResult) -> Iterable[tuple[str, str]]:
    """What went in, what came out and what should have, call by call."""
    several = len(result.case.calls) > 1
    for k, call in enumerate(result.case.calls):
        nth = f" of call {k + 1}" if several else ""
        if call:
            inputs = "\n".join(f"{position}: {show(value)}" for position, value in enumerate(call, start=1))
            yield f"Inputs{nth}", inputs
        reply = result.replies[k] if k < len(result.replies) else None
        if isinstance(reply, Returned):
            yield f"Returned{nth}", show(reply.value)
        elif isinstance(reply, NoValue):
            yield f"No answer{nth}", clean(reply.detail)
        if k < len(result.expected) and result.expected[k] is not None:
            yield f"Expected{nth}", show(result.expected[k])
        if reply is not None and reply.printed.strip():
            yield f"Printed{nth}", clean(reply.printed, 1_200)


def _rows(results: Sequence[CaseResult], staff: bool) -> Iterable[Row]:
    """A line for each check. A student's hidden checks that went alike come as one."""
    if staff:
        return [_row(r, r.case.name, staff) for r in results]
    rows = [_row(r, r.case.name, staff) for r in results if r.case.visibility is Visibility.PUBLIC]
    alike: dict[tuple[str, Outcome, str, bool], list[CaseResult]] = {}
    for r in results:
        if r.case.visibility is Visibility.HIDDEN:
            title = r.case.group_title or r.case.group
            alike.setdefault((title, r.outcome, r.detail, r.follow_through), []).append(r)
    for (group, *_), same in alike.items():
        rows.append(_row(same[0], f"{counted(len(same), 'hidden check')} of “{group}”", staff))
    return rows


def _row(result: CaseResult, name: str, staff: bool) -> Row:
    return Row(
        sign=OUTCOME_SIGNS[result.outcome],
        word=OUTCOME_WORDS[result.outcome],
        outcome=result.outcome.value,
        name=name,
        meaning=result.case.meaning,
        detail=clean(result.detail, 300),
        hidden=result.case.visibility is Visibility.HIDDEN,
        follow_through=result.follow_through,
        milliseconds=_milliseconds(result.seconds) if staff else "",
    )


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


# --------------------------------------------------------------------------- the top of the page


def what_is_right(report: Report) -> tuple[tuple[str, str], ...]:
    """(function, what of it is right) for everything that can be praised."""
    praise = []
    for function in report.functions:
        passed = [g.title for g in groups(function) if g.passed]
        if function.status is Status.CORRECT:
            praise.append((function.name, f"all {counted(len(function.cases), 'check')} right"))
        elif passed:
            verb = "is" if len(passed) == 1 else "are"
            praise.append((function.name, f"{_listed(passed)} {verb} right"))
    return tuple(praise)


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
