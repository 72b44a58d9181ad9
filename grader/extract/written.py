"""Modules that one cell writes (``%%writefile layers.py``) and another one imports.

Their text is read where it is first imported, as if it stood in the notebook itself: the slice can then
take single functions out of it, and a mistake in it costs what it costs anywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from grader.extract import magics
from grader.model import Cell

if TYPE_CHECKING:
    from grader.extract.cells import Statement

#: More modules are left out: each may import the next, and is read in the middle of that one.
MOST = 50


def files(cells: Sequence[Cell], kept: Collection[int]) -> dict[str, list[int]]:
    """The modules that cells write, and the positions of these cells; only the last text of each counts."""
    found: dict[str, list[int]] = {}
    for position, cell in enumerate(cells):
        module = magics.written_module(cell.source) if position in kept else None
        if module is not None and (module[0] in found or len(found) < MOST):
            name, is_added = module
            found[name] = [*(found.get(name, ()) if is_added else ()), position]
    return found


def names_of_module(statements: Sequence[Statement]) -> tuple[str, ...]:
    """The names that such a module surely has: functions, classes and plain constants."""
    found: list[str] = []
    for statement in statements:
        node = statement.node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Constant, ast.Lambda)):
            found += [target.id for target in node.targets if isinstance(target, ast.Name)]
    return tuple(dict.fromkeys(name for name in found if not name.startswith("__")))


def without_namesakes(
    statements: Sequence[Statement], modules: Mapping[int, str], asked: Collection[str]
) -> Iterator[Statement]:
    """The statements, save what a module has for itself and the notebook has by the same name.

    All of them stand side by side here, so the module's would take the place of the notebook's. ``modules``
    says which cells write which module, ``asked`` what is imported (``layers.zero_pad``, ``layers.*``).
    """
    own = set(names_of_module([one for one in statements if one.position not in modules]))
    for one in statements:
        module = modules.get(one.position, "")
        names = names_of_module([one]) if module and f"{module}.*" not in asked else ()
        if not names or not own.issuperset(names) or any(f"{module}.{name}" in asked for name in names):
            yield one


def without_imports(
    statement: Statement, modules: Mapping[str, Sequence[str]], made: dict[str, str]
) -> Iterator[Statement]:
    """A statement whose imports from ``modules`` are replaced by what gives the same names.

    ``from layers import pad as p`` becomes ``p = pad``, ``import layers`` a class with the same content;
    ``made`` says which classes there are already, and under which names.
    """
    node = statement.node
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        yield statement
        return
    package = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
    others = []
    for alias in node.names:
        name = alias.asname or alias.name
        whole = f"{package}.{alias.name}" if package else alias.name
        if package in modules:
            if name != alias.name:
                yield _written(statement, f"{name} = {alias.name}")
        elif whole in made and "." not in name:
            if name != made[whole]:
                yield _written(statement, f"{name} = {made[whole]}")
        elif whole in modules and "." not in name:
            if modules[whole]:  # else it is still being read: it imports itself
                made[whole] = name
            content = "; ".join(f"{one} = staticmethod({one})" for one in modules[whole])
            yield _written(statement, f"class {name}: {content or 'pass'}")
        else:
            others.append(alias)
    if len(others) == len(node.names):
        yield statement
    elif others:
        kind = type(node)
        fields = {name: getattr(node, name) for name in node._fields}
        yield statement._replace(node=ast.copy_location(kind(**{**fields, "names": others}), node))


def _written(statement: Statement, text: str) -> Statement:
    """A statement of ours in the place of one of the student's."""
    node = ast.parse(text).body[0]
    ast.increment_lineno(node, statement.node.lineno - 1)
    return statement._replace(node=node, last=statement.first, lines=(text,))
