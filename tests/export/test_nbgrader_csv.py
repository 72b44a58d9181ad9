"""Scores of a batch in nbgrader's columns."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.export.nbgrader import grades

HEAD = "student,report,submission,sha256,assignment,status,score,max_score,percent\n"
ADA = "ada,ada,ada/ps1/conv.ipynb,00,conv_step_by_step,graded,87.5,100,87.5\n"
BOB = "bob,bob,bob/ps1/conv.ipynb,01,conv_step_by_step,not_graded,,,\n"
OLD = "ada,ada~1,ada/ps0/conv.ipynb,02,conv_step_by_step,graded,10,100,10\n"


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    (tmp_path / "scores.csv").write_text(HEAD + ADA + BOB, encoding="utf-8")
    return tmp_path


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_folder_that_is_no_batch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'grader batch --out' makes it"):
        grades(tmp_path / "nowhere")


def test_two_hand_ins_of_one_student_are_a_question_for_a_person(batch: Path) -> None:
    with (batch / "scores.csv").open("a", encoding="utf-8") as file:
        file.write(OLD)
    with pytest.raises(UsageError, match=r"ada has two hand-ins, ada/ps1/conv.ipynb and ada/ps0/conv.ipynb"):
        grades(batch)
    assert [row["student_id"] for row in rows(grades(batch, "ps1"))] == ["ada", "bob"]


def test_a_score_is_under_nbgrader_s_names(batch: Path) -> None:
    ada, _ = rows(grades(batch, "ps1"))
    assert (ada["id"], ada["student_id"], ada["assignment"]) == ("ada", "ada", "ps1")
    assert (ada["raw_score"], ada["late_submission_penalty"], ada["score"]) == ("87.5", "0.0", "87.5")
    assert ada["max_score"] == "100"


def test_what_was_not_graded_has_no_score_rather_than_none_of_the_points(batch: Path) -> None:
    _, bob = rows(grades(batch))
    assert (bob["student_id"], bob["score"], bob["raw_score"]) == ("bob", "", "")


def test_the_columns_are_those_of_nbgrader_s_own_export(batch: Path) -> None:
    assert grades(batch).splitlines()[0] == (
        "id,assignment,duedate,timestamp,student_id,last_name,first_name,email,"
        "raw_score,late_submission_penalty,score,max_score"
    )


def test_nbgrader_imports_its_students(batch: Path, tmp_path: Path) -> None:
    python = os.environ.get("GRADER_NBGRADER_PYTHON")
    if python is None:
        pytest.skip("no nbgrader here: set GRADER_NBGRADER_PYTHON to an interpreter that has it")
    (tmp_path / "grades.csv").write_text(grades(batch), encoding="utf-8")
    (tmp_path / "nbgrader_config.py").touch()
    path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    for command in (["import", "grades.csv"], ["list"]):
        done = subprocess.run(
            [python, "-m", "nbgrader", "db", "student", *command],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert "There are 2 students in the database" in done.stdout
