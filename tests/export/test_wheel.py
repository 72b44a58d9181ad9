"""The grader packs itself: a wheel that pip installs, with nothing in it but the grader."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import grader
from grader.errors import UsageError
from grader.export import wheel
from grader.export.wheel import build_wheel

INFO = f"stepgrader-{grader.__version__}.dist-info"


@pytest.fixture(scope="module")
def built() -> tuple[str, zipfile.ZipFile]:
    name, content = build_wheel()
    return name, zipfile.ZipFile(io.BytesIO(content))


def test_without_anything_that_names_its_dependencies_it_is_not_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(wheel, "_PACKAGE", tmp_path / "grader")
    monkeypatch.setattr(wheel, "PROJECT", "stepgrader-that-nobody-installed")
    with pytest.raises(UsageError, match=r"install it first"):
        build_wheel()


def test_it_holds_the_grader_with_all_its_data_files_and_no_pack(built: tuple[str, zipfile.ZipFile]) -> None:
    name, archive = built
    assert name == f"stepgrader-{grader.__version__}-py3-none-any.whl"
    names = archive.namelist()
    for needed in (
        "grader/__init__.py",
        "grader/sandbox/worker.py",
        "grader/checker/result.html.j2",
        "grader/export/gradescope_files/run_autograder",
        "grader/template/notebook.ipynb",
        "grader/template/cases.py.in",
    ):
        assert needed in names
    assert {n.split("/")[0] for n in names} == {"grader", INFO}
    assert not [n for n in names if "__pycache__" in n or n.endswith(".pyc")]


def test_its_record_is_true(built: tuple[str, zipfile.ZipFile]) -> None:
    _, archive = built
    rows = list(csv.reader(io.StringIO(archive.read(f"{INFO}/RECORD").decode())))
    assert [row[0] for row in rows] == archive.namelist()
    for name, digest, size in rows[:-1]:
        content = archive.read(name)
        sha = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        assert (digest, size) == (f"sha256={sha}", str(len(content)))


def test_it_asks_for_the_dependencies_of_the_project(built: tuple[str, zipfile.ZipFile]) -> None:
    text = built[1].read(f"{INFO}/METADATA").decode()
    assert f"Version: {grader.__version__}" in text
    asked = [line for line in text.splitlines() if line.startswith("Requires-Dist: ")]
    for package in ("numpy", "click", "msgspec", "nbconvert"):
        assert any(line.startswith(f"Requires-Dist: {package}") for line in asked)
    assert "Requires-Python: >=3.10" in text


def test_the_same_code_gives_the_same_bytes() -> None:
    assert build_wheel() == build_wheel()


def test_pip_installs_it_and_the_command_is_there(built: tuple[str, zipfile.ZipFile], tmp_path: Path) -> None:
    name, content = build_wheel()
    (tmp_path / name).write_bytes(content)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    done = subprocess.run(
        [*pip, str(tmp_path / "site"), str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "grader" / "template" / "assignment.yaml").is_file()
    assert (tmp_path / "site" / INFO / "entry_points.txt").read_text() == (
        "[console_scripts]\ngrader = grader.cli:main\n"
    )
