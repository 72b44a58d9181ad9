"""Programs that a cell keeps as a text and executes: ``exec("def zero_pad(X, pad): …")``.

Such a text is read as if it stood in the cell itself; what is worked out only while the notebook runs
(``exec(TEMPLATE.format(name))``) is not known here and stays out.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping, MutableMapping

from grader.extract.names import assigned
from grader.model import Cell

#: More are left out: each may execute the next, and itself again.
MOST = 50


def executed(node: ast.stmt, cell: Cell, texts: Mapping[str, Cell]) -> Cell | None:
    """The program that a statement executes among the notebook's own names, as a cell of its own.

    ``texts`` are the names that are known to hold a text.
    """
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or _called(call) != "exec" or call.keywords or not call.args:
        return None
    program, *spaces = call.args
    if not all(isinstance(space, ast.Call) and _called(space) == "globals" for space in spaces):
        return None
    if isinstance(program, ast.Call) and _called(program) == "compile" and program.args:
        program = program.args[0]
    return _text(program, cell, texts)


def learn(node: ast.stmt, cell: Cell, texts: MutableMapping[str, Cell]) -> None:
    """Take in what a statement says of texts."""
    found: Cell | None = None
    if isinstance(node, ast.Assign):
        found = _text(node.value, cell, texts)
    if texts:
        for name in assigned([node]):
            texts.pop(name, None)
    if isinstance(node, ast.Assign) and found is not None:
        texts.update({target.id: found for target in node.targets if isinstance(target, ast.Name)})


def _text(node: ast.expr, cell: Cell, texts: Mapping[str, Cell]) -> Cell | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return Cell(node.value, cell.number, cell.index, cell.place(node.lineno).line)
    if isinstance(node, ast.Name):
        return texts.get(node.id)
    if not isinstance(node, ast.Call) or len(node.args) != 1 or _called(node) != "dedent":
        return None
    inner = _text(node.args[0], cell, texts)
    return inner and Cell(textwrap.dedent(inner.source), inner.number, inner.index, inner.first_line)


def _called(call: ast.Call) -> str:
    """``dedent`` of ``textwrap.dedent(…)`` and of ``dedent(…)``."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
