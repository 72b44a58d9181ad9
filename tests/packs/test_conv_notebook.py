"""The instructor's notebook of the convolution pack, and the sample hand-ins that were made out of it.

The notebook teaches, so what it promises must come true: the numbers in its text are those that its cells
print, its pictures are the ones in ``pictures/``, and its solutions agree with the reference.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import sys
import textwrap
import types
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
import yaml

from grader.model import Status
from grader.pack import load_pack

PACK = load_pack(Path(__file__).resolve().parents[2] / "assignments" / "conv_step_by_step")
NOTEBOOK = nbformat.read(PACK.folder / "notebook.ipynb", as_version=4)
SAMPLES = sorted((PACK.folder / "submissions").glob("*.ipynb"))
EXPECTED = yaml.safe_load((PACK.folder / "submissions" / "expected.yaml").read_text(encoding="utf-8"))
PICTURES = sorted((PACK.folder / "pictures").glob("*.svg"))
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION", flags=re.M | re.S)


@pytest.fixture(autouse=True)
def _without_the_self_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grader without check, so that the notebook must do without it."""
    monkeypatch.setitem(sys.modules, "grader", types.ModuleType("grader"))


def run(handed_out: bool) -> tuple[dict[str, str], dict[str, Any]]:
    """Every code cell in turn: (what each printed, by cell id; the names they leave behind)."""
    names: dict[str, Any] = {}
    printed = {}
    for cell in NOTEBOOK.cells:
        if cell.cell_type != "code" or (handed_out and "### BEGIN HIDDEN" in cell.source):
            continue
        source = SOLUTION.sub(r"\1raise NotImplementedError", cell.source) if handed_out else cell.source
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(source, f"<cell {cell.id}>", "exec"), names)
        printed[cell.id] = out.getvalue()
    return printed, names


def pictures_in(cell: Any) -> list[tuple[str, bytes]]:
    """(alternative text, SVG) of each picture in a cell."""
    found = re.findall(
        r'<img alt="([^"]+)" width="\d+" src="data:image/svg\+xml;base64,([^"]+)">', cell.source
    )
    return [(alt, base64.b64decode(data)) for alt, data in found]


# ------------------------------------------------------------------------------ the instructor's notebook


def test_it_is_a_valid_notebook_that_names_its_assignment_and_holds_no_outputs() -> None:
    raw = json.loads((PACK.folder / "notebook.ipynb").read_text(encoding="utf-8"))
    assert (raw["nbformat"], raw["nbformat_minor"]) == (4, 5)
    nbformat.validate(NOTEBOOK)
    assert NOTEBOOK.metadata["grader"] == {"assignment": PACK.name}
    assert not any(cell.get("outputs") for cell in NOTEBOOK.cells)


def test_cell_ids_are_words_and_not_numbers_that_change() -> None:
    ids = [cell.id for cell in NOTEBOOK.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in ids)


def test_each_function_is_explained_written_tried_and_checked_in_this_order() -> None:
    sources = [(cell.cell_type, cell.source) for cell in NOTEBOOK.cells]
    for number, name in enumerate(PACK.wanted, start=1):
        (task,) = (
            k for k, (kind, s) in enumerate(sources) if kind == "markdown" and f"**Exercise {number}.**" in s
        )
        assert sources[task + 1][1].startswith(f"def {name}(")
        assert sources[task + 1][1].count("### BEGIN SOLUTION") == 1
        (check,) = (k for k, (_, s) in enumerate(sources) if s == f'check("{name}")')
        tried = [s for kind, s in sources[task + 2 : check] if kind == "code"]
        assert tried
        assert all(f"{name}(" in s for s in tried)


def test_the_signatures_are_those_of_the_rubric() -> None:
    code = "\n".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "code")
    for function in PACK.functions:
        assert f"def {function.name}({', '.join(function.parameters)}):\n" in code


def test_every_cell_runs_and_the_numbers_promised_in_the_text_are_printed() -> None:
    printed, _ = run(handed_out=False)
    promised = 0
    for text, cell in zip(NOTEBOOK.cells, NOTEBOOK.cells[1:], strict=False):
        if text.cell_type != "markdown" or cell.cell_type != "code":
            continue
        for block in re.findall(r"(?:^    .*\n?)+", text.source, flags=re.M):
            assert textwrap.dedent(block).strip() in textwrap.dedent(printed[cell.id])
            promised += 1
    assert promised == 3
    assert printed["pad-try"].startswith("(1, 4, 5, 1)\n")
    assert printed["step-try"].split() == ["80", "10.0"]


def test_in_the_nudge_test_both_columns_agree() -> None:
    lines = run(handed_out=False)[0]["nudge"].splitlines()
    assert len(lines) == 3
    for line in lines:
        _, seen, claimed = re.split(r"seen:|claimed:", line)
        assert float(seen) == float(claimed) != 0


def test_its_solutions_agree_with_the_reference() -> None:
    _, names = run(handed_out=False)
    rng = np.random.default_rng(11)
    A_prev, W = rng.integers(-9, 10, (2, 5, 4, 3)) / 4, rng.integers(-9, 10, (2, 2, 3, 2)) / 4
    b, hparameters = rng.integers(-9, 10, (1, 1, 1, 2)) / 4, {"stride": 2, "pad": 1}
    for pad in (0, 1):
        arguments = (A_prev, W, b, {**hparameters, "pad": pad})
        Z, cache = PACK.reference("conv_forward")(*arguments)
        assert np.array_equal(names["conv_forward"](*arguments)[0], Z)
        for got, expected in zip(
            names["conv_backward"](Z, cache), PACK.reference("conv_backward")(Z, cache), strict=True
        ):
            assert np.array_equal(got, expected)


def test_handed_out_it_runs_to_the_end_and_says_what_is_still_empty() -> None:
    printed, names = run(handed_out=True)
    for cell in ("pad-try", "step-try", "forward-try", "backward-try"):
        assert "is still empty" in printed[cell]
    with pytest.raises(NotImplementedError):
        names["zero_pad"](np.ones((1, 1, 1, 1)), 1)


def test_without_the_self_check_it_says_so_in_a_friendly_way() -> None:
    printed, _ = run(handed_out=True)
    for cell in ("pad-check", "step-check", "forward-check", "backward-check"):
        assert "is not installed here" in printed[cell]


# ------------------------------------------------------------------------------ the pictures


def test_the_pictures_in_the_notebook_are_the_ones_in_the_folder() -> None:
    shown = [svg for cell in NOTEBOOK.cells for _, svg in pictures_in(cell)]
    assert sorted(shown) == sorted(path.read_bytes() for path in PICTURES)
    assert sum(cell.source.count("<img") for cell in NOTEBOOK.cells) == len(shown)


def test_every_picture_is_described_for_those_who_cannot_see_it() -> None:
    for alt, svg in (found for cell in NOTEBOOK.cells for found in pictures_in(cell)):
        assert len(alt.split()) > 10
        root = ElementTree.fromstring(svg)
        assert root.find("{http://www.w3.org/2000/svg}title") is not None
        assert root.find("{http://www.w3.org/2000/svg}desc") is not None


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_draws_and_does_nothing_else(path: Path) -> None:
    drawing = {"svg", "title", "desc", "defs", "marker", "path", "rect", "text"}
    for element in ElementTree.parse(path).iter():
        assert element.tag.rpartition("}")[2] in drawing
        assert not any(name.startswith("on") or name.endswith("href") for name in element.attrib)
        assert not any("url(" in v and v != "url(#tip)" for v in element.attrib.values())


# ------------------------------------------------------------------------------ the sample hand-ins


def test_every_sample_says_what_it_must_get() -> None:
    assert [path.name for path in SAMPLES] == sorted(EXPECTED)
    pages = PACK.misconceptions
    for name, functions in EXPECTED.items():
        assert tuple(functions) == PACK.wanted, name
        for function, verdict in functions.items():
            assert set(verdict) <= {"status", "diagnosis", "follow_through"}
            assert Status(verdict["status"])
            if "diagnosis" in verdict:
                assert function in pages[verdict["diagnosis"]].functions


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_a_notebook_that_was_worked_in(path: Path) -> None:
    sample = nbformat.read(path, as_version=4)
    nbformat.validate(sample)
    assert sample.metadata["grader"] == {"assignment": PACK.name}
    assert any(cell.get("outputs") for cell in sample.cells)
    text = path.read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in text
    assert "BEGIN HIDDEN" not in text


def test_among_the_samples_are_magics_shell_lines_and_imports_that_are_not_needed() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SAMPLES)
    for oddity in ("%matplotlib inline", "%load_ext autoreload", "!pip list", "import h5py"):
        assert oddity in text
