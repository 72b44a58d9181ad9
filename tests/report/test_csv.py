"""Tables for spreadsheets and for Canvas."""

from __future__ import annotations

import csv
import io

import pytest
from msgspec.structs import replace

from grader.errors import UsageError
from grader.model import Report
from grader.report.audience import Audience
from grader.report.csv_ import canvas, render, render_many

from .samples import all_right, not_graded, rich, submission, unfinished

STUDENT = Audience.STUDENT


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def named(name: str, report: Report | None = None) -> Report:
    return replace(report or rich(), submission=submission([], name=name))


def test_one_line_a_submission_and_four_columns_a_function() -> None:
    (row,) = rows(render(rich(), STUDENT))
    assert row["submission"] == "alice.ipynb"
    assert (row["status"], row["score"], row["max_score"], row["percent"]) == ("graded", "36", "100", "36")
    assert row["conv_single_step"] == "4"
    assert row["conv_single_step max"] == "20"
    assert row["conv_single_step status"] == "partial"
    assert row["conv_single_step diagnosis"] == "bias-added-before-sum"


def test_a_submission_that_is_not_graded_has_no_score() -> None:
    first, second = rows(render_many([rich(), not_graded()], STUDENT))
    assert first["score"] == "36"
    assert (second["status"], second["score"], second["zero_pad"]) == ("not_graded", "", "")


def test_a_function_that_is_not_graded_has_no_score() -> None:
    (row,) = rows(render(unfinished(), STUDENT))
    assert (row["conv_backward"], row["conv_backward status"]) == ("", "not_graded")


@pytest.mark.parametrize("name", ["=1+1.ipynb", "+cmd|x.ipynb", "-2.ipynb", "@SUM(A1).ipynb", "\t=1.ipynb"])
def test_a_file_name_is_no_formula(name: str) -> None:
    (row,) = rows(render(named(name), STUDENT))
    assert row["submission"] == f"'{name.strip()}"


def test_a_file_name_stays_in_its_cell() -> None:
    (row,) = rows(render(named('a,"b"\n,c.ipynb'), STUDENT))
    assert row["submission"] == 'a,"b" ,c.ipynb'


# --------------------------------------------------------------------------- Canvas


def test_canvas_gets_its_header_the_possible_points_and_a_line_a_student() -> None:
    reports = [named("ada_12345_678_nb.ipynb"), named("bobb_late_22_9_nb.ipynb", all_right())]
    assert canvas(reports, assignment="Convolutions (4711)") == (
        "Student,ID,SIS User ID,SIS Login ID,Section,Convolutions (4711)\n"
        "Points Possible,,,,,100\n"
        "ada,12345,,,,36\n"
        "bobb,22,,,,100\n"
    )


def test_the_roster_of_canvas_gives_the_names_back_as_canvas_wrote_them() -> None:
    roster = [{"Student": "Lovelace, Ada", "ID": "12345", "SIS Login ID": "ada@x.org", "Section": "A"}]
    line = canvas([named("ada_12345_678_nb.ipynb")], assignment="C", roster=roster).splitlines()[2]
    assert line == '"Lovelace, Ada",12345,,ada@x.org,A,36'


def test_not_graded_is_an_empty_cell_and_never_zero() -> None:
    line = canvas([named("ada_1_2_nb.ipynb", not_graded())], assignment="C").splitlines()[2]
    assert line == "ada,1,,,,"


def test_a_file_that_canvas_did_not_name_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"alice\.ipynb: no Canvas ID in the file name"):
        canvas([rich()], assignment="C")


def test_two_submissions_of_one_student_are_an_error() -> None:
    reports = [named("ada_1_2_nb.ipynb"), named("ada_1_3_nb-1.ipynb")]
    with pytest.raises(UsageError, match=r"student 1 has two submissions, ada_1_2_nb.ipynb and ada_1_3"):
        canvas(reports, assignment="C")
