"""A hand-in that carries hidden inputs out finds none of it in any student report of any format."""

from __future__ import annotations

import html
import importlib
import json
import re
from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace

from grader.model import (
    Case,
    CaseResult,
    Difference,
    FunctionResult,
    Level,
    Note,
    NoValue,
    Opaque,
    Outcome,
    Place,
    Raised,
    Reply,
    Report,
    Returned,
    Status,
    Visibility,
)
from grader.report import MODULES
from grader.report.audience import Audience

from .samples import HIDDEN, PUBLIC, alice, answered, case, rich

#: The hidden input, and what a program can make of it.
SECRET = 7919.0
ENCODED = ("7919", "1eef", "0x1eef", "1111011101111", "NzkxOQ", "９７１９", "IXXIX")
SLOW = 7.919


def asked(visibility: Visibility = HIDDEN) -> Case:
    return case(
        "a case about 7919",
        "conv_forward",
        "values",
        visibility,
        5.0,
        np.full((2, 2), SECRET),
        meaning="what becomes of 7919",
    )


def wrong(reply: Reply, difference: Difference) -> CaseResult:
    return CaseResult(
        asked(),
        Outcome.WRONG,
        difference.message,
        0.0,
        SLOW,
        replies=(reply,),
        expected=(np.full((2, 2), SECRET),),
        difference=difference,
    )


def raising(raised: Raised, printed: str = "") -> CaseResult:
    detail = f"raised {raised.type_name}: {raised.message}"
    return CaseResult(
        asked(),
        Outcome.RAISED,
        detail,
        0.0,
        SLOW,
        replies=(NoValue(Outcome.RAISED, detail, SLOW, raised, printed),),
        expected=(np.full((2, 2), SECRET),),
    )


VALUES = Difference(
    "values", "Z[7919] is 7919, expected 7919 (7919 of 9999 entries)", (7919,), "Z", 7919, 9999
)
ARRAY = np.full((2, 2), SECRET)

CHANNELS: dict[str, CaseResult] = {
    "prints": wrong(Returned(ARRAY, SLOW, printed="input is 7919\n1eef"), VALUES),
    "the text of an exception": raising(Raised("ValueError", "7919 NzkxOQ", (1,), (Place(1, 1),))),
    "the name of an exception's class": raising(Raised("E7919", "")),
    "the line that raises": raising(Raised("ValueError", "", (7919,), (Place(7919, 7919),))),
    "an object's repr": wrong(Returned(Opaque("Secret7919", "7919"), SLOW), VALUES),
    "a docstring that becomes the message": raising(Raised("AssertionError", "doc: 0x1eef")),
    "warnings on stderr": wrong(Returned(ARRAY, SLOW, printed="UserWarning: 1111011101111"), VALUES),
    "a file name in a message": raising(Raised("FileNotFoundError", "No such file: '/tmp/7919'")),
    "the returned value": wrong(Returned({"7919": ARRAY, "text": "1eef"}, SLOW), VALUES),
    "the returned text": wrong(Returned("７９１９ NzkxOQ IXXIX", SLOW), Difference("type", "Z is '7919'")),
    "the rung of the difference": wrong(Returned(ARRAY), Difference("7919", "x")),
    "the name of an output": wrong(Returned(ARRAY), Difference("values", "x", None, "o7919")),
    "how long it takes": CaseResult(
        asked(),
        Outcome.TIMED_OUT,
        "stopped after 7.919 s",
        0.0,
        SLOW,
        replies=(NoValue(Outcome.TIMED_OUT, "stopped after 7.919 s", SLOW, printed="7919"),),
    ),
    "how it is killed": CaseResult(
        asked(), Outcome.KILLED, "signal 7919", 0.0, SLOW, replies=(NoValue(Outcome.KILLED, "7919", SLOW),)
    ),
    "which arguments it changes": wrong(
        Returned(ARRAY, SLOW, changed=(7919,)), Difference("arguments", "argument 7919 was changed")
    ),
}


def report_on(result: CaseResult) -> Report:
    """The hostile case among others; the careless author of notes and details quotes it everywhere."""
    said = result.detail or result.difference.message if result.difference else result.detail
    texts = [getattr(r, "printed", "") for r in result.replies]
    texts += [r.raised.message for r in result.replies if isinstance(r, NoValue) and r.raised]
    notes = tuple(
        Note(Level.WARNING, f"the program said: {text}", visibility=Visibility.HIDDEN)
        for text in (*texts, said)
    )
    function = FunctionResult(
        "conv_forward",
        Status.INCORRECT,
        5.0,
        10.0,
        (answered(case("public", "conv_forward", "values", PUBLIC, 5.0, 1.0), 1.0, 1.0), result),
        findings=notes,
        definition=rich().functions[2].definition,
        detail=said,
    )
    return rich(functions=(function,), notes=notes, submission=replace(alice(), notes=notes))


def decoded(text: str, format: str) -> str:
    """The text as its reader gets it, with what each format does to characters undone."""
    if format == "gradescope" or format == "json":
        return json.dumps(json.loads(text), ensure_ascii=False) + text
    if format in ("html", "junit"):
        return html.unescape(re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)) + text
    return text.replace("\\", "").replace("\u200b", "")


def render(format: str) -> Callable[[Report, Audience], str]:
    render: Callable[[Report, Audience], str] = importlib.import_module(
        f"grader.report.{MODULES[format]}"
    ).render
    return render


@pytest.mark.parametrize("format", MODULES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_of_a_hidden_case_reaches_a_student_through(channel: str, format: str) -> None:
    text = decoded(render(format)(report_on(CHANNELS[channel]), Audience.STUDENT), format)
    for secret in (*ENCODED, "7.919", "a case about", "what becomes of"):
        assert secret not in text


@pytest.mark.parametrize("format", MODULES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_reports_differ_in_nothing_but_the_outcome_whatever_the_program_says_through(
    channel: str, format: str
) -> None:
    """Stronger than looking for known encodings: another secret gives the same bytes."""

    def other(text: str) -> str:
        return text.replace("7919", "6841").replace("1eef", "1ab9").replace("NzkxOQ", "Njg0MQ")

    result = CHANNELS[channel]
    replies = tuple(_with_texts(reply, other) for reply in result.replies)
    difference = result.difference
    if difference is not None:
        difference = Difference(
            other(difference.rung), other(difference.message), (1,), other(difference.output), 2, 9
        )
    twin = replace(
        result,
        case=replace(result.case, name=other(result.case.name), calls=((6841.0,),)),
        detail=other(result.detail),
        seconds=1.0,
        replies=replies,
        expected=(6841.0,),
        difference=difference,
    )
    first, second = (render(format)(report_on(r), Audience.STUDENT) for r in (result, twin))
    assert first == second


def _with_texts(reply: Reply, other: Callable[[str], str]) -> Reply:
    if isinstance(reply, Returned):
        return Returned(6841.0, 1.0, (2,), other(reply.printed))
    raised = reply.raised
    if raised is not None:
        raised = Raised(other(raised.type_name), other(raised.message), (9,), (Place(2, 2),))
    return NoValue(reply.outcome, other(reply.detail), 1.0, raised, other(reply.printed))


@pytest.mark.parametrize("format", ["html", "gradescope"])
def test_the_same_search_does_find_the_secret_in_an_instructors_report(format: str) -> None:
    """Else the tests above would prove nothing."""
    for channel in ("prints", "the text of an exception", "the returned value"):
        assert "7919" in decoded(render(format)(report_on(CHANNELS[channel]), Audience.INSTRUCTOR), format)


def test_an_instructors_gradescope_report_keeps_the_secret_in_hidden_tests() -> None:
    """Gradescope shows the student the same file."""
    for result in CHANNELS.values():
        report = json.loads(render("gradescope")(report_on(result), Audience.INSTRUCTOR))
        report["tests"] = [t for t in report["tests"] if t["visibility"] != "hidden"]
        assert len(report["tests"]) == 3
        text = json.dumps(report, ensure_ascii=False)
        for secret in (*ENCODED, "7.919", "a case about"):
            assert secret not in text
