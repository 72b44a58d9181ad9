"""JUnit XML: valid against the written-down schema, whatever a submission says."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from grader.model import NoValue, Outcome, Raised, Report
from grader.report.audience import Audience
from grader.report.junit import render, render_many

from .samples import (
    PUBLIC,
    all_right,
    case,
    failed,
    followed_through,
    not_graded,
    rich,
    submission,
    unfinished,
)

BOTH = pytest.mark.parametrize("audience", list(Audience))


@pytest.fixture(scope="module")
def validate() -> Callable[[str], None]:
    etree = pytest.importorskip("lxml.etree", reason="lxml, which validates XML, is not installed")
    schema = etree.XMLSchema(
        etree.fromstring(files("grader.report.schema").joinpath("junit.xsd").read_bytes())
    )

    def validate(text: str) -> None:
        schema.assertValid(etree.fromstring(text.encode()))

    return validate


def with_exception(type_name: str, message: str) -> Report:
    report = rich()
    question = case(message, "conv_backward", message, PUBLIC, 3.0, 1)
    result = failed(question, NoValue(Outcome.RAISED, message, raised=Raised(type_name, message)))
    *others, last = report.functions
    return replace(report, functions=(*others, replace(last, cases=(result,), detail=message)))


@BOTH
@pytest.mark.parametrize("sample", [rich, all_right, followed_through, unfinished, not_graded])
def test_every_report_is_valid(
    sample: Callable[[], Report], audience: Audience, validate: Callable[[str], None]
) -> None:
    validate(render(sample(), audience))


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("]]> <b> & \" '", id="markup"),
        pytest.param("\x00\x01\x1b[0m\x0b\x0c\x7f", id="control characters"),
        pytest.param("\ud800 \ufffe \uffff \U0001f600", id="a lone surrogate and non-characters"),
        pytest.param("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;", id="an entity"),
        pytest.param("x" * 100_000, id="a very long text"),
    ],
)
def test_hostile_texts_leave_it_valid(text: str, audience: Audience, validate: Callable[[str], None]) -> None:
    validate(render(with_exception(text, text), audience))
    validate(render(rich(submission=submission([], name=text)), audience))


def test_the_schema_rejects_what_it_should(validate: Callable[[str], None]) -> None:
    good = render(rich(), Audience.STUDENT)
    for broken in (
        good.replace("<failure", "<fault").replace("</failure", "</fault"),
        good.replace(' time="', ' tme="'),
    ):
        with pytest.raises(Exception, match=r"not expected|not allowed|required"):
            validate(broken)


def test_what_becomes_of_each_outcome() -> None:
    suites = ET.fromstring(render(rich(), Audience.STUDENT)).findall("testsuite")
    assert [(s.get("name"), s.get("tests"), s.get("failures"), s.get("errors")) for s in suites] == [
        ("zero_pad", "5", "0", "0"),
        ("conv_single_step", "5", "4", "0"),
        ("conv_forward", "10", "4", "2"),
        ("conv_backward", "10", "0", "10"),
    ]
    slow = suites[2].findall("testcase")[4].find("error")
    assert slow is not None
    assert (slow.get("type"), slow.get("message")) == ("timed_out", "stopped after the time limit")


def test_what_was_not_asked_or_not_graded_is_skipped_and_not_failed() -> None:
    suites = ET.fromstring(render(unfinished(), Audience.STUDENT)).findall("testsuite")
    counts = [(s.get("skipped"), s.get("failures"), s.get("errors")) for s in suites]
    assert counts == [("0", "0", "0"), ("5", "0", "0"), ("0", "10", "0"), ("10", "0", "0")]


def test_a_submission_that_is_not_graded_has_one_skipped_testcase() -> None:
    (suite,) = ET.fromstring(render(not_graded(), Audience.STUDENT)).findall("testsuite")
    assert (suite.get("tests"), suite.get("skipped")) == ("1", "1")


def test_follow_through_is_a_property_of_the_suite() -> None:
    suite = ET.fromstring(render(followed_through(), Audience.INSTRUCTOR)).findall("testsuite")[2]
    properties = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert properties["follow_through"] == "true"
    assert properties["blamed"] == "conv_single_step"
    assert properties["follow_through:forward 5x7 number 0"] == "true"


def test_several_submissions_make_one_document(validate: Callable[[str], None]) -> None:
    document = render_many([rich(), all_right()], Audience.STUDENT)
    validate(document)
    root = ET.fromstring(document)
    assert root.get("tests") == "60"
    assert [s.get("name") for s in root][:1] == ["alice.ipynb: zero_pad"]
