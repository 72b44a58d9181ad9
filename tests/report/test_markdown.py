"""Markdown for pull requests and step summaries."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from grader.model import Level, Note
from grader.report.audience import Audience
from grader.report.markdown import code, render, text

from .samples import all_right, followed_through, not_graded, rich, submission, unfinished

STUDENT = Audience.STUDENT


@pytest.mark.parametrize(
    ("worded", "shown"),
    [
        pytest.param("<img src=x>", "&lt;img src=x&gt;", id="HTML is text"),
        pytest.param("[a](javascript:x)", "\\[a\\]\\(javascript:x\\)", id="a link is text"),
        pytest.param("a | b", "a \\| b", id="a table's cell stays one cell"),
        pytest.param("# big\n- list", "\\# big - list", id="lines become one line"),
        pytest.param("- list", "\\- list", id="a list is text"),
        pytest.param("1. list", "\\1. list", id="so is a numbered one"),
        pytest.param("ask @everyone", "ask @\u200beveryone", id="nobody is called"),
        pytest.param("see https://x.org", "see https:\u200b//x.org", id="an address is no link"),
        pytest.param("a\x1b[31mb\u202ec", "a\\\\x1b\\[31mb\\\\u202ec", id="control characters are shown"),
    ],
)
def test_text_of_others_is_no_markup(worded: str, shown: str) -> None:
    assert text(worded) == shown


@pytest.mark.parametrize(
    ("worded", "shown"),
    [
        pytest.param("alice.ipynb", "`alice.ipynb`", id="plain"),
        pytest.param("a`b", "``a`b``", id="a tick inside"),
        pytest.param("`a``", "``` `a`` ```", id="ticks at both ends"),
        pytest.param("a|b", "`a¦b`", id="a table's cell stays one cell"),
        pytest.param("a\n\nb", "`a b`", id="one line"),
        pytest.param("", "`?`", id="nothing"),
    ],
)
def test_a_code_span_cannot_be_left(worded: str, shown: str) -> None:
    assert code(worded) == shown


def test_the_score_stands_first_and_the_first_thing_to_look_at_next() -> None:
    lines = render(rich(), STUDENT).splitlines()
    assert lines[0] == "### `alice.ipynb`: 36 of 100 points"
    assert "**Look at `conv_single_step` first.**" in lines


def test_every_row_of_the_table_has_four_cells_whatever_the_names() -> None:
    report = rich()
    report = replace(
        report, functions=tuple(replace(f, blamed=("a|b",), follow_through=True) for f in report.functions)
    )
    rows = [line for line in render(report, STUDENT).splitlines() if line.startswith("|")]
    assert len(rows) == 6
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}


def test_the_question_is_asked_and_the_twin_is_told() -> None:
    page = render(rich(), STUDENT)
    assert "> Feed a window of zeros: what should come out" in page
    assert "b went in four times" in page


def test_a_submission_that_is_right_is_a_short_report() -> None:
    page = render(all_right(), STUDENT)
    assert page.count("\n") < 20
    assert "Look at" not in page


def test_follow_through_names_the_helper_that_is_to_blame() -> None:
    assert "✓ correct, with a right `conv_single_step` in place" in render(followed_through(), STUDENT)


def test_a_report_that_is_not_graded_shows_no_points() -> None:
    page = render(not_graded(), STUDENT)
    assert "not graded" in page
    assert "points" not in page


def test_unfinished_functions_say_what_is_missing() -> None:
    page = render(unfinished(), STUDENT)
    assert "conv\\_single\\_step is still to be written." in page
    assert "There is conv\\_foward in cell 5." in page


def test_the_name_of_a_file_is_no_markup() -> None:
    report = rich(submission=submission([], name="x`](<javascript:alert(1)>)<b>.ipynb"))
    assert render(report, STUDENT).startswith("### ``x`](<javascript:alert(1)>)<b>.ipynb``: 36")


def test_notes_are_listed_with_their_place() -> None:
    note = Note(Level.INFO, "a <b>")
    assert "- a &lt;b&gt;" in render(rich(notes=(note,)), STUDENT)
