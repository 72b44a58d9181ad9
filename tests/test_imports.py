"""What ``grader run`` imports: every module here is waited for by everybody who grades one notebook.

A name that has to be added is a decision: first see whether the import can stand where it is used.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
RIGHT = ROOT / "assignments" / "conv_step_by_step" / "submissions" / "right.ipynb"
WRONG = RIGHT.with_name("kernel_flipped.ipynb")

ALWAYS = {"click", "msgspec", "numpy", "typing_extensions", "grader"}
#: Of the standard library: what starts threads, parses mail or talks to networks takes long and is not needed.
NEVER = {
    "asyncio", "concurrent", "csv", "doctest", "email", "ftplib", "html", "http", "logging", "multiprocessing",
    "pdb", "pydoc", "sqlite3", "ssl", "tempfile", "tomllib", "unittest", "urllib.request", "xml", "zipfile",
}  # fmt: skip
#: Of our own: what only other commands, wrong answers or other formats need.
NOT_FOR_RIGHT_ANSWERS = {
    "grader.audit", "grader.batch", "grader.checker", "grader.diagnose", "grader.export", "grader.findings",
    "grader.release", "grader.report.classpage", "grader.report.html", "grader.store", "grader.twin",
}  # fmt: skip

CODE = """
import json, sys
before = set(sys.modules)
sys.argv = ["grader", *json.loads(sys.argv[1])]
import grader.__main__
grader.__main__.leave = sys.exit  # what is imported is printed first
try:
    grader.__main__.main()
finally:
    print("MODULES", *sorted(set(sys.modules) - before), file=sys.stderr)
"""


def imported(*arguments: str, cache: Path) -> set[str]:
    """The modules that a command has imported in the end."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, json.dumps(arguments)],
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("MODULES")]
    return set(line.split()[1:])


def third_party(modules: set[str]) -> set[str]:
    tops = {module.partition(".")[0] for module in modules}
    made_here = ("grader_pack", "cython_runtime", "_cython_")
    return {top for top in tops if top not in sys.stdlib_module_names and not top.startswith(made_here)}


def below(modules: set[str], names: set[str]) -> set[str]:
    return {m for m in modules if any(f"{m}.".startswith(f"{name}.") for name in names)}


def test_a_right_notebook_needs_little(tmp_path: Path) -> None:
    first = imported("run", str(RIGHT), "--report", "json", cache=tmp_path)
    assert third_party(first) <= ALWAYS | {"yaml", "_yaml"}
    again = imported("run", str(RIGHT), "--report", "json", cache=tmp_path)
    assert third_party(again) <= ALWAYS  # the settings were parsed before
    assert not below(again, NEVER | NOT_FOR_RIGHT_ANSWERS)


def test_the_text_report_adds_rich_alone(tmp_path: Path) -> None:
    found = imported("run", str(RIGHT), cache=tmp_path)
    assert third_party(found) <= ALWAYS | {"yaml", "_yaml", "rich"}


def test_a_diagnosis_needs_no_further_library(tmp_path: Path) -> None:
    found = imported("run", str(WRONG), "--report", "json", cache=tmp_path)
    assert third_party(found) <= ALWAYS | {"yaml", "_yaml"}
    assert "grader.diagnose" in found


@pytest.mark.parametrize(
    ("cell", "is_needed"),
    [("%matplotlib inline", False), ("%%time\nx = 1", False), ("x = %time 1", False), ("files = !ls", True)],
)
def test_ipython_is_needed_only_for_a_magic_inside_a_statement(
    tmp_path: Path, cell: str, is_needed: bool
) -> None:
    notebook = nbformat.read(RIGHT, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(cell))
    path = tmp_path / "magic.ipynb"
    nbformat.write(notebook, path)
    found = imported("run", str(path), "--report", "json", cache=tmp_path)
    assert ("IPython" in found) == is_needed


def test_help_needs_click_alone(tmp_path: Path) -> None:
    assert third_party(imported("--help", cache=tmp_path)) <= {"click", "grader"}
