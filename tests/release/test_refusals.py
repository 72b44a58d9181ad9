"""``grader release`` writes nothing where the hand-out gives something away or is graded wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import cli
from grader.errors import ConfigError, UsageError

from .conftest import edit, release

SOLUTION = "    means = X.mean(axis=0)\n    return X - means"
STUBBED = "    ### BEGIN SOLUTION\n" + SOLUTION + "\n    ### END SOLUTION"


def refused(course: Path, *more: str) -> str:
    """Why the release was refused; nothing must have been written."""
    error = release(course, *more)
    assert isinstance(error, (ConfigError, UsageError)), error
    assert error.exit_code == 2
    assert not (course / "handout").exists()
    return str(error)


def verify(course: Path) -> BaseException | None:
    arguments = ["release", "tables", "--verify", str(course / "handout")]
    return CliRunner().invoke(cli, arguments, standalone_mode=False).exception


# --------------------------------------------------------------------------- refused


def test_a_solution_outside_its_markers_earns_points_and_is_refused(course: Path) -> None:
    edit(course, "centre-columns", STUBBED, SOLUTION + "\n    ### BEGIN SOLUTION\n    ### END SOLUTION")
    assert "tables.ipynb: centre_columns gets 10 points as handed out, expected 0" in refused(course)


def test_a_second_definition_that_is_no_stub_is_refused(course: Path) -> None:
    work = "def centre_columns(X):\n    return np.array([c - sum(c) / len(c) for c in X.T]).T\n"
    edit(course, "centre-try", "small =", f"{work}small =")
    assert "cell centre-try: no stub: centre_columns does not raise NotImplementedError" in refused(course)


def test_a_solution_that_was_pasted_into_a_text_is_refused(course: Path) -> None:
    edit(
        course,
        "centre-text",
        "How many means",
        "Hint: `return X - X.mean(axis=0)`, or\n`means = X.mean(axis=0)`. How many means",
    )
    message = refused(course)
    assert "tables.ipynb, cell centre-text: the solution: means = X.mean(axis=0)" in message
    assert "release.yaml" in message


def test_what_is_shown_on_purpose_is_said_with_its_reason(course: Path) -> None:
    edit(course, "centre-text", "How many means", "First `means = X.mean(axis=0)`. How many means")
    assert "the solution" in refused(course)
    given = "given:\n  - reason: the first step is given\n    shown: ['means = X.mean(axis=0)']\n"
    (course / "assignments" / "tables" / "release.yaml").write_text(given, encoding="utf-8")
    assert release(course) is None


def test_an_instructor_s_notebook_without_full_marks_is_refused(course: Path) -> None:
    edit(course, "centre-columns", "means = X.mean(axis=0)", "means = X.mean()")
    message = refused(course)
    assert "centre_columns gets 0 of 10 points, expected all of them" in message
    assert "the solution fails public check 'four rows, two columns'" in message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "    ### END SOLUTION", "", "BEGIN SOLUTION without END SOLUTION", id="a marker is lost"
        ),
        pytest.param(STUBBED, SOLUTION, "there is no solution between", id="no solution is marked"),
    ],
)
def test_markers_that_do_not_fit_are_refused(course: Path, old: str, new: str, message: str) -> None:
    edit(course, "centre-columns", old, new)
    assert message in refused(course)


def test_without_a_notebook_there_is_nothing_to_hand_out(course: Path) -> None:
    (course / "assignments" / "tables" / "notebook.ipynb").unlink()
    assert "notebook.ipynb: there is no such file" in refused(course)


def test_the_secret_in_a_text_is_refused_whatever_its_form(course: Path) -> None:
    seed = (course / "seed").read_bytes()
    edit(course, "centre-text", "How many means", f"{seed.hex()} How many means")
    assert "the secret seed" in refused(course)


@pytest.mark.parametrize("arguments", [[], ["--out", "a", "--verify", "."]])
def test_it_wants_to_know_whether_to_write_or_to_look(course: Path, arguments: list[str]) -> None:
    error = CliRunner().invoke(cli, ["release", "tables", *arguments], standalone_mode=False).exception
    assert isinstance(error, UsageError)


# --------------------------------------------------------------------------- written


def test_what_is_fit_is_written_as_a_whole(course: Path) -> None:
    assert release(course) is None
    written = sorted(p.relative_to(course / "handout").as_posix() for p in (course / "handout").rglob("*.*"))
    assert written == ["README.md", "checks/tables.json", "checks/tables.npz", "tables.ipynb"]
    assert verify(course) is None


def test_a_hand_out_that_was_changed_afterwards_can_be_looked_through(course: Path) -> None:
    assert release(course) is None
    path = course / "handout" / "README.md"
    path.write_text(path.read_text(encoding="utf-8") + "\nHint: `means = X.mean(axis=0)`\n", encoding="utf-8")
    error = verify(course)
    assert isinstance(error, ConfigError)
    assert "README.md: the solution: means = X.mean(axis=0)" in str(error)


def test_check_cells_and_the_way_to_call_them_are_added_where_they_are_missing(course: Path) -> None:
    path = course / "assignments" / "tables" / "notebook.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] = [c for c in notebook["cells"] if c["id"] != "centre-check"]
    (setup,) = (c for c in notebook["cells"] if c["id"] == "setup")
    setup["source"] = "import numpy as np"
    for cell in notebook["cells"]:
        del cell["id"]
    notebook["nbformat_minor"] = 4
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert release(course) is None
    released = json.loads((course / "handout" / "tables.ipynb").read_text(encoding="utf-8"))
    by_id = {c["id"]: "".join(c["source"]) for c in released["cells"]}
    assert by_id["cell-4-check"] == 'check("centre_columns")'
    assert "from grader import check" in by_id["self-check"]
    first = (course / "handout" / "tables.ipynb").read_bytes()
    assert release(course) is None
    assert (course / "handout" / "tables.ipynb").read_bytes() == first
