"""Annotations of GitHub Actions: what the runner reads back is what was meant."""

from __future__ import annotations

import json
import re

import pytest
from msgspec.structs import replace

from grader.model import Cell, Level, Note, Place, Report, Submission
from grader.report.audience import Audience
from grader.report.github import file_line, render, summary

from .samples import BACKWARD, FORWARD, alice, all_right, not_graded, rich, submission

STUDENT = Audience.STUDENT


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner takes it apart: its name, properties and message."""
    match = re.fullmatch(r"::([a-z]+)(?: (.*?))?::(.*)", line)
    assert match is not None, line
    pairs = dict(pair.split("=", 1) for pair in (match[2] or "").split(",") if pair)
    properties = {key: _undone(value.replace("%3A", ":").replace("%2C", ",")) for key, value in pairs.items()}
    return match[1], properties, _undone(match[3])


def _undone(value: str) -> str:
    return value.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")


def annotations(report: Report, **options: str) -> list[tuple[str, dict[str, str], str]]:
    return [read(line) for line in render(report, STUDENT, **options).splitlines()]


HOSTILE = [
    pytest.param("two\nlines", id="a line end"),
    pytest.param("100 % of 5%0A", id="a percent sign"),
    pytest.param("a, b: c; line=7,file=x::y", id="commas, colons, equal signs"),
    pytest.param("::set-output name=x::y\n::error::z", id="another command"),
    pytest.param("##[group]x\n::add-mask::e", id="an old command"),
]


@pytest.mark.parametrize("message", HOSTILE)
def test_a_message_comes_back_as_it_was(message: str) -> None:
    lines = annotations(rich(functions=(), notes=(Note(Level.WARNING, message),)))
    assert [m for _, _, m in lines] == [message]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_name_comes_back_as_it_was(name: str) -> None:
    lines = annotations(rich(functions=(), submission=submission([], name=name)))
    assert all(properties["file"] == name for _, properties, _ in lines)


def test_a_carriage_return_is_made_visible_and_ends_no_line() -> None:
    (line,) = annotations(rich(functions=(), notes=(Note(Level.WARNING, "a\rb\x1b[0m\u2028c"),)))
    assert line[2] == "a\\x0db\\x1b[0m\\u2028c"


def test_one_annotation_for_each_function_that_is_not_right() -> None:
    found = annotations(rich(notes=()))
    assert [(kind, p["title"]) for kind, p, _ in found] == [
        ("error", "conv_single_step: partly correct, 4 of 20 points"),
        ("error", "conv_forward: partly correct, 12 of 30 points"),
        ("error", "conv_backward: not right yet, 0 of 30 points"),
    ]
    assert found[0][2].startswith("cell 4, line 2: The bias enters the result")
    assert annotations(all_right()) == []


def test_a_failure_of_ours_is_a_warning() -> None:
    ((kind, properties, message), *_) = annotations(not_graded())
    assert (kind, properties["title"]) == ("warning", "not graded")
    assert "7919" not in message


def test_the_path_in_the_repository_can_be_given() -> None:
    assert {p["file"] for _, p, _ in annotations(rich(), path="hw/4/a,b.ipynb")} == {"hw/4/a,b.ipynb"}


# --------------------------------------------------------------------------- lines of the file itself


def source_line(submission: Submission, place: Place) -> str:
    line = file_line(submission, place)
    assert line is not None
    return submission.raw.decode().split("\n")[line - 1].strip()


@pytest.mark.parametrize(
    ("place", "source"),
    [
        pytest.param(Place(5, 14), FORWARD.split("\n")[13], id="a line in the middle"),
        pytest.param(Place(6, 1), BACKWARD.split("\n")[0], id="the first line of a cell"),
        pytest.param(Place(6, 5), BACKWARD.split("\n")[4], id="a line that another cell holds as well"),
    ],
)
def test_a_place_in_a_notebook_is_the_line_of_the_json_that_holds_it(place: Place, source: str) -> None:
    assert source_line(alice(), place).startswith(json.dumps(source)[:-1])


def test_a_notebook_on_one_line_has_no_lines_to_point_to() -> None:
    notebook = alice()
    flat = replace(notebook, raw=json.dumps(json.loads(notebook.raw)).encode())
    assert file_line(flat, Place(5, 14)) is None


def test_a_place_in_a_python_file_is_its_line() -> None:
    plain = Submission("a.py", "", "py", (Cell("x = 1\ny = 2", None, 0),), raw=b"x = 1\ny = 2")
    assert file_line(plain, Place(None, 2)) == 2
    assert file_line(plain, None) is None


def test_the_summary_is_the_markdown_report() -> None:
    assert summary(rich(), STUDENT).startswith("### `alice.ipynb`: 36 of 100 points")
