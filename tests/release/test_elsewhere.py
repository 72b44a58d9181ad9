"""The hand-out where it is used: opened and run by Jupyter, and taken by nbgrader.

Both need what the tests do not install: say where it is, in the environment.

    GRADER_STUDENT_PYTHON    an interpreter with the wheel of the hand-out, nbconvert and ipykernel
    GRADER_NBGRADER_PYTHON   one with nbgrader and the wheel of the hand-out
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from grader.release.build import write
from grader.release.handout import HandOut


@pytest.fixture
def desk(hand_out: HandOut, tmp_path: Path) -> Path:
    """The folder that a student has."""
    write(hand_out.files, tmp_path / "desk")
    return tmp_path / "desk"


def solved(notebook: Path, hand_out: HandOut) -> None:
    """Put the solutions where the stubs are."""
    solutions = {s.cell.removeprefix("notebook.ipynb, cell "): s.text for s in hand_out.solutions}
    data = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in data["cells"]:
        if cell["id"] in solutions:
            source = "".join(cell["source"])
            for stub in ("    raise NotImplementedError()", "    raise NotImplementedError"):
                source = source.replace(stub, solutions[cell["id"]])
            cell["source"] = source
    notebook.write_text(json.dumps(data), encoding="utf-8")


def run(python: str, *arguments: str, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "NBGRADER_EXECUTION"}
    environment["PATH"] = f"{Path(python).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        [python, "-m", *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


# --------------------------------------------------------------------------- Jupyter


def _student_python() -> str:
    given = os.environ.get("GRADER_STUDENT_PYTHON")
    if given is not None:
        return given
    if all(_installed(name) for name in ("ipykernel", "stepgrader")):
        return sys.executable
    pytest.skip("no Jupyter kernel here: set GRADER_STUDENT_PYTHON to an interpreter that has one")


def _installed(name: str) -> bool:
    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False


def executed(python: str, desk: Path) -> dict[str, Any]:
    name = "conv_step_by_step.ipynb"
    run(python, "nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", name, cwd=desk)
    return {c["id"]: c for c in json.loads((desk / "done.ipynb").read_text(encoding="utf-8"))["cells"]}


def shown(cell: Any) -> str:
    (output,) = cell["outputs"]
    assert "text/html" in output["data"]
    return "".join(output["data"]["text/plain"])


def test_it_runs_to_the_end_and_after_the_solutions_are_pasted_every_check_holds(
    desk: Path, hand_out: HandOut
) -> None:
    python = _student_python()
    cells = executed(python, desk)
    assert "still to be written" in shown(cells["pad-check"])
    assert shown(cells["backward-check"]).endswith(
        "0 of 6 public checks hold; hidden checks decide the grade"
    )
    solved(desk / "conv_step_by_step.ipynb", hand_out)
    cells = executed(python, desk)
    for name, count in (("pad", 2), ("step", 5), ("forward", 11), ("backward", 6)):
        said = f"{count} of {count} public checks hold; hidden checks decide the grade"
        assert shown(cells[f"{name}-check"]).endswith(said)


# --------------------------------------------------------------------------- nbgrader


def test_nbgrader_takes_it_validates_it_and_grades_it(desk: Path, hand_out: HandOut, tmp_path: Path) -> None:
    python = os.environ.get("GRADER_NBGRADER_PYTHON")
    if python is None:
        pytest.skip("no nbgrader here: set GRADER_NBGRADER_PYTHON to an interpreter that has it")
    course, name = tmp_path / "course", "conv_step_by_step.ipynb"
    shutil.copytree(desk, course / "source" / "ps1")
    (course / "nbgrader_config.py").touch()
    run(python, "nbgrader", "generate_assignment", "ps1", "--create", cwd=course)

    release = course / "release" / "ps1"
    cells = {c["id"]: c for c in json.loads((release / name).read_text(encoding="utf-8"))["cells"]}
    written = "".join(cells["forward"]["source"])
    assert written.startswith("def conv_forward(A_prev, W, b, hparameters):\n")
    assert written.endswith("    # YOUR CODE HERE\n    raise NotImplementedError()")

    for student in ("ada", "blank"):
        shutil.copytree(release, course / "submitted" / student / "ps1")
    solved(course / "submitted" / "ada" / "ps1" / name, hand_out)
    said = run(python, "nbgrader", "validate", name, cwd=course / "submitted" / "blank" / "ps1")
    assert "VALIDATION FAILED ON 4 CELL(S)" in said
    said = run(python, "nbgrader", "validate", name, cwd=course / "submitted" / "ada" / "ps1")
    assert "Success! Your notebook passes all the tests." in said

    run(python, "nbgrader", "autograde", "ps1", "--create", cwd=course)
    run(python, "nbgrader", "export", cwd=course)
    with (course / "grades.csv").open(encoding="utf-8") as file:
        marks = {
            row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)
        }
    assert marks == {"ada": (100.0, 100.0), "blank": (0.0, 100.0)}
