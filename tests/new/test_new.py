"""``grader new``: an assignment that is complete and sound as it comes."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.cli.new import template
from grader.errors import UsageError
from grader.pack import load_pack


@pytest.fixture(autouse=True)
def _an_empty_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def grader(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, standalone_mode=False)


@pytest.mark.parametrize("name", ["Tables", "1st", "a-b", "packs/Tables", "tables.old"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    result = grader("new", name)
    assert isinstance(result.exception, UsageError)
    assert "expected small letters, digits and _" in str(result.exception)
    assert not list(Path().iterdir())


def test_what_is_there_already_is_not_touched(tmp_path: Path) -> None:
    assert grader("new", "tables").exception is None
    cases = tmp_path / "assignments" / "tables" / "cases.py"
    cases.write_text("mine", encoding="utf-8")
    result = grader("new", "tables")
    assert isinstance(result.exception, UsageError)
    assert "exists already" in str(result.exception)
    assert cases.read_text(encoding="utf-8") == "mine"


def test_the_new_assignment_passes_its_audit_and_can_be_handed_out() -> None:
    assert grader("new", "tables").exception is None
    audit = grader("audit", "tables")
    assert audit.exception is None
    assert audit.return_value == 0, audit.output
    assert "✓ hand-out: handed in as it is given, it gets 0" in audit.output
    assert grader("release", "tables", "--out", "handout", "--no-wheel").exception is None


@pytest.mark.parametrize("title", [None, "Tables", 'Tables: "first" steps, 100 % yours'])
def test_its_name_and_title_are_where_they_belong(title: str | None, tmp_path: Path) -> None:
    assert grader("new", "packs/my_tables", *(["--title", title] if title else [])).exception is None
    folder = tmp_path / "packs" / "my_tables"
    pack = load_pack(folder)
    assert pack.name == "my_tables"
    assert pack.title == (title or "My tables")
    notebook = nbformat.read(folder / "notebook.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert notebook.metadata["grader"] == {"assignment": "my_tables"}
    assert notebook.cells[0].source.startswith(f"# {pack.title}\n")
    for path in folder.rglob("*.*"):
        assert "{{" not in path.read_text(encoding="utf-8").replace("{{function}}", "")


def test_the_template_holds_no_file_that_python_takes_for_a_part_of_the_grader() -> None:
    import grader as package

    folder = Path(package.__file__).parent / "template"
    assert not list(folder.rglob("*.py"))
    files = dict(template())
    assert {"cases.py", "reference.py", "misconceptions/models.py", "notebook.ipynb"} <= set(files)
    for path, text in files.items():
        if path.endswith(".py"):
            compile(text, path, "exec")
    json.loads(files["notebook.ipynb"])
