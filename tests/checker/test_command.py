"""``grader check``: what it prints, how it exits, and that it runs where Windows and macOS differ."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import cli
from grader.errors import ConfigError, SubmissionError, UsageError
from grader.sandbox.alone import limit_softly

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "assignments" / "conv_step_by_step" / "submissions"


@pytest.fixture
def desk(checks_folder: Path, tmp_path: Path) -> Path:
    """A student's folder: a notebook, and the checks beside it. No course, no reference, no settings."""
    shutil.copytree(checks_folder, tmp_path / "checks")
    shutil.copy(SAMPLES / "kernel_flipped.ipynb", tmp_path / "mine.ipynb")
    shutil.copy(SAMPLES / "right.ipynb", tmp_path / "right.ipynb")
    return tmp_path


def check(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["check", *map(str, arguments)], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return int(result.return_value or 0), result.output


# --------------------------------------------------------------------------- what cannot be checked


def test_a_file_that_is_not_there_or_no_notebook_is_an_error_of_one_sentence(desk: Path) -> None:
    (desk / "broken.ipynb").write_text('{"cells": [', encoding="utf-8")
    for name in ("nowhere.ipynb", "broken.ipynb"):
        with pytest.raises(SubmissionError) as error:
            check(desk / name)
        assert error.value.exit_code == 2
        assert "\n" not in str(error.value)


def test_without_checks_and_for_unknown_functions_the_exit_code_is_two(desk: Path) -> None:
    with pytest.raises(UsageError, match="conv_sideways"):
        check(desk / "mine.ipynb", "conv_sideways")
    shutil.rmtree(desk / "checks")
    with pytest.raises(ConfigError, match="keep the folder 'checks'") as error:
        check(desk / "mine.ipynb")
    assert error.value.exit_code == 2


# --------------------------------------------------------------------------- exit codes and what is printed


def test_below_the_percentage_asked_for_it_exits_with_one(desk: Path) -> None:
    assert check(desk / "mine.ipynb")[0] == 0
    assert check(desk / "mine.ipynb", "--fail-under", "50")[0] == 1
    assert check(desk / "right.ipynb", "--fail-under", "100")[0] == 0


def test_it_can_be_asked_for_one_function_and_for_one_line(desk: Path) -> None:
    _, text = check(desk / "right.ipynb", "zero_pad", "-v")
    assert text.startswith("✓ zero_pad: 2 of 2 public checks hold\n    ✓ one 2x3 image, pad 1\n")
    assert "conv_forward" not in text
    _, text = check(desk / "right.ipynb", "-q")
    assert text == "24 of 24 public checks hold; hidden checks decide the grade\n"


# --------------------------------------------------------------------------- elsewhere


@pytest.mark.parametrize("system", ["windows", "macos"])
def test_it_runs_without_what_this_system_has_and_the_other_lacks(desk: Path, system: str) -> None:
    """No fork, no rlimits, no poll, no process groups, here and in the process of its own."""
    # A right function, then one that must be stopped from outside.
    code = "import numpy as np\ndef conv_single_step(a, W, b):\n    return np.sum(a * W) + b.item()\n"
    (desk / "mine.py").write_text(f"{code}def zero_pad(X, pad):\n    while True: pass\n", encoding="utf-8")
    _set_limit(desk / "checks" / "conv_step_by_step.json", 0.5)
    names = ("zero_pad", "conv_single_step")
    done = _python(Path(__file__).with_name("elsewhere.py"), system, "check", "mine.py", *names, cwd=desk)
    assert (done.returncode, done.stderr) == (0, "")
    assert "stopped after 0.5 s" in done.stdout
    assert "✓ conv_single_step: 5 of 5 public checks hold" in done.stdout


def test_without_rlimits_there_is_a_process_of_its_own_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert limit_softly(1 << 30, 60) == ["separate process"]


def test_a_pipe_that_knows_no_tick_gets_a_question_mark(desk: Path) -> None:
    done = _python("-m", "grader", "check", "right.ipynb", "zero_pad", cwd=desk, PYTHONIOENCODING="cp1252")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("? zero_pad: 2 of 2 public checks hold")


def test_it_imports_nothing_that_only_graders_need(desk: Path) -> None:
    script = (
        "import re, sys; from grader.cli import cli;"
        "cli(['check', 'right.ipynb', 'zero_pad'], standalone_mode=False);"
        "heavy = r'scipy|nbconvert|nbformat|IPython|dask|sqlite3';"
        "print(sorted(m for m in sys.modules if re.match(heavy, m)))"
    )
    done = _python("-c", script, cwd=desk)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def _set_limit(path: Path, seconds: float) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    data["limits"]["seconds_per_case"] = seconds
    path.write_text(json.dumps(data), encoding="utf-8")


def _python(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "0" if environment else "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8" if not environment else "cp1252",
        check=False,
        timeout=120,
    )


def test_the_page_of_help_names_the_exit_codes() -> None:
    _, text = check("--help")
    assert re.search(r"Exit code:\s+0 checked", text)
