"""The template repository for GitHub Classroom: a workflow that Classroom's reporter understands."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.cases import CaseSet
from grader.export.classroom import PROTECTED, WORKFLOW, repository
from grader.pack import Pack
from grader.release.build import write
from grader.release.handout import make

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "assignments" / "conv_step_by_step" / "submissions"
WHEEL = "stepgrader-0-py3-none-any.whl"


@pytest.fixture(scope="module")
def files(conv: Pack, conv_cases: CaseSet) -> dict[str, bytes]:
    hand_out = make(conv, conv_cases, install="pip install it", extra={WHEEL: b"a wheel"})
    return repository(hand_out, conv)


@pytest.fixture
def clone(files: dict[str, bytes], tmp_path: Path) -> Path:
    """A student's repository."""
    write(files, tmp_path)
    return tmp_path


def steps(files: dict[str, bytes]) -> list[dict[str, Any]]:
    workflow = yaml.safe_load(files[WORKFLOW])
    (job,) = workflow["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


def command(files: dict[str, bytes], word: str) -> str:
    (found,) = (s["run"] for s in steps(files) if word in s.get("run", ""))
    return str(found)


def bash(script: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    script = script.replace("python -m", f"{sys.executable} -m")
    path = {"PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        ["bash", "-c", script],
        cwd=cwd,
        env={**os.environ, **path},
        capture_output=True,
        text=True,
        check=False,
    )


def graded(files: dict[str, bytes], clone: Path) -> dict[str, Any]:
    """What the reporter reads: for each runner its results."""
    out = clone / "output"
    out.touch()
    done = bash(command(files, "grader.export.classroom"), clone, GITHUB_OUTPUT=str(out))
    assert done.returncode == 0, done.stderr
    lines = dict(line.split("=", 1) for line in out.read_text(encoding="utf-8").splitlines())
    reporter = steps(files)[-1]
    results = {}
    for runner in reporter["with"]["runners"].split(","):
        # As the reporter does: the variable is the runner's name in capitals, and _RESULTS.
        expression = reporter["env"][f"{runner.upper()}_RESULTS"]
        (name,) = re.fullmatch(r"\$\{\{ steps\.grade\.outputs\.(\w+) \}\}", expression).groups()  # type: ignore[union-attr]
        results[runner] = json.loads(base64.b64decode(lines[name]))
    return results


def total(results: dict[str, Any]) -> tuple[float, float]:
    """The points, by both ways in which versions of the reporter add them up."""
    by_score = sum(t["score"] for r in results.values() for t in r["tests"])
    by_share = sum(
        r["max_score"] * sum(t["status"] == "pass" for t in r["tests"]) / len(r["tests"])
        for r in results.values()
    )
    assert by_score == pytest.approx(by_share)
    return by_score, sum(r["max_score"] for r in results.values())


# --------------------------------------------------------------------------- protected files


def test_a_protected_file_that_was_changed_stops_the_workflow(files: dict[str, bytes], clone: Path) -> None:
    check = command(files, "sha256sum")
    assert bash(check, clone).returncode == 0
    (clone / "checks" / "conv_step_by_step.json").write_text("{}", encoding="utf-8")
    done = bash(check, clone)
    assert done.returncode != 0
    assert "checks/conv_step_by_step.json" in done.stdout


def test_everything_but_the_notebook_is_protected(files: dict[str, bytes]) -> None:
    listed = {line.split("  ")[1] for line in files[PROTECTED].decode().splitlines()}
    assert listed == set(files) - {PROTECTED, "conv_step_by_step.ipynb"}
    assert WORKFLOW in listed


# --------------------------------------------------------------------------- points


def test_a_notebook_that_cannot_be_read_is_an_error_and_no_result(
    files: dict[str, bytes], clone: Path
) -> None:
    (clone / "conv_step_by_step.ipynb").write_text("{", encoding="utf-8")
    done = bash(command(files, "grader.export.classroom"), clone, GITHUB_OUTPUT=str(clone / "output"))
    assert done.returncode == 2
    assert (clone / "output").read_text(encoding="utf-8") == ""


def test_as_handed_out_it_gets_nothing_of_everything(files: dict[str, bytes], clone: Path) -> None:
    results = graded(files, clone)
    assert total(results) == (0, 100)
    assert {r["status"] for r in results.values()} == {"fail"}
    assert all(r["version"] == 1 for r in results.values())


def test_each_function_gets_the_share_of_its_points_that_holds(files: dict[str, bytes], clone: Path) -> None:
    shutil.copy(SAMPLES / "right.ipynb", clone / "conv_step_by_step.ipynb")
    assert total(graded(files, clone)) == (pytest.approx(100), 100)
    shutil.copy(SAMPLES / "bias_inside_sum.ipynb", clone / "conv_step_by_step.ipynb")
    results = graded(files, clone)
    assert results["zero_pad"]["status"] == "pass"
    assert results["conv_single_step"]["status"] == "fail"
    failed = [t for t in results["conv_single_step"]["tests"] if t["status"] == "fail"]
    assert failed[0]["message"] == "Z is 8, expected 6.5"


# --------------------------------------------------------------------------- the workflow


def test_nothing_of_the_course_is_anywhere_near(files: dict[str, bytes]) -> None:
    text = files[WORKFLOW].decode()
    assert "secrets." not in text
    assert yaml.safe_load(text)["permissions"] == {"checks": "write", "actions": "read", "contents": "read"}
    for name in files:
        assert not re.search(r"reference|cases\.py|misconceptions|seed", name)


def test_classroom_s_own_commits_are_not_graded_and_every_step_is_named_or_used(
    files: dict[str, bytes],
) -> None:
    workflow = yaml.safe_load(files[WORKFLOW])
    assert workflow[True] == ["push", "repository_dispatch", "workflow_dispatch"]  # YAML reads "on" as true
    assert workflow["jobs"]["run-autograding-tests"]["if"] == "github.actor != 'github-classroom[bot]'"
    assert steps(files)[-1]["uses"] == "classroom-resources/autograding-grading-reporter@v1"
