"""The steps from the instructor's notebook to the student's, as nbconvert preprocessors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, cast

import traitlets
from nbconvert.preprocessors import (
    ClearMetadataPreprocessor,
    ClearOutputPreprocessor,
    Preprocessor,
)
from nbformat import NotebookNode, v4

from grader.pack import Pack
from grader.release.regions import Solution, without_hidden, without_solutions

#: What stays of a notebook's own metadata; the rest tells of the instructor's machine.
KEPT = {"kernelspec", ("language_info", "name"), "grader"}

SETUP = '''try:
    from grader import check
except ImportError:
    def check(function):
        """Stands in for the self-check where it is not installed."""
        print(f"The self-check for {function} is not installed here, so nothing was checked.")
        print("You can go on without it, or ask your course how to install it.")
'''.rstrip()


def where(cell: NotebookNode) -> str:
    """What a message calls a cell."""
    return f"notebook.ipynb, cell {cell['id']}"


class RemoveHidden(Preprocessor):
    """Takes away what is for the instructor alone."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        left = without_hidden([(where(cell), cell.source) for cell in nb.cells])
        kept = []
        for cell, source in zip(nb.cells, left, strict=True):
            if source is not None:
                cell.source = source
                kept.append(cell)
        nb.cells = kept
        return nb, resources


class ReplaceSolutions(Preprocessor):
    """Puts a stub where a solution stands, and remembers the solution."""

    solutions: Any = traitlets.List()

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        if cell.cell_type == "code":
            cell.source, found = without_solutions(cell.source, where(cell))
            self.solutions = [*self.solutions, *found]
        return cell, resources


class AddChecks(Preprocessor):
    """Sees to it that every exercise has a cell that checks it, and that ``check`` is there to be called."""

    functions: Any = traitlets.List()

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        checked = {name for cell in nb.cells for name in checks_in(cell)}
        cells: list[NotebookNode] = []
        for cell in nb.cells:
            cells.append(cell)
            for name in defined_in(cell):
                if name in self.functions and name not in checked:
                    new = _cell(f'check("{name}")')
                    cells.append(_named(new, f"{cell['id']}-check", nb))
        if not any(re.search(r"^\s*(from grader import check|import grader)", c.source, re.M) for c in cells):
            first = next((k for k, cell in enumerate(cells) if cell.cell_type == "code"), 0)
            cells.insert(first, _named(_cell(SETUP), "self-check", nb))
        nb.cells = cells
        return nb, resources


class AddNbgrader(Preprocessor):
    """nbgrader's own metadata (schema 3), so that the notebook works in an nbgrader course as well."""

    points: Any = traitlets.Dict()

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        checked = [name for name in checks_in(cell) if name in self.points]
        if checked:
            points = sum(self.points[name] for name in checked)
            whole = int(points) if points == int(points) else points
            cell.metadata["nbgrader"] = _nbgrader(cell, grade=True, locked=True, points=whole)
        elif any(name in self.points for name in defined_in(cell)):
            cell.metadata["nbgrader"] = _nbgrader(cell, solution=True)
        return cell, resources


def _nbgrader(cell: NotebookNode, **given: Any) -> dict[str, Any]:
    flags = {"grade": False, "locked": False, "solution": False, "task": False}
    return {"schema_version": 3, "grade_id": cell["id"], "cell_type": "code", **flags, **given}


def student_notebook(nb: NotebookNode, pack: Pack) -> tuple[NotebookNode, tuple[Solution, ...]]:
    """The notebook for students (``nb`` itself, changed) and the solutions that stood in it."""
    solutions = _made(ReplaceSolutions)
    # A bonus counts in the notebook too; practice is worth nothing anywhere.
    points = {f.name: 0.0 if f.role == "practice" else f.points for f in pack.functions}
    resources: dict[str, Any] = {}
    for step in (
        _made(RemoveHidden),
        solutions,
        _made(AddChecks, functions=list(pack.wanted)),
        _made(ClearOutputPreprocessor),
        _made(
            ClearMetadataPreprocessor, preserve_nb_metadata_mask=KEPT, preserve_cell_metadata_mask={"tags"}
        ),
        _made(AddNbgrader, points=points),
    ):
        nb, resources = step.preprocess(nb, resources)
    nb.metadata["grader"] = {"assignment": pack.name}
    nb.metadata.setdefault(
        "kernelspec", {"display_name": "Python 3", "language": "python", "name": "python3"}
    )
    return nb, tuple(solutions.solutions)


def _made(kind: Any, **given: Any) -> Any:
    """A preprocessor; their constructors are not typed."""
    return kind(**given)


def _cell(source: str) -> NotebookNode:
    new: Any = v4.new_code_cell
    return cast("NotebookNode", new(source))


# --------------------------------------------------------------------------- reading cells


def defined_in(cell: NotebookNode) -> Iterator[str]:
    """The functions that a code cell defines at its top level."""
    yield from (s.name for s in _statements(cell) if isinstance(s, ast.FunctionDef))


def checks_in(cell: NotebookNode) -> Iterator[str]:
    """The functions that a code cell checks: ``check("zero_pad")``."""
    for statement in _statements(cell):
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check":
                yield from (
                    a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)
                )


def _statements(cell: NotebookNode) -> list[ast.stmt]:
    if cell.cell_type != "code":
        return []
    lines = ("" if re.match(r"\s*[%!]", line) else line for line in cell.source.split("\n"))
    try:
        return ast.parse("\n".join(lines)).body
    except SyntaxError:
        return []


def _named(cell: NotebookNode, name: str, nb: NotebookNode) -> NotebookNode:
    """``cell`` with an id that is the same at every release."""
    taken = {c["id"] for c in nb.cells}
    cell["id"] = next(n for n in (name, *(f"{name}-{k}" for k in range(2, 1000))) if n not in taken)[:64]
    return cell
