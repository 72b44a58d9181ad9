"""The hand-out: a notebook to work in, checks that work, a page to begin with; the same each time."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Callable
from typing import Any

import nbformat
import numpy as np
import pytest

from grader.cases import CaseSet, prepare
from grader.model import Report, Status
from grader.pack import Pack
from grader.release.footprint import footprints
from grader.release.handout import HandOut, make

Grade = Callable[..., Report]


def sources(notebook: dict[str, Any]) -> dict[str, str]:
    return {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}


# --------------------------------------------------------------------------- the notebook


def test_it_is_a_valid_notebook_without_outputs(released: dict[str, Any]) -> None:
    nbformat.validate(nbformat.from_dict(released))  # type: ignore[no-untyped-call]
    for cell in released["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
    assert released["metadata"]["grader"] == {"assignment": "conv_step_by_step"}


def test_text_and_pictures_stay_and_the_instructor_s_cell_does_not(
    conv: Pack, released: dict[str, Any]
) -> None:
    before = sources(json.loads((conv.folder / "notebook.ipynb").read_text(encoding="utf-8")))
    after = sources(released)
    assert list(after) == [cell for cell in before if cell != "instructor"]
    for cell in released["cells"]:
        if cell["cell_type"] == "markdown":
            assert after[cell["id"]] == before[cell["id"]]


def test_every_function_keeps_its_docstring_and_raises_until_it_is_written(
    conv: Pack, released: dict[str, Any]
) -> None:
    names: dict[str, Any] = {"np": np}
    for cell in sources(released).values():
        if cell.startswith("def "):
            exec(cell, names)
    for function in conv.functions:
        assert len(names[function.name].__doc__) > 100
        with pytest.raises(NotImplementedError):
            names[function.name](*[None] * len(function.parameters))


def test_it_runs_to_the_end_as_it_is(released: dict[str, Any]) -> None:
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in released["cells"]:
            if cell["cell_type"] == "code":
                source = re.sub(r"^check\(", "lambda: (", "".join(cell["source"]), flags=re.M)
                exec(source, names)


def test_it_earns_nothing_and_every_function_is_still_to_be_written(
    released: dict[str, Any], grade_source: Grade
) -> None:
    code = [c for c in released["cells"] if c["cell_type"] == "code"]
    report = grade_source("\n\n".join("".join(c["source"]) for c in code))
    assert report.score == 0
    assert {f.status for f in report.functions} == {Status.BLANK}


def test_with_the_solutions_put_back_it_earns_everything(
    hand_out: HandOut, released: dict[str, Any], grade_source: Grade
) -> None:
    solutions = {s.cell.removeprefix("notebook.ipynb, cell "): s.text for s in hand_out.solutions}
    parts = []
    for cell, source in sources(released).items():
        if source.startswith(("def ", "import ")):
            stub = "    raise NotImplementedError"
            parts.append(source.replace(stub, solutions[cell]) if cell in solutions else source)
    report = grade_source("\n\n".join(parts))
    assert report.score == report.max_score


# --------------------------------------------------------------------------- nbgrader


def test_cells_carry_what_nbgrader_needs(conv: Pack, released: dict[str, Any]) -> None:
    found = {c["id"]: c["metadata"]["nbgrader"] for c in released["cells"] if "nbgrader" in c["metadata"]}
    assert all(m["schema_version"] == 3 and m["grade_id"] == cell for cell, m in found.items())
    answers = [m for m in found.values() if m["solution"]]
    graded = [m for m in found.values() if m["grade"]]
    assert len(answers) == len(graded) == len(conv.functions)
    assert not any(m["locked"] or m["grade"] for m in answers)
    assert all(m["locked"] and not m["solution"] for m in graded)
    assert [m["points"] for m in graded] == [f.points for f in conv.functions]


def test_nothing_else_is_left_of_the_metadata(released: dict[str, Any]) -> None:
    assert set(released["metadata"]) <= {"grader", "kernelspec", "language_info"}
    for cell in released["cells"]:
        assert set(cell["metadata"]) <= {"nbgrader", "tags"}


# --------------------------------------------------------------------------- the whole


def test_the_same_pack_gives_the_same_bytes(conv: Pack, conv_cases: CaseSet, hand_out: HandOut) -> None:
    again = make(conv, conv_cases, install="python -m pip install stepgrader")
    assert again.files == hand_out.files


def test_another_secret_changes_nothing_that_students_get(conv: Pack, hand_out: HandOut) -> None:
    other = make(
        conv, prepare(conv, b"another secret of another course"), install="python -m pip install stepgrader"
    )
    assert other.files == hand_out.files


def test_the_page_fits_on_one_and_says_what_counts(conv: Pack, hand_out: HandOut) -> None:
    page = hand_out.files["README.md"].decode()
    assert len(page.splitlines()) < 70
    for function in conv.functions:
        assert f"| `{function.signature}` | {function.points:g} |" in page
    for said in ("grader check conv_step_by_step.ipynb", "24 public checks", "hidden checks", "Hand in"):
        assert said in page


# --------------------------------------------------------------------------- footprints


def test_an_entry_of_the_output_is_traced_to_its_window(conv: Pack, conv_cases: CaseSet) -> None:
    found = footprints(conv, conv_cases)
    boxes = found["conv_forward", "two 6x3 images, two channels, two filters, stride 2, pad 1"]["Z"]
    # Z[1, 1, 0, 1]: rows 2*1-1 … 2*1-1+3, columns -1 … 2 cut off at 0, both channels, filter 1.
    assert boxes["A_prev"][1, 1, 0, 1].tolist() == [[1, 2], [1, 4], [0, 2], [0, 2]]
    assert boxes["W"][1, 1, 0, 1].tolist() == [[0, 3], [1, 3], [0, 2], [1, 2]]
    assert boxes["b"][1, 1, 0, 1].tolist() == [[0, 1], [0, 1], [0, 1], [1, 2]]


def test_a_constant_is_traced_to_nothing(conv: Pack, conv_cases: CaseSet) -> None:
    boxes = footprints(conv, conv_cases)["zero_pad", "one 2x3 image, pad 1"]["X_pad"]["X"]
    assert (boxes[0, 0, 0, 0] == -1).all()
    assert boxes[0, 1, 1, 0].tolist() == [[0, 1], [0, 1], [0, 1], [0, 1]]


def test_only_public_cases_are_traced(conv: Pack, conv_cases: CaseSet) -> None:
    public = {
        (function, p.case.name)
        for function, prepared in conv_cases.functions.items()
        for p in prepared
        if p.case.visibility.value == "public"
    }
    assert set(footprints(conv, conv_cases)) <= public
