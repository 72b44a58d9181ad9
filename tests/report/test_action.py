"""The composite action: its script, run with a stand-in for the grader."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ACTION = Path(__file__).resolve().parents[2] / ".github" / "actions" / "grade" / "action.yml"

#: Writes down its arguments, one a line, and ends with the code that the file's name asks for.
STAND_IN = """#!/bin/bash
printf '%s\\n' "$@" '' >> "$LOG"
env | grep -c '^GRADER_HIDDEN_SEED=' >> "$LOG.seed"
case "${!#}" in *one*) exit 1 ;; *three*) exit 3 ;; esac
"""

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")

Run = Callable[..., tuple[int, list[list[str]], dict[str, str]]]


def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]
    return found


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the grading step in a folder of its own: (exit code, calls of the grader, outputs)."""
    tools, work = tmp_path / "grader-venv" / "bin", tmp_path / "work"
    tools.mkdir(parents=True)
    work.mkdir()
    (tools / "grader").write_text(STAND_IN)
    (tools / "grader").chmod(0o755)
    (step,) = (s for s in steps() if s.get("id") == "grade")

    def run(*names: str, **inputs: str) -> tuple[int, list[list[str]], dict[str, str]]:
        for name in names:
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text("")
        log, output = tmp_path / "log", tmp_path / "output"
        log.write_text("")
        defaults = dict.fromkeys(
            ("SUBMISSIONS", "ASSIGNMENT", "CONFIG", "FAIL_UNDER", "GRADER_HIDDEN_SEED"), ""
        )
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=work,
            env={
                "PATH": os.environ["PATH"],
                "LOG": str(log),
                "RUNNER_TEMP": str(tmp_path),
                "GITHUB_OUTPUT": str(output),
                "AUDIENCE": "student",
                **defaults,
                **inputs,
            },
            capture_output=True,
            text=True,
        )
        assert done.stderr == ""
        calls = [call.split("\n") for call in log.read_text().split("\n\n") if call.strip()]
        outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
        return done.returncode, calls, outputs

    return run


def test_no_input_becomes_text_of_a_script() -> None:
    for step in steps():
        assert "${{" not in step.get("run", "")


def test_every_file_is_graded_with_its_own_reports(run: Run, tmp_path: Path) -> None:
    code, calls, outputs = run("a.ipynb", "b/c.ipynb", SUBMISSIONS="*.ipynb\nb/*.ipynb\n")
    reports = tmp_path / "grade-reports"
    assert code == 0
    assert outputs == {"reports": str(reports), "code": "0"}
    assert [call[-1] for call in calls] == ["a.ipynb", "b/c.ipynb"]
    assert calls[0][:-1] == [
        *("run", "--audience", "student", "--quiet", "--report", "github"),
        *("--report", f"html={reports}/1-a.ipynb.html", "--report", f"json={reports}/1-a.ipynb.json"),
        *("--report", f"junit={reports}/1-a.ipynb.xml", "--"),
    ]


def test_options_are_passed_on_only_when_they_are_given(run: Run, tmp_path: Path) -> None:
    _, (call,), _ = run(
        "a.py",
        SUBMISSIONS="a.py",
        ASSIGNMENT="conv",
        CONFIG="c.yaml",
        FAIL_UNDER="50",
        GRADER_HIDDEN_SEED="s",
    )
    assert call[1:10] == [
        *("--audience", "student", "--quiet", "--assignment", "conv"),
        *("--config", "c.yaml", "--fail-under", "50"),
    ]
    assert (tmp_path / "log.seed").read_text() == "1\n"


def test_an_empty_seed_is_no_seed(run: Run, tmp_path: Path) -> None:
    run("a.py", SUBMISSIONS="a.py")
    assert (tmp_path / "log.seed").read_text() == "0\n"


@pytest.mark.parametrize(
    "name",
    ["two words.ipynb", "$(touch pwned).ipynb", "`touch pwned`.ipynb", "-rf.ipynb", "a;touch pwned;.ipynb"],
)
def test_a_file_name_is_a_file_name(name: str, run: Run, tmp_path: Path) -> None:
    code, calls, _ = run(name, SUBMISSIONS="*.ipynb")
    assert (code, [call[-2:] for call in calls]) == (0, [["--", name]])
    assert not list(tmp_path.rglob("pwned"))


def test_the_worst_code_decides_after_all_were_graded(run: Run) -> None:
    code, calls, outputs = run("three.py", "one.py", "zero.py", SUBMISSIONS="three.py\none.py\nzero.py")
    assert (code, len(calls), outputs["code"]) == (3, 3, "3")


def test_a_pattern_that_matches_nothing_is_an_error_and_a_missing_file_is_the_graders(run: Run) -> None:
    code, calls, _ = run(SUBMISSIONS="*.ipynb")
    assert (code, calls) == (2, [])
    code, calls, _ = run(SUBMISSIONS="missing.ipynb")
    assert [call[-1] for call in calls] == ["missing.ipynb"]
