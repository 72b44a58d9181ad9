"""``check("conv_forward")`` in a notebook: takes the function as the running kernel has it.

What the kernel has is what its cells said, in the order in which they were run. So the cells that were
run are read like a hand-in and run in a process of their own: a loop without end costs a second, not
the kernel. Only a function that no cell defines is run inside the kernel itself, and that is said.
"""

from __future__ import annotations

import ast
import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from grader.checker.find import find_checks
from grader.checker.live import LiveRunner, stand_in
from grader.checker.public import PublicChecks
from grader.checker.result import CheckResult
from grader.checker.run import run_checks
from grader.errors import GraderError, SandboxError, UsageError
from grader.model import Cell, DefinitionState, Submission

if TYPE_CHECKING:
    from grader.sandbox import Runner


class ChecksFailed(AssertionError):
    """Raised only while nbgrader runs the notebook: it gives a cell its points unless that raises."""


def check(function: str | Callable[..., Any], checks: str | Path | None = None) -> CheckResult | Said | None:
    """What holds of ``function`` (its name) as this notebook defines it at the moment.

    ``checks`` says where the public checks are (default: the folder ``checks`` beside the notebook).
    """
    name = function if isinstance(function, str) else getattr(function, "__name__", "")
    try:
        result = _check(name, Path(checks) if checks is not None else None)
    except GraderError as error:
        result = Said(str(error))
    if not os.environ.get("NBGRADER_EXECUTION"):
        return result
    if not result.holds:
        raise ChecksFailed(str(result))
    print(result)  # as the cell's value nbgrader would try to read it as a number of points
    return None


class Said:
    """A sentence in place of a result."""

    holds = False

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __repr__(self) -> str:
        return self.sentence


def _check(name: str, given: Path | None) -> CheckResult | Said:
    if not name.isidentifier():
        raise UsageError(f'{name!r} is not the name of a function; write e.g. check("conv_forward")')
    found = find_checks(Path.cwd(), {}, given, (name,))
    names = _kernel_names()
    if name not in found.names:
        raise UsageError(f"there are no public checks for {name!r} (there are: {', '.join(found.names)})")
    if not callable(names.get(name)):
        seen = "is not defined here yet" if name not in names else "is not a function here"
        return Said(f"{name} {seen}: run the cell that defines it, then check again.")
    submission = _submission()
    if submission is None or not _shows(submission, names[name]) or not _defines(submission, name, found):
        return _run_live(name, found, names, _why(name, names))
    from grader.sandbox import open_runner

    try:
        with open_runner("portable", limits=found.limits, allowed_imports=found.allowed_imports) as runner:
            return run_checks(submission, found, runner, (name,))
    except SandboxError as error:
        return _run_live(name, found, names, f"No process of its own could be started for it ({error}).")


def _run_live(name: str, checks: PublicChecks, names: Mapping[str, Any], why: str) -> CheckResult:
    reached = [n for n in checks.reached((name,)) if callable(names.get(n))]
    # To the pipeline it is a sandbox: it opens sessions that answer calls.
    runner = cast("Runner", LiveRunner({n: names[n] for n in reached}))
    result = run_checks(stand_in(reached), checks, runner, (name,))
    return replace(result, notes=(), remark=f"{why} It was run inside this notebook's own process.")


def _why(name: str, names: Mapping[str, Any]) -> str:
    module = getattr(names[name], "__module__", None)
    if module not in (None, "__main__"):
        return (
            f"{name} comes from the module {module}, not from a cell. What you hand in must define it in a"
            " cell."
        )
    return f"No cell that was run here shows how {name} is written."


# --------------------------------------------------------------------------- what the kernel knows


def _kernel_names() -> Mapping[str, Any]:
    """The names that the notebook's cells have defined (a kernel's cells run in ``__main__``)."""
    return vars(sys.modules["__main__"])


def _submission() -> Submission | None:
    """Everything that was run so far, as if it had been handed in; None where nobody kept it."""
    shell = _shell()
    if shell is None:
        return _script()
    history = getattr(getattr(shell, "history_manager", None), "input_hist_raw", [])
    # The number of a cell is the one that Jupyter shows beside it.
    run = [(k, source, _parsed(shell, source)) for k, source in enumerate(history) if source.strip()]
    cells = [Cell(source, number, number) for number, source, tree in run if tree is not None]
    trees = [tree for _, _, tree in run if tree is not None]
    kept = tuple(c for k, c in enumerate(cells) if not _superseded(trees[k], trees[k + 1 :]))
    return Submission("this notebook", "", "ipynb", kept) if kept else None


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _script() -> Submission | None:
    """The file that runs, where there is no notebook."""
    path = getattr(sys.modules["__main__"], "__file__", None)
    if path is None or not Path(path).is_file():
        return None
    from grader.notebook import read_submission

    return read_submission(Path(path))


def _parsed(shell: Any, source: str) -> ast.Module | None:
    """The syntax tree of a cell; None for one that Python refused, which has changed nothing."""
    try:
        return ast.parse(str(shell.transform_cell(source)))
    except (SyntaxError, ValueError):
        return None


def _superseded(tree: ast.Module, later: Sequence[ast.Module]) -> bool:
    """Whether a cell only defines functions that later cells define anew: an earlier try."""
    if not tree.body or not all(isinstance(s, ast.FunctionDef) for s in tree.body):
        return False
    anew = {s.name for t in later for s in t.body if isinstance(s, ast.FunctionDef)}
    return all(isinstance(s, ast.FunctionDef) and s.name in anew for s in tree.body)


def _shows(submission: Submission, function: Callable[..., Any]) -> bool:
    """Whether the function that the kernel has stands in a cell; ``exec`` or an import may have made it."""
    try:
        source = inspect.getsource(inspect.unwrap(function)).strip()
    except OSError:
        return False
    except TypeError:  # made by a cell, but not a function with lines of its own
        return True
    return any(source in cell.source for cell in submission.cells)


def _defines(submission: Submission, name: str, checks: PublicChecks) -> bool:
    from grader.extract import extract

    extracted = extract(submission, (name,), allowed_imports=checks.allowed_imports, compat=checks.compat)
    return extracted.definitions[name].state is not DefinitionState.MISSING
