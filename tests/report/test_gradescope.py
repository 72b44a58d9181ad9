"""``results.json`` for Gradescope, held against the written-down schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest
from msgspec.structs import replace

from grader.model import Report
from grader.report.audience import Audience
from grader.report.gradescope import render

from .samples import all_right, followed_through, not_graded, rich, submission, unfinished

SCHEMA = json.loads(files("grader.report.schema").joinpath("gradescope.schema.json").read_text())


def results(report: Report, audience: Audience = Audience.STUDENT, **options: str) -> dict[str, Any]:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    content: dict[str, Any] = json.loads(render(report, audience, **options))
    jsonschema.Draft202012Validator(SCHEMA).validate(content)
    return content


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("sample", [rich, all_right, followed_through, unfinished, not_graded])
def test_every_report_is_valid(sample: Callable[[], Report], audience: Audience) -> None:
    content = results(sample(), audience)
    assert "leaderboard" not in content


def test_the_schema_rejects_an_unknown_status() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    content = results(rich())
    content["tests"][0]["status"] = "excellent"
    with pytest.raises(jsonschema.ValidationError, match="excellent"):
        jsonschema.Draft202012Validator(SCHEMA).validate(content)


def test_a_failure_of_ours_gives_no_score_at_all() -> None:
    content = results(not_graded())
    assert "score" not in content
    assert "tests" not in content
    assert content["extra_data"]["status"] == "not_graded"


def test_the_total_is_the_reports_and_fractions_stay_exact() -> None:
    report = rich()
    third = float(Fraction(10, 3))
    function = report.functions[1]
    cases = tuple(replace(r, score=third if r.score else 0.0) for r in function.cases)
    report = replace(report, functions=(replace(function, cases=cases, score=third),))
    content = results(report)
    assert content["score"] == report.score
    assert third in [t.get("score") for t in content["tests"]]


def test_every_case_is_a_test_with_its_points_and_its_group_as_a_tag() -> None:
    tests = [t for t in results(rich())["tests"] if "feedback" not in t["tags"]]
    assert len(tests) == 30
    assert tests[1] == {
        "name": "zero_pad: hidden check 1 of group shape",
        "output": "correct",
        "output_format": "text",
        "tags": ["zero_pad", "shape", "hidden"],
        "visibility": "visible",
        "score": 4.0,
        "max_score": 4.0,
        "status": "passed",
    }
    assert {t["status"] for t in tests} == {"passed", "failed"}


def test_what_was_not_run_neither_passes_nor_fails() -> None:
    tests = results(unfinished())["tests"]
    blank = [t for t in tests if t["name"].startswith("conv_single_step: single")]
    assert blank
    assert all("status" not in t and t["score"] == 0 for t in blank)
    ungraded = [t for t in tests if t["name"].startswith("conv_backward: backward")]
    assert ungraded
    assert all("score" not in t for t in ungraded)


def test_when_hidden_results_are_shown_is_the_courses_choice() -> None:
    tests = results(rich(), hidden_cases="after_published")["tests"]
    assert {t["visibility"] for t in tests if "hidden" in t["tags"]} == {"after_published"}
    assert {t["visibility"] for t in tests if "public" in t["tags"]} == {"visible"}
    with pytest.raises(ValueError, match="expected one of visible, hidden"):
        render(rich(), Audience.STUDENT, hidden_cases="never")


def test_an_instructors_file_adds_hidden_tests_with_the_values() -> None:
    student, staff = results(rich()), results(rich(), Audience.INSTRUCTOR)
    added = [t for t in staff["tests"] if "staff" in t["tags"]]
    assert len(staff["tests"]) - len(student["tests"]) == len(added) == 14
    assert {t["visibility"] for t in added} == {"hidden"}
    assert "array of shape (1, 2, 2, 2), float64" in added[-1]["output"]
    assert "raised at cell 6, line 12" in added[-1]["output"]
    assert staff["tests"][: len(student["tests"])] == student["tests"]


def test_names_are_one_line_whatever_the_submission_is_called() -> None:
    content = results(rich(submission=submission([], name="a\nb\ud800.ipynb")))
    assert content["output"].splitlines()[0] == "### `a b\\ud800.ipynb`: 36 of 100 points"
