"""``grader.report/1`` read back: it renders as before, and what does not fit is named by its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from grader.errors import UsageError
from grader.model import Report
from grader.report import render_all
from grader.report.read import read_reports
from tests.report import samples

REPORTS = [samples.rich, samples.all_right, samples.followed_through, samples.unfinished, samples.not_graded]


def saved(report: Report, audience: str = "student") -> bytes:
    return render_all([report], "json", audience).encode()


@pytest.mark.parametrize("make", REPORTS)
@pytest.mark.parametrize("audience", ["student", "instructor"])
def test_json_read_and_written_is_the_same_json(make: Callable[[], Report], audience: str) -> None:
    raw = saved(make(), audience)
    [report] = read_reports(raw, "x.json")
    assert render_all([report], "json", audience).encode() == raw


@pytest.mark.parametrize("make", REPORTS)
@pytest.mark.parametrize("format", ["text", "html", "markdown", "junit", "gradescope", "csv", "github"])
def test_every_format_can_be_made_of_a_saved_report(make: Callable[[], Report], format: str) -> None:
    report = make()
    [back] = read_reports(saved(report), "x.json")
    text = render_all([back], format, "student")
    assert report.submission.name in text or format in ("junit", "gradescope", "github")
    for function in report.functions:
        assert function.name in text or format == "github"


@pytest.mark.parametrize("format", ["csv", "github"])
def test_formats_that_show_no_values_are_the_same_as_from_the_report_itself(format: str) -> None:
    report = samples.rich()
    [back] = read_reports(saved(report), "x.json")
    before = render_all([report], format, "student").splitlines()
    after = render_all([back], format, "student").splitlines()
    assert len(after) == len(before)


def test_a_students_report_says_no_more_to_an_instructor() -> None:
    report = samples.rich()
    [back] = read_reports(saved(report, "student"), "x.json")
    text = render_all([back], "text", "instructor", verbose=2)
    hidden = [c for f in report.functions for c in f.cases if c.case.visibility.value == "hidden"]
    assert hidden
    assert not any(c.case.name in text for c in hidden)


def test_an_instructors_report_is_cut_for_a_student() -> None:
    [back] = read_reports(saved(samples.rich(), "instructor"), "x.json")
    text = render_all([back], "json", "student")
    hidden = [c for f in samples.rich().functions for c in f.cases if c.case.visibility.value == "hidden"]
    assert not any(c.case.name in text for c in hidden)
    assert not any(c.detail in text for c in hidden if c.detail.startswith(("Z[", "raised IndexError: ")))


def test_a_list_of_reports_is_read() -> None:
    raw = render_all([samples.rich(), samples.all_right()], "json", "student").encode()
    assert len(read_reports(raw, "x.json")) == 2


# --------------------------------------------------------------------------- damage


def changed(**values: Any) -> bytes:
    return json.dumps({**json.loads(saved(samples.rich())), **values}).encode()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        pytest.param(b"", "x.json is not JSON", id="nothing"),
        pytest.param(b"{", "x.json is not JSON", id="cut"),
        pytest.param(b"\xff\xfe", "x.json is not JSON", id="no text"),
        pytest.param(b"[" * 100_000, "x.json is not", id="nested without end"),
        pytest.param(b"{}", "not a grader.report/1: .*schema", id="another document"),
        pytest.param(
            changed(schema="grader.report/2"), r"'grader.report/2'.*\$\.schema", id="a later schema"
        ),
        pytest.param(changed(status="perfect"), r"'perfect'.*\$\.status", id="an unknown status"),
        pytest.param(changed(functions=[{"name": "f"}]), r"\$\.functions\[0\]", id="half a function"),
        pytest.param(
            changed(score=100),
            "score is 100, expected 36, the sum of its functions' scores",
            id="a score that does not add up",
        ),
    ],
)
def test_what_is_no_report_is_named(raw: bytes, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        read_reports(raw, "x.json")


def test_fields_that_a_later_version_added_are_no_trouble() -> None:
    [report] = read_reports(changed(new_field={"x": 1}), "x.json")
    assert report.score == samples.rich().score
