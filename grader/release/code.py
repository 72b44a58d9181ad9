"""Reads Python as statements that can be compared whatever their layout or their variables' names."""

from __future__ import annotations

import ast
import builtins
import copy
import re
import textwrap
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

#: Names that mean the same everywhere and are not renamed: builtins and NumPy.
_FIXED = frozenset(dir(builtins)) | {"np", "numpy", "math"}
_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr, ast.Assert)
#: A name that nobody writes by accident.
_MADE_UP = re.compile(r"(?=\w{6,}$)(?=\w*[a-zA-Z])(?:\w*[a-zA-Z0-9]_\w+|\w*[a-z][A-Z]\w*|[a-zA-Z]+\d\w*)$")
_LONGEST_SHOWN = 100


@dataclass(frozen=True)
class Statement:
    """One simple statement; ``size`` counts its names and constants."""

    node: ast.stmt
    exact: str
    size: int

    @property
    def text(self) -> str:
        """The statement for a message."""
        text = " ".join(ast.unparse(self.node).split())
        return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"

    @cached_property
    def renamed(self) -> str:
        """The statement whatever its variables are called."""
        return ast.dump(_renamed(self.node))


def parse(source: str) -> ast.Module | None:
    """The tree of ``source``, which may be indented, or a part of a function; None where it is no Python."""
    text = textwrap.dedent(source).strip("\n")
    for attempt in (text, f"def _():\n{textwrap.indent(text, ' ')}"):
        try:
            return ast.parse(attempt)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def statements_in(source: str) -> Iterator[Statement]:
    """The simple statements of ``source``, at any depth; docstrings are none."""
    tree = parse(source)
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, _SIMPLE) or (isinstance(node, ast.Expr) and _is_text(node.value)):
            continue
        size = sum(isinstance(n, (ast.Name, ast.Constant, ast.Attribute)) for n in ast.walk(node))
        yield Statement(node, ast.dump(node), size)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _renamed(statement: ast.stmt) -> ast.stmt:
    """The statement with its variables called by the order in which they appear."""
    numbers: dict[str, str] = {}
    changed = copy.deepcopy(statement)
    for node in ast.walk(changed):
        if isinstance(node, ast.Name) and node.id not in _FIXED:
            node.id = numbers.setdefault(node.id, f"_{len(numbers)}")
    return changed


def made_up_names(source: str, known: Collection[str]) -> Iterator[str]:
    """The variables of ``source`` that nobody would use by accident, without those in ``known``."""
    tree = parse(source)
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Store):
            continue
        if node.id not in known and _MADE_UP.match(node.id):
            yield node.id


def constants_in(source: str) -> Iterator[object]:
    """The constants of ``source`` that are not everybody's: ``0.044715``, ``1024``, ``"reflect"``."""
    tree = parse(source)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Expr) and _is_text(node.value):
            node.value = ast.Constant(None)  # a docstring
        if isinstance(node, ast.Constant) and _is_unusual(node.value):
            yield node.value


def _is_unusual(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return len(value) >= 6 and not value.isspace()
    if isinstance(value, int):
        return abs(value) > 100
    return isinstance(value, float) and len(repr(value).replace(".", "").strip("0-")) >= 3
