"""Decides what a student may see of a report, in this one place and for every format.

A hidden case is only worth something while nobody outside the staff knows its numbers, and the one
who wants them wrote the program that was given them. So of a hidden case nothing goes through that
this program could have worded: not its prints, not its exception's text, not an unknown type name,
not a line number, not a time. What is left is worded here, out of a fixed list.

Two things this module cannot see, and the pipeline must keep: every public case is run before the
first hidden one (a public answer could otherwise repeat hidden inputs), and only the load errors of
the first process are reported. A note made out of a hidden reply is marked ``Visibility.HIDDEN``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from grader.model import (
    CaseResult,
    DefinitionState,
    Diagnosis,
    Difference,
    FunctionResult,
    Note,
    NoValue,
    Outcome,
    Raised,
    Report,
    Returned,
    Status,
    StrEnum,
    Visibility,
)


class Audience(StrEnum):
    """Who is going to read the report."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"


#: What NumPy code raises by mistake. A dozen names and not all the builtin ones: a program can choose
#: which exception to raise, and each choice that is shown tells something about the hidden input.
_COMMON_EXCEPTIONS = frozenset(
    {
        "AssertionError",
        "AttributeError",
        "IndexError",
        "KeyError",
        "MemoryError",
        "NameError",
        "NotImplementedError",
        "RecursionError",
        "TypeError",
        "UnboundLocalError",
        "ValueError",
        "ZeroDivisionError",
    }
)

_OUTCOME_SENTENCES = {
    Outcome.CORRECT: "",
    Outcome.WRONG: "wrong answer",
    Outcome.RAISED: "raised an exception",
    Outcome.TIMED_OUT: "stopped after the time limit",
    Outcome.KILLED: "stopped: it needed too much memory or did what is not allowed",
    Outcome.MISSING: "the function was not there to be called",
    Outcome.NOT_RUN: "not run",
    Outcome.UNGRADED: "not graded, through no fault of yours",
}

_RUNG_SENTENCES = {
    "arity": "wrong number of returned values",
    "type": "wrong type of result",
    "shape": "wrong shape",
    "finite": "NaN or infinity in the result",
    "dtype": "wrong type of numbers",
    "values": "wrong values",
    "arguments": "an input was changed",
    "overwritten": "the same array was returned twice, so the second call changed the first answer",
    "repeat": "the same question got two different answers",
    "property": "a property that must hold does not",
}

_NOT_GRADED = "This submission could not be graded, through no fault of yours. Your instructor can see why."


def for_audience(report: Report, audience: Audience) -> Report:
    """``report`` without what ``audience`` may not see. Doing it twice changes nothing more."""
    if audience is Audience.INSTRUCTOR:
        return report
    quotes = _hidden_texts(report)
    return replace(
        report,
        submission=replace(report.submission, notes=_public_notes(report.submission.notes, quotes)),
        functions=tuple(_function_for_student(f, quotes) for f in report.functions),
        notes=_public_notes(report.notes, quotes),
        reason=_NOT_GRADED if report.reason else "",
    )


def _function_for_student(function: FunctionResult, quotes: frozenset[str]) -> FunctionResult:
    outputs = _known_outputs(function)
    counts: dict[str, int] = {}
    cases = []
    for result in function.cases:
        if result.case.visibility is Visibility.PUBLIC:
            cases.append(result)
            continue
        group = result.case.group
        counts[group] = counts.get(group, 0) + 1
        cases.append(_hidden_case(result, counts[group], outputs))
    seen = replace(
        function,
        cases=tuple(cases),
        diagnoses=tuple(_diagnosis_for_student(d) for d in function.diagnoses),
        findings=_public_notes(function.findings, quotes),
    )
    return replace(seen, detail=first_look(seen))


def _hidden_case(result: CaseResult, number: int, outputs: frozenset[str]) -> CaseResult:
    """A hidden case of which only facts out of fixed lists are left."""
    raised = _common_exception(result)
    difference = None
    detail = _OUTCOME_SENTENCES[result.outcome]
    if raised is not None:
        detail = f"raised {raised.type_name}"
    elif result.outcome is Outcome.WRONG and result.difference is not None:
        difference = _rung_only(result.difference, outputs)
        detail = difference.message
    title = f'"{result.case.group_title}"' if result.case.group_title else f"group {result.case.group}"
    case = replace(
        result.case,
        name=f"hidden check {number} of {title}",
        calls=((),),
        outputs=() if difference is None or not difference.output else (difference.output,),
        unchanged=False,
        judge=None,
        property_id="",
        meaning="",
    )
    return CaseResult(
        case=case,
        outcome=result.outcome,
        detail=detail,
        score=result.score,
        follow_through=result.follow_through,
        replies=() if raised is None else (NoValue(Outcome.RAISED, detail, raised=raised),),
        difference=difference,
    )


def _rung_only(difference: Difference, outputs: frozenset[str]) -> Difference:
    rung = difference.rung if difference.rung in _RUNG_SENTENCES else ""
    output = difference.output if difference.output in outputs else ""
    sentence = _RUNG_SENTENCES.get(rung, _OUTCOME_SENTENCES[Outcome.WRONG])
    return Difference(rung=rung, message=f"{output}: {sentence}" if output else sentence, output=output)


def _common_exception(result: CaseResult) -> Raised | None:
    if result.outcome is not Outcome.RAISED:
        return None
    for reply in result.replies:
        if isinstance(reply, NoValue) and reply.raised is not None:
            known = reply.raised.type_name in _COMMON_EXCEPTIONS
            return Raised(reply.raised.type_name, "") if known else None
    return None


def _known_outputs(function: FunctionResult) -> frozenset[str]:
    """Names of outputs that a student sees anyway: the pack's own, and those of public cases."""
    names: set[str] = set()
    for result in function.cases:
        names.update(result.case.outputs)
        if result.case.visibility is Visibility.PUBLIC and result.difference is not None:
            names.add(result.difference.output)
    return frozenset(names - {""})


def _diagnosis_for_student(diagnosis: Diagnosis) -> Diagnosis:
    return replace(diagnosis, tried=0)


def first_look(function: FunctionResult) -> str:
    """The first thing to look at, as one sentence made only of what a student may see."""
    name, definition = function.name, function.definition
    if function.status is Status.CORRECT:
        return ""
    if function.status is Status.NOT_GRADED:
        return f"{name} could not be graded, through no fault of yours."
    if function.status is Status.MISSING:
        detail = definition.detail if definition is not None else ""
        return f"No function named {name} was found." + (f" {detail}" if detail else "")
    if function.status is Status.BLANK:
        return f"{name} is still to be written."
    if definition is not None and definition.state is DefinitionState.BROKEN and definition.detail:
        return definition.detail
    if function.diagnoses:
        return function.diagnoses[0].summary
    failing = [r for r in function.cases if r.outcome not in (Outcome.CORRECT, Outcome.NOT_RUN)]
    failing.sort(key=lambda r: r.case.visibility is Visibility.HIDDEN)
    if not failing:
        return ""
    if failing[0].case.visibility is Visibility.PUBLIC and failing[0].detail:
        return failing[0].detail
    return f"{failing[0].case.name}: {failing[0].detail}".rstrip(": ")


# --------------------------------------------------------------------------- notes


def _public_notes(notes: Iterable[Note], quotes: frozenset[str]) -> tuple[Note, ...]:
    return tuple(
        note
        for note in notes
        if note.visibility is Visibility.PUBLIC and not any(quote in note.message for quote in quotes)
    )


def _hidden_texts(report: Report) -> frozenset[str]:
    """Texts that the student's program gave only in hidden cases.

    A safety net: a note should have been marked hidden by whoever wrote it; one that quotes such a
    text was not, and is left out.
    """
    public: set[str] = set()
    hidden: set[str] = set()
    for function in report.functions:
        for result in function.cases:
            texts = public if result.case.visibility is Visibility.PUBLIC else hidden
            texts.update(_texts(result))
    return frozenset(text for text in hidden - public if len(text) >= 3)


def _texts(result: CaseResult) -> Iterator[str]:
    for reply in result.replies:
        yield reply.printed.strip()
        yield from (line.strip() for line in reply.printed.splitlines())
        if isinstance(reply, Returned):
            if isinstance(reply.value, str):
                yield reply.value
        elif reply.raised is not None:
            yield reply.raised.message
            if reply.raised.type_name not in _COMMON_EXCEPTIONS:
                yield reply.raised.type_name
