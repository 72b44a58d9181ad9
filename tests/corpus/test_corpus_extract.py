"""Real hand-ins: what the reader says of every function, compared with an independent label."""

from __future__ import annotations

import ast
import csv
from pathlib import Path
from typing import Any

import pytest

from grader.errors import SubmissionError
from grader.extract import extract
from grader.findings import find
from grader.model import ExtractedSource, Submission
from grader.notebook import read_submission

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus"
WANTED = ("zero_pad", "conv_single_step", "conv_forward", "conv_backward")
COMPAT = ("np.float", "np.int", "np.bool", "np.asscalar")

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the folder of real hand-ins is not here")

#: Where we say something else than the label, and why we are right to.
DISAGREEMENTS = {
    ("031", "conv_backward"): "`partial`: None is left in every line but the first few",
    ("055", "conv_backward"): "`partial`: None is left in every line but the first few",
    ("079", "conv_backward"): "`partial`: range(None) and None are left in",
    ("177", "conv_forward"): "`partial`: np.zeros() without a shape, and None from there on",
    ("180", "conv_forward"): "`partial`: everything but the ranges of the loops is None",
    ("113", "conv_backward"): "`undefined_name`: finished but for one misspelt name, which a note tells",
    ("153", "conv_forward"): "`syntax_error`: only no-break spaces, which are read as blanks",
}
LABELS = {"solved": "defined", "syntax_error": "broken"}


def rows() -> list[dict[str, str]]:
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "labels.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sound() -> list[Any]:
    return [pytest.param(row, id=row["id"]) for row in rows() if row["container"] != "html_as_ipynb"]


def read(row: dict[str, str]) -> tuple[Submission, ExtractedSource]:
    submission = read_submission(CORPUS / row["file"])
    return submission, extract(submission, WANTED, compat=COMPAT)


def test_a_web_page_saved_as_a_notebook_is_refused() -> None:
    for row in rows():
        if row["container"] == "html_as_ipynb":
            with pytest.raises(SubmissionError, match="HTML page"):
                read_submission(CORPUS / row["file"])


@pytest.mark.parametrize("row", sound())
def test_every_function_is_what_its_label_says(row: dict[str, str]) -> None:
    _, extracted = read(row)
    for name in WANTED:
        ours = extracted.definitions[name].state.value
        label = row[f"def_{name}"]
        if (row["id"], name) in DISAGREEMENTS:
            assert ours != LABELS.get(label, label), "the disagreement is gone: take it out of the list"
        else:
            assert ours == LABELS.get(label, label), name


@pytest.mark.parametrize("row", sound())
def test_the_slice_is_small_python_whose_lines_know_where_they_came_from(row: dict[str, str]) -> None:
    submission, extracted = read(row)
    ast.parse(extracted.source)
    assert len(extracted.line_map) == extracted.source.count("\n")
    assert set(extracted.imports) <= {"numpy", "math"}
    for forbidden in (
        "import h5py",
        "matplotlib",
        "public_tests",
        "get_ipython",
    ):
        assert forbidden not in extracted.source
    cells = {cell.number: cell.source.split("\n") for cell in submission.cells if cell.number is not None}
    for line, place in zip(extracted.source.splitlines(), extracted.line_map, strict=False):
        if place.cell is not None and "\u00a0" not in cells[place.cell][place.line - 1]:
            assert line in cells[place.cell][place.line - 1]


def test_finished_functions_that_read_a_leftover_are_told_whose_it_is() -> None:
    (row,) = [row for row in rows() if row["id"] == "081"]
    _, extracted = read(row)
    assert extracted.definitions["conv_backward"].undefined == ("cache_conv",)
    assert any("`cache_conv`, which only cell 7" in note.message for note in extracted.notes)


def test_near_misses_and_modules_that_were_not_handed_in_are_explained() -> None:
    details = {}
    for row in rows():
        if row["id"] in ("110", "115", "024"):
            details[row["id"]] = read(row)[1].definitions["zero_pad"].detail
    assert "a `zeros_pad` (cell 2, line 1)" in details["110"]
    assert "imported from `utils.utils_func` (line 3)" in details["115"]
    assert "from zero_pad import *` (line 3)" in details["024"]


@pytest.mark.parametrize("row", sound())
def test_right_functions_have_no_findings_and_read_no_leftovers(row: dict[str, str]) -> None:
    submission, extracted = read(row)
    right = [name for name in WANTED if row[f"ref123_{name}"].startswith("ok")]
    assert [note.message for note in find(submission, extracted, WANTED) if note.function in right] == []
    assert [
        extracted.definitions[name].undefined for name in right if extracted.definitions[name].undefined
    ] == []


def test_strides_that_were_left_out_are_found() -> None:
    found = set()
    for row in rows():
        if row["ref123_conv_backward"].startswith("wrong[dA_p1s2"):
            submission, extracted = read(row)
            messages = [
                n.message for n in find(submission, extracted, WANTED) if n.function == "conv_backward"
            ]
            found.add((row["id"], "`stride` is set here, but never used afterwards." in messages))
    assert found
    assert all(is_found for _, is_found in found)
