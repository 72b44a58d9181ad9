"""The tutorial in the README, followed to the letter: it must end in an assignment that passes its audit."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import cli
from grader.pack import load_pack

README = Path(__file__).resolve().parents[2] / "README.md"

#: A comment that says what to do with the block below it: run, append FILE, create FILE, cell NOTEBOOK.
STEP = re.compile(r"<!-- tutorial: (\w+)(?: (\S+))? -->\n```\w+\n(.*?)^```$", re.M | re.S)


def follow(text: str) -> list[str]:
    """Do what the tutorial says, here; what each command printed."""
    printed = []
    for action, path, block in STEP.findall(text):
        if action == "run":
            printed += [_run(line) for line in block.splitlines() if line]
        elif action == "append":
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(f"\n\n{block}" if path.endswith(".py") else block)
        elif action == "create":
            assert not Path(path).exists()
            Path(path).write_text(block, encoding="utf-8")
        else:
            assert action == "cell", f"nobody knows how to {action!r}"
            _add_cell(Path(path), block.rstrip("\n"))
    return printed


def _run(line: str) -> str:
    command, *arguments = shlex.split(line)
    assert command == "grader"
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert result.exception is None, f"{line}: {result.exception}"
    assert not result.return_value, f"{line}\n{result.output}"
    return result.output


def _add_cell(path: Path, source: str) -> None:
    """As Jupyter does: a new cell above the last one."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = {"cell_type": "code", "id": "8f0c2d1e", "metadata": {}, "source": source, "outputs": []}
    notebook["cells"].insert(-1, {**cell, "execution_count": 3})
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_following_it_gives_a_sound_assignment_with_two_exercises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = README.read_text(encoding="utf-8")
    if not STEP.search(text):
        pytest.skip("the README has no tutorial")
    monkeypatch.chdir(tmp_path)
    printed = follow(text)
    assert printed[1].endswith("tables is sound.\n")
    assert printed[2].endswith("tables is sound.\n")
    assert load_pack(tmp_path / "assignments" / "tables").wanted == ("centre_columns", "column_spans")
    handed_out = (tmp_path / "handout" / "tables.ipynb").read_text(encoding="utf-8")
    assert 'check(\\"column_spans\\")' in handed_out
