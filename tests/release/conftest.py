"""The hand-out of the convolution pack, made once, and a small pack to be spoilt."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.cases import CaseSet
from grader.cli import cli
from grader.pack import Pack
from grader.release.handout import HandOut, make

Edit = Callable[[str, str], None]


@pytest.fixture(scope="session")
def hand_out(conv: Pack, conv_cases: CaseSet) -> HandOut:
    """The hand-out as ``grader release`` makes it."""
    return make(conv, conv_cases, install="python -m pip install stepgrader")


@pytest.fixture(scope="session")
def released(hand_out: HandOut) -> dict[str, Any]:
    """Its notebook."""
    notebook: dict[str, Any] = json.loads(hand_out.files[hand_out.notebook])
    return notebook


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with one small assignment, ``tables``, from the template."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text("hidden_seed: file:seed\n", encoding="utf-8")
    (tmp_path / "seed").write_bytes(b"0123456789abcdef0123456789abcdef")
    result = CliRunner().invoke(cli, ["new", "tables"], standalone_mode=False)
    assert result.exception is None, result.exception
    return tmp_path


def edit(course: Path, cell: str, old: str, new: str) -> None:
    """Change the source of one cell of the assignment's notebook."""
    path = course / "assignments" / "tables" / "notebook.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    (found,) = (c for c in notebook["cells"] if c["id"] == cell)
    source = "".join(found["source"])
    assert old in source
    found["source"] = source.replace(old, new)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def release(course: Path, *more: str) -> BaseException | None:
    """``grader release tables --out handout``; the error it ended with, if any."""
    arguments = ["release", "tables", "--out", str(course / "handout"), "--no-wheel", *more]
    return CliRunner().invoke(cli, arguments, standalone_mode=False).exception
