"""The zip for Gradescope, in folders laid out as Gradescope's, with its two scripts run for real."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.cli import cli
from grader.config import load_settings
from grader.export import autograder
from grader.export.gradescope import autograder_zip
from grader.pack import Pack

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "assignments" / "conv_step_by_step" / "submissions"
SEED = "a secret of the tests, not of any course"

Grade = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def content(conv: Pack, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    course = tmp_path_factory.mktemp("course")
    (course / "seed").write_text(SEED, encoding="utf-8")
    (course / "config.yaml").write_text(
        "hidden_seed: file:seed\nlimits: {memory_mb: 400}\n", encoding="utf-8"
    )
    return autograder_zip(conv, load_settings(course / "config.yaml"), "after_published")


@pytest.fixture(scope="module")
def container(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Gradescope makes of the zip: unpacked into ``source``, then ``setup.sh``."""
    root = tmp_path_factory.mktemp("autograder")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(root / "source")
        for entry in archive.infolist():
            (root / "source" / entry.filename).chmod(entry.external_attr >> 16)
    # Offline: the wheel alone is installed, what it depends on is lent from here.
    environment = {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PYTHON": sys.executable}
    done = _bash(root / "source" / "setup.sh", root, **environment)
    assert done.returncode == 0, done.stderr
    (site,) = (root / "source" / "venv").glob("lib/python*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
    return root


@pytest.fixture
def grade(container: Path, tmp_path: Path) -> Grade:
    """Hand files in and run ``run_autograder``; the results it leaves behind."""

    def run(*files: Path, metadata: str = '{"id": 7, "created_at": "2026-01-01"}') -> dict[str, Any]:
        for name in ("submission", "results"):
            shutil.rmtree(container / name, ignore_errors=True)
            (container / name).mkdir()
        for file in files:
            shutil.copy(file, container / "submission" / file.name)
        (container / "submission_metadata.json").write_text(metadata, encoding="utf-8")
        done = _bash(container / "run_autograder", container)
        assert done.returncode == 0
        results: dict[str, Any] = json.loads(
            (container / "results" / "results.json").read_text(encoding="utf-8")
        )
        return results | {"stdout of the run": done.stdout}

    return run


def _bash(script: Path, root: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
    return subprocess.run(
        ["bash", str(script)],
        env={**keep, "AUTOGRADER_ROOT": str(root), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


# --------------------------------------------------------------------------- what is not graded


def test_nothing_handed_in_is_the_student_s_to_mend(grade: Grade) -> None:
    results = grade()
    assert results["score"] == 0
    assert (
        "There is no notebook in what was handed in; expected conv_step_by_step.ipynb." in results["output"]
    )


def test_two_notebooks_are_a_question(grade: Grade) -> None:
    results = grade(SAMPLES / "blank.ipynb", SAMPLES / "right.ipynb")
    assert results["score"] == 0
    assert "Which file is it? Found blank.ipynb, right.ipynb" in results["output"]


def test_a_file_that_cannot_be_read_is_said_to_its_author(grade: Grade, tmp_path: Path) -> None:
    (tmp_path / "half.ipynb").write_text('{"cells": [', encoding="utf-8")
    results = grade(tmp_path / "half.ipynb")
    assert results["score"] == 0
    assert "half.ipynb is cut off" in results["output"]


@pytest.mark.parametrize(
    "breakage",
    [
        pytest.param("course/reference/conv_step_by_step.py", id="the reference is broken"),
        pytest.param("autograder.json", id="the order is broken"),
        pytest.param("course/hidden_seed", id="the seed is empty"),
    ],
)
def test_our_own_failure_gives_no_score_and_is_marked_so(
    grade: Grade, container: Path, breakage: str
) -> None:
    path = container / "source" / breakage
    before = path.read_bytes()
    path.write_bytes(b"")
    try:
        results = grade(SAMPLES / "right.ipynb")
    finally:
        path.write_bytes(before)
    assert "score" not in results
    assert "tests" not in results
    assert results["extra_data"]["status"] == "not_graded"
    assert "through no fault of yours" in results["output"]


def test_even_without_a_python_there_is_a_result(grade: Grade, container: Path) -> None:
    python = container / "source" / "venv"
    python.rename(container / "away")
    try:
        results = grade(SAMPLES / "right.ipynb")
    finally:
        (container / "away").rename(python)
    assert results["extra_data"]["status"] == "not_graded"
    assert "score" not in results


def test_whatever_happens_inside_there_is_a_result(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Even the exceptions that nobody catches."""
    (tmp_path / "results").mkdir()
    for error in (SystemExit(3), KeyboardInterrupt(), MemoryError(), RecursionError("deep")):

        def raising(root: Path, error: BaseException = error) -> dict[str, Any]:
            raise error

        monkeypatch.setattr(autograder, "_graded", raising)
        autograder.main(tmp_path)
        results = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
        assert results["extra_data"]["status"] == "not_graded"
        assert type(error).__name__ in results["extra_data"]["reason"]


# --------------------------------------------------------------------------- what is graded


def test_a_right_one_gets_full_marks_with_the_course_s_own_cases(grade: Grade, conv_cases: Any) -> None:
    results = grade(SAMPLES / "right.ipynb")
    assert results["score"] == 100
    assert results["extra_data"]["submission_id"] == 7
    assert results["extra_data"]["cases"] == conv_cases.fingerprint  # the seed travelled with the zip
    hidden = [t for t in results["tests"] if "hidden" in t.get("tags", ())]
    assert hidden
    assert {t["visibility"] for t in hidden} == {"after_published"}


def test_a_wrong_one_gets_its_points_and_its_diagnosis(grade: Grade) -> None:
    results = grade(SAMPLES / "kernel_flipped.ipynb")
    assert 0 < results["score"] < 100
    assert "180" in results["output"]


def test_student_code_runs_as_an_unprivileged_user(grade: Grade) -> None:
    extra = grade(SAMPLES / "right.ipynb")["extra_data"]
    assert extra["sandbox"] in ("standard", "strict")
    if os.getuid() == 0:
        assert "unprivileged user" in extra["mechanisms"]


def test_only_root_can_read_the_reference_and_the_seed(container: Path) -> None:
    for name in ("course", "course/reference/conv_step_by_step.py", "course/hidden_seed", "autograder.json"):
        assert not stat.S_IMODE((container / "source" / name).stat().st_mode) & 0o077


@pytest.mark.parametrize("metadata", ["not JSON", '{"assignment": {"total_points": "fifty"}}'])
def test_no_mark_depends_on_gradescope_s_metadata(grade: Grade, metadata: str) -> None:
    assert grade(SAMPLES / "right.ipynb", metadata=metadata)["score"] == 100


def test_another_total_on_gradescope_is_told_to_the_instructor(grade: Grade) -> None:
    results = grade(SAMPLES / "right.ipynb", metadata='{"assignment": {"total_points": "50.0"}}')
    assert "worth 50 points on Gradescope, and 100 here" in results["stdout of the run"]
    assert results["stdout_visibility"] == "hidden"


# --------------------------------------------------------------------------- the zip


def test_it_holds_what_grading_needs_and_no_more(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        modes = {e.filename: stat.S_IMODE(e.external_attr >> 16) for e in archive.infolist()}
    assert {"setup.sh", "run_autograder"} <= set(names)
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert not [n for n in names if n.endswith((".ipynb", ".svg", ".pyc"))]


def test_the_command_writes_it_for_its_owner_s_eyes(tmp_path: Path, content: bytes) -> None:
    out = tmp_path / "autograder.zip"
    arguments = [
        "export",
        "gradescope",
        "conv_step_by_step",
        "--out",
        str(out),
        "--config",
        str(ROOT / "config.yaml"),
    ]
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert result.exception is None
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    first = out.read_bytes()
    CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert out.read_bytes() == first
