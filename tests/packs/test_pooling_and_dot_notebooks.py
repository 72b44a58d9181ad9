"""The instructor's notebooks of the two smaller packs: what they promise comes true.

The numbers in the text are those that the cells print, the pictures are the ones in ``pictures/``, the
solutions get full marks, and handed out the notebook runs to its end.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import textwrap
import types
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pytest

from grader.cases import prepare
from grader.model import Outcome
from grader.pack import Pack, load_pack
from tests.conftest import SECRET
from tests.faults_pooling.bank import marked
from tests.packs.test_conv_notebook import SOLUTION, pictures_in

ROOT = Path(__file__).resolve().parents[2]
PACKS = [load_pack(ROOT / "assignments" / name) for name in ("pooling_step_by_step", "dot_or_convolution")]
CASES = {pack.name: prepare(pack, SECRET) for pack in PACKS}
PICTURES = [path for pack in PACKS for path in sorted((pack.folder / "pictures").glob("*.svg"))]

each = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)


@pytest.fixture(autouse=True)
def _without_the_self_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grader without check, so that the notebook must do without it."""
    monkeypatch.setitem(sys.modules, "grader", types.ModuleType("grader"))


def cells_of(pack: Pack) -> list[Any]:
    return list(nbformat.read(pack.folder / "notebook.ipynb", as_version=4).cells)


def run(pack: Pack, handed_out: bool) -> tuple[dict[str, str], dict[str, Any]]:
    """Every code cell in turn: (what each printed, by cell id; the names they leave behind)."""
    names: dict[str, Any] = {"__name__": "notebook"}
    printed = {}
    for cell in cells_of(pack):
        if cell.cell_type != "code" or (handed_out and "### BEGIN HIDDEN" in cell.source):
            continue
        source = SOLUTION.sub(r"\1raise NotImplementedError", cell.source) if handed_out else cell.source
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(source, f"<cell {cell.id}>", "exec"), names)
        printed[cell.id] = out.getvalue()
    return printed, names


@each
def test_it_is_a_valid_notebook_that_names_its_assignment_and_holds_no_outputs(pack: Pack) -> None:
    raw = json.loads((pack.folder / "notebook.ipynb").read_text(encoding="utf-8"))
    notebook = nbformat.read(pack.folder / "notebook.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert (raw["nbformat"], raw["nbformat_minor"]) == (4, 5)
    assert notebook.metadata["grader"] == {"assignment": pack.name}
    assert not any(cell.get("outputs") for cell in notebook.cells)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in ids)


@each
def test_each_function_is_explained_written_tried_and_checked_in_this_order(pack: Pack) -> None:
    sources = [(cell.cell_type, cell.source) for cell in cells_of(pack)]
    for number, spec in enumerate(pack.functions, start=1):
        (task,) = (
            k for k, (kind, s) in enumerate(sources) if kind == "markdown" and f"**Exercise {number}.**" in s
        )
        assert sources[task + 1][1].startswith(f"def {spec.name}({', '.join(spec.parameters)}")
        assert sources[task + 1][1].count("### BEGIN SOLUTION") == 1
        (check,) = (k for k, (_, s) in enumerate(sources) if s == f'check("{spec.name}")')
        tried = [s for kind, s in sources[task + 2 : check] if kind == "code"]
        assert tried
        assert f"{spec.name}(" in tried[0]


@each
def test_every_cell_runs_and_the_numbers_promised_in_the_text_are_printed(pack: Pack) -> None:
    printed, _ = run(pack, handed_out=False)
    cells, promised = cells_of(pack), 0
    for text, cell in pairwise(cells):
        if text.cell_type != "markdown" or not cell.id.endswith("-try"):
            continue
        for block in re.findall(r"(?:^    .*\n?)+", text.source, flags=re.M):
            assert textwrap.dedent(block).strip() in textwrap.dedent(printed[cell.id])
            promised += 1
    assert promised >= len(pack.functions) - 1


@each
def test_its_solutions_get_full_marks(pack: Pack) -> None:
    _, names = run(pack, handed_out=False)
    for name, (points, results) in marked(names, pack, CASES[pack.name]).items():
        wrong = [r.detail for r in results if r.outcome is not Outcome.CORRECT]
        assert (points, wrong) == (pack.function(name).points, [])


@each
def test_handed_out_it_runs_to_the_end_and_says_what_is_still_empty(pack: Pack) -> None:
    printed, _ = run(pack, handed_out=True)
    for cell, text in printed.items():
        if cell.endswith("-try"):
            assert "still empty" in text, cell
        if cell.endswith("-check"):
            assert "is not installed here" in text, cell


def test_in_the_nudge_test_of_pooling_both_columns_agree() -> None:
    lines = run(PACKS[0], handed_out=False)[0]["nudge"].splitlines()
    assert len(lines) == 6
    for line in lines:
        _, seen, claimed = re.split(r"seen:|claimed:", line)
        assert float(seen) == float(claimed)


@each
def test_the_pictures_in_the_notebook_are_the_ones_in_the_folder_and_are_described(pack: Pack) -> None:
    shown = [found for cell in cells_of(pack) for found in pictures_in(cell)]
    files = sorted((pack.folder / "pictures").glob("*.svg"))
    assert sorted(svg for _, svg in shown) == sorted(path.read_bytes() for path in files)
    assert sum(cell.source.count("<img") for cell in cells_of(pack)) == len(shown) > 1
    assert all(len(alt.split()) > 10 for alt, _ in shown)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_draws_and_does_nothing_else(path: Path) -> None:
    drawing = {"svg", "title", "desc", "defs", "marker", "path", "rect", "text"}
    seen = set()
    for element in ElementTree.parse(path).iter():
        seen.add(element.tag.rpartition("}")[2])
        assert not any(name.startswith("on") or name.endswith("href") for name in element.attrib)
        assert not any("url(" in v and v != "url(#tip)" for v in element.attrib.values())
    assert {"title", "desc"} <= seen <= drawing
