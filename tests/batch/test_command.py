"""``grader batch`` and ``grader report`` as they are typed."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.errors import GraderError
from tests.conftest import ROOT

RIGHT = ROOT / "assignments" / "conv_step_by_step" / "submissions" / "right" / "course_style.py"
WRONG = RIGHT.read_text().replace("np.sum(", "np.max(")
CONFIG = ROOT / "config.yaml"


def grader(*arguments: object) -> Result:
    """Call the command and return what it printed; an error of ours is its exit code."""
    result = CliRunner().invoke(cli, [str(a) for a in arguments], standalone_mode=False)
    if isinstance(result.exception, GraderError):
        result.exit_code = result.exception.exit_code
    elif isinstance(result.exception, click.ClickException):
        result.exit_code = 2
    elif result.exception is not None:
        raise result.exception
    else:
        result.exit_code = result.return_value
    return result


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small class out of Moodle, graded by two workers."""
    folder = tmp_path_factory.mktemp("course")
    files = {"Ada Lovelace_1": RIGHT.read_text(), "Bob_2": WRONG, "Eve_3": "", "Zoë_4": RIGHT.read_text()}
    with zipfile.ZipFile(folder / "class.zip", "w") as archive:
        for name, source in files.items():
            archive.writestr(f"{name}_assignsubmission_file_/hw.py", source)
    result = grader("batch", folder / "class.zip", "--out", folder / "out", "--jobs", 2, "--config", CONFIG)
    assert result.exit_code == 0, result.output
    assert "3 of 4 submissions graded, 1 cannot be read" in result.stderr
    return folder / "out"


def without_times(text: str) -> str:
    text = re.sub(r'"seconds": [0-9.e-]+', "", text)
    return re.sub(r"[0-9.]+ ms", "", text)


def test_a_class_out_of_moodle_is_graded_by_name(done: Path) -> None:
    rows = list(csv.DictReader((done / "scores.csv").read_text(encoding="utf-8").splitlines()))
    assert [(r["student"], r["status"]) for r in rows] == [
        ("Ada Lovelace", "graded"),
        ("Bob", "graded"),
        ("Eve", "not_graded"),
        ("Zoë", "graded"),
    ]
    assert rows[0]["percent"] == rows[3]["percent"] == "100"
    assert float(rows[1]["percent"]) < 100
    assert "max-instead-of-sum" in rows[1]["conv_single_step diagnosis"]
    assert sorted(p.name for p in (done / "reports").iterdir()) == [
        "Ada Lovelace_1.json",
        "Bob_2.json",
        "Eve_3.json",
        "Zoë_4.json",
    ]
    page = (done / "class.html").read_text()
    assert 'href="#page-max-instead-of-sum"' in page
    assert 'id="page-max-instead-of-sum"' in page


def test_a_student_report_is_what_a_batch_writes_unless_told_otherwise(done: Path) -> None:
    report = json.loads((done / "reports" / "Bob_2.json").read_text())
    hidden = [c for f in report["functions"] for c in f["cases"] if c["visibility"] == "hidden"]
    assert hidden
    assert all(c["name"].startswith("hidden check") for c in hidden)


@pytest.mark.parametrize("audience", ["student", "instructor"])
@pytest.mark.parametrize("format", ["html", "text", "json", "markdown"])
def test_a_saved_report_renders_as_if_it_had_just_been_graded(
    done: Path, tmp_path: Path, audience: str, format: str
) -> None:
    name = "Bob_2_assignsubmission_file_/hw.py"
    hand_in = tmp_path / name
    hand_in.parent.mkdir()
    hand_in.write_text(WRONG)
    fresh, again = tmp_path / "fresh", tmp_path / "again"
    grader("run", hand_in, "-r", f"{format}={fresh}", "--audience", audience, "--config", CONFIG, "-q")
    result = grader(
        "report", done / "reports" / "Bob_2.json", "-r", f"{format}={again}", "--audience", audience
    )
    assert result.exit_code == 0
    # In a batch a hand-in is called by its path, for a file on its own the name is enough.
    assert without_times(again.read_text()).replace(name, "hw.py") == without_times(fresh.read_text())


def test_a_saved_report_that_was_moved_renders_from_its_json(done: Path, tmp_path: Path) -> None:
    moved = tmp_path / "bob.json"
    moved.write_bytes((done / "reports" / "Bob_2.json").read_bytes())
    result = grader("report", moved, "-r", "text", "-r", f"html={tmp_path / 'bob.html'}")
    assert result.exit_code == 0
    assert "without the notebook" in result.stderr
    assert "max-instead-of-sum" in result.stdout
    assert "<h1>" in (tmp_path / "bob.html").read_text()


def test_several_saved_reports_make_one_table(done: Path) -> None:
    result = grader("report", *sorted((done / "reports").glob("*.json")), "-r", "csv")
    assert len(result.stdout.splitlines()) == 5


def test_a_saved_report_whose_hand_in_changed_says_so(tmp_path: Path) -> None:
    hand_in = tmp_path / "bob.py"
    hand_in.write_text(WRONG)
    assert grader("batch", hand_in, "--out", tmp_path / "out", "-j", 1, "--config", CONFIG).exit_code == 0
    hand_in.write_text("something else")
    result = grader("report", tmp_path / "out" / "reports" / "bob.json", "-r", "text")
    assert "is not what was graded any more" in result.stderr
    assert "max-instead-of-sum" in result.stdout


# --------------------------------------------------------------------------- what cannot work


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["--report", "html=x.html"], "give only the format", id="a file for a whole class"),
        pytest.param(["--report", "pdf"], "unknown format 'pdf'", id="an unknown format"),
        pytest.param(["-a", "a", "-a", "b"], "a batch has one --assignment", id="two assignments"),
        pytest.param(["-a", "nothing"], "no assignment 'nothing'", id="an unknown assignment"),
        pytest.param(["--regrade", "--only-failed"], "exclude each other", id="two opposites"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_done(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    out = tmp_path / "out"
    result = grader("batch", RIGHT, "--out", out, "--config", CONFIG, *arguments)
    assert result.exit_code == 2
    assert sentence in str(result.exception)
    assert not out.exists()


def test_the_help_speaks_of_a_class() -> None:
    text = " ".join(grader_help("batch").split())
    assert "Write this too for every student" in text
    assert "to stdout" not in text


def grader_help(command: str) -> str:
    return CliRunner().invoke(cli, [command, "--help"]).stdout


def test_a_batch_without_a_folder_to_write_to_is_a_usage_error() -> None:
    result = grader("batch", RIGHT)
    assert result.exit_code == 2
    assert "out" in str(result.exception)


@pytest.mark.parametrize("content", [None, "", "{}"])
def test_a_file_that_is_no_report_is_one_sentence(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_text(content)
    result = grader("report", path)
    assert result.exit_code == 2
    assert str(path) in str(result.exception)
