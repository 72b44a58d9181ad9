"""Decides what one reply is worth: the bridge from what the sandbox said to what the report says.

Pure: a reply and a case go in, a result comes out. The reply is only ever an answer; that it is right
is decided here, against expected values that never left this process.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from grader.cases import Prepared
from grader.compare import agree, compare
from grader.model import CaseResult, Difference, ExtractedSource, NoValue, Outcome, Reply, Returned
from grader.pack import FunctionSpec


def judge(
    prepared: Prepared,
    replies: Sequence[Reply],
    spec: FunctionSpec,
    extracted: ExtractedSource,
    others: Sequence[Reply] = (),
) -> CaseResult:
    """The result of one case; ``replies`` may be shorter than its calls when one gave no value.

    ``others`` are what the function replied in its other cases: a case that asks that arguments and earlier
    answers be left alone asks it of every call, since some are only changed where there is no border.
    """
    case = prepared.case
    replies = [_with_places(reply, extracted) for reply in replies]
    seconds = sum(reply.seconds for reply in replies)
    outcome, difference = Outcome.CORRECT, None
    detail = ""
    failed = next((r for r in replies if isinstance(r, NoValue)), None)
    if failed is not None:
        outcome, detail = failed.outcome, explain(failed)
    else:
        difference = _first_difference(prepared, _returned(replies), spec)
        if difference is None and case.unchanged:
            every = _returned([*replies, *others])
            difference = _changed_argument(every, spec) or _overwritten_answer(every, spec)
        if difference is not None:
            outcome, detail = Outcome.WRONG, difference.message
    return CaseResult(
        case,
        outcome,
        detail,
        score=case.points if outcome is Outcome.CORRECT else 0.0,
        seconds=seconds,
        replies=tuple(replies),
        expected=prepared.expected,
        difference=difference,
    )


def _first_difference(
    prepared: Prepared, replies: Sequence[Returned], spec: FunctionSpec
) -> Difference | None:
    case = prepared.case
    if case.judge is not None:
        return case.judge(tuple(r.value for r in replies))
    for position, (reply, expected) in enumerate(zip(replies, prepared.expected, strict=True)):
        found = compare(reply.value, expected, spec.outputs, case.outputs)
        if found is None:
            continue
        if position and case.calls[position] is case.calls[0]:
            return Difference(
                "repeat",
                f"the same call gave another answer the second time: {found.message}",
                found.index,
                found.output,
                found.count,
                found.size,
            )
        return found
    return None


def _returned(replies: Sequence[Reply]) -> list[Returned]:
    return [reply for reply in replies if isinstance(reply, Returned)]


def _changed_argument(replies: Sequence[Returned], spec: FunctionSpec) -> Difference | None:
    for reply in replies:
        for position in reply.changed:
            names = spec.parameters
            name = names[position] if position < len(names) else f"argument {position + 1}"
            return Difference("arguments", f"the call changed its argument {name}; its caller still needs it")
    return None


def _overwritten_answer(replies: Sequence[Returned], spec: FunctionSpec) -> Difference | None:
    """Of a record (a cache) nothing is said: what it holds besides the arguments is the student's own."""
    names = [output.name for output in spec.outputs]
    for reply in replies:
        for position in reply.overwritten:
            if 0 <= position < len(names) and spec.outputs[position].kind != "record":
                name = names[position]
                message = f"it returned the same array twice: the second call changed the {name} of the first"
                return Difference("overwritten", message, output=name)
    return None


def steady(first: Reply, second: Reply, spec: FunctionSpec) -> bool:
    """Whether two replies to one call are the same answer (used to find randomness)."""
    if isinstance(first, Returned) and isinstance(second, Returned):
        return agree(second.value, first.value, spec.outputs)
    return type(first) is type(second)


def _with_places(reply: Reply, extracted: ExtractedSource) -> Reply:
    if isinstance(reply, Returned) or reply.raised is None:
        return reply
    places = tuple(p for line in reply.raised.lines if (p := extracted.place(line)) is not None)
    return replace(reply, raised=replace(reply.raised, places=places))


def explain(reply: NoValue) -> str:
    """What happened instead of an answer, with the place in the submission where it is known."""
    raised = reply.raised
    if raised is None:
        return reply.detail
    message = f"{raised.type_name}: {raised.message}".rstrip(": ")
    return f"{message} ({raised.places[-1]})" if raised.places else message
