"""``check("zero_pad")`` in a notebook: takes the function as the kernel has it, and never hangs it."""

from __future__ import annotations

import contextlib
import linecache
import sys
import types
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager

import grader
from grader.checker import kernel
from grader.checker.kernel import ChecksFailed, check
from grader.checker.public import PublicChecks
from grader.checker.result import CheckResult
from grader.model import Limits

from .conftest import SETTING

RIGHT = "def zero_pad(X, pad):\n    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))"
WRONG = "def zero_pad(X, pad):\n    return X"


class Shell:
    """A kernel in miniature: runs cells in ``__main__`` and remembers them, as IPython's shell does."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.history_manager = types.SimpleNamespace(input_hist_raw=[""])
        self._transformer = TransformerManager()  # type: ignore[no-untyped-call]

    def transform_cell(self, source: str) -> str:
        return str(self._transformer.transform_cell(source))

    def run(self, source: str) -> None:
        self.history_manager.input_hist_raw.append(source)
        number = len(self.history_manager.input_hist_raw)
        name, text = f"<cell {number} of {id(self)}>", self.transform_cell(source)
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        with contextlib.suppress(Exception):  # the kernel shows it and goes on
            exec(compile(text, name, "exec"), self.names)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, checks_folder: Path) -> Shell:
    """A notebook beside the folder ``checks``."""
    main = types.ModuleType("__main__")
    main.__dict__["get_ipython"] = lambda: None
    made = Shell(main.__dict__)
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.setattr(kernel, "_shell", lambda: made)
    monkeypatch.chdir(checks_folder.parent)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    made.run("import numpy as np")
    return made


def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks that wait for no call longer than a moment."""
    found = kernel.find_checks

    def find(*arguments: Any) -> PublicChecks:
        return replace(found(*arguments), limits=Limits(seconds_per_case=0.3))

    monkeypatch.setattr(kernel, "find_checks", find)


def held(name: str) -> CheckResult:
    result = check(name)
    assert isinstance(result, CheckResult), result
    return result


# --------------------------------------------------------------------------- what cannot be checked


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param(
            "zero_pad", "is not defined here yet: run the cell", id="a function that is not there yet"
        ),
        pytest.param(
            "conv_sideways", "no public checks for 'conv_sideways'", id="a function nobody asked for"
        ),
        pytest.param(3, "is not the name of a function", id="no name at all"),
    ],
)
def test_what_cannot_be_checked_is_said_in_a_sentence(shell: Shell, asked: Any, said: str) -> None:
    result = check(asked)
    assert said in repr(result)
    assert not result.holds  # type: ignore[union-attr]


def test_a_name_that_is_no_function_is_not_called(shell: Shell) -> None:
    shell.run("zero_pad = 3")
    assert "is not a function here" in repr(check("zero_pad"))


def test_without_the_folder_it_says_what_to_do(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "keep the folder 'checks' that came with the notebook beside it" in repr(check("zero_pad"))


# --------------------------------------------------------------------------- the kernel's own functions


def test_the_function_is_taken_from_the_cells_that_were_run(shell: Shell) -> None:
    shell.run(RIGHT)
    assert held("zero_pad").holds
    assert held("zero_pad").remark == ""


def test_the_last_definition_that_was_run_counts_and_earlier_tries_are_not_held_against_it(
    shell: Shell,
) -> None:
    shell.run(WRONG)
    assert not held("zero_pad").holds
    shell.run("def zero_pad(X, pad:\n    return X")  # refused by Python: the kernel still has the other
    shell.run(RIGHT)
    result = held("zero_pad")
    assert result.holds
    assert result.notes == ()


def test_the_function_itself_may_be_given_instead_of_its_name(shell: Shell) -> None:
    shell.run(RIGHT)
    assert check(shell.names["zero_pad"]).holds  # type: ignore[union-attr]


def test_helpers_magics_and_cells_that_failed_are_taken_as_the_kernel_took_them(shell: Shell) -> None:
    shell.run("%matplotlib inline\nimport numpy as np")
    shell.run("def frame(pad):\n    return ((0, 0), (pad, pad), (pad, pad), (0, 0))\n1 / 0")
    shell.run("def zero_pad(X, pad):\n    return np.pad(X, frame(pad))")
    assert held("zero_pad").holds


def test_a_loop_without_end_is_stopped_outside_the_kernel(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty(monkeypatch)
    shell.run("def zero_pad(X, pad):\n    while True: pass")
    assert "stopped after" in held("zero_pad").text()


def test_a_place_is_the_number_that_the_notebook_shows_beside_the_cell(shell: Shell) -> None:
    shell.run("x = 1")
    shell.run("def zero_pad(X, pad):\n    return X + nothing")
    assert "(cell 3, line 2)" in held("zero_pad").text()


# --------------------------------------------------------------------------- without a source


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        pytest.param(
            f"exec({RIGHT!r})", "No cell that was run here shows how zero_pad is written.", id="exec"
        ),
        pytest.param(
            "from a_module_of_mine import zero_pad", "comes from the module a_module_of_mine", id="an import"
        ),
    ],
)
def test_a_function_that_no_cell_defines_is_run_in_the_kernel_and_that_is_said(
    shell: Shell, cell: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("a_module_of_mine")
    exec(SETTING, module.__dict__)
    monkeypatch.setitem(sys.modules, "a_module_of_mine", module)
    shell.run(cell)
    result = held("zero_pad")
    assert result.holds
    assert why in result.remark
    assert "inside this notebook's own process" in result.text()
    assert "inside this notebook&#39;s own process" in result._repr_html_()


def test_a_definition_that_exec_has_replaced_is_not_the_one_that_is_checked(shell: Shell) -> None:
    shell.run(RIGHT)
    shell.run(f"exec({WRONG!r})")
    assert not held("zero_pad").holds


def test_where_no_process_can_be_started_the_kernel_does_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shell.run(RIGHT)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no such python"))
    result = held("zero_pad")
    assert result.holds
    assert "No process of its own could be started" in result.remark


# --------------------------------------------------------------------------- the ways in


def test_it_is_imported_from_grader_and_only_when_it_is_asked_for() -> None:
    assert grader.check is check
    with pytest.raises(AttributeError, match="no attribute 'checks'"):
        _ = grader.checks


def test_under_nbgrader_a_check_that_does_not_hold_raises_and_one_that_does_prints(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """nbgrader gives a cell its points unless it raises, and takes its value for a number of points."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    shell.run(WRONG)
    with pytest.raises(ChecksFailed, match="0 of 2 public checks hold"):
        check("zero_pad")
    shell.run(RIGHT)
    assert check("zero_pad") is None
    assert "2 of 2 public checks hold" in capsys.readouterr().out


def test_in_a_script_the_file_is_what_is_checked(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"import numpy as np\n{RIGHT}\n", encoding="utf-8")
    monkeypatch.setattr(kernel, "_shell", lambda: None)
    shell.names["__file__"] = str(script)
    exec(compile(script.read_text(encoding="utf-8"), str(script), "exec"), shell.names)
    result = held("zero_pad")
    assert result.holds
    assert result.remark == ""
