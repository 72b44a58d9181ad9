"""Ways through a syntax tree: everything, what is executed at once, statements alone.

``ast.walk`` would do, but half of its steps are operators and contexts that nobody asks about, and a
notebook is graded in a few milliseconds, most of which would go there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TypeVar

_Node = TypeVar("_Node", bound=ast.AST)
#: Fields that hold an operator, a context or no node at all, and by kind of node those that are left.
_EMPTY = frozenset(("op", "ops", "ctx", "id", "attr", "arg", "kind", "type_comment", "level", "module"))
_BLOCK_FIELDS = ("body", "orelse", "handlers", "finalbody", "cases")
_BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {}
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: ()}


def children(node: ast.AST) -> Sequence[ast.AST]:
    """The nodes directly below, in the order of the fields, operators and contexts left aside.

    A tree is gone through a dozen times and never changed here: they are looked for once, and kept.
    """
    kept: Sequence[ast.AST] | None = getattr(node, "_grader_below", None)
    if kept is not None:
        return kept
    found: list[ast.AST] = []
    kind = type(node)
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _EMPTY)
    for name in fields:
        value = getattr(node, name, None)
        if type(value) is list:
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    node._grader_below = found or ()  # type: ignore[attr-defined]
    return found


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """The node and everything below it, in no order that matters."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack += children(one)


def immediate(node: ast.AST, *kinds: type[_Node]) -> Iterator[_Node]:
    """The nodes of these kinds that are executed with ``node`` itself, bodies of functions left aside."""
    stack: list[ast.AST] = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, kinds):
            yield one
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            stack += at_definition(one)
        else:
            stack += children(one)


def at_definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.AST]:
    """What of a function is executed when it is defined: decorators and default values."""
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return [*decorators, *node.args.defaults, *(value for value in node.args.kw_defaults if value)]


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a block and of the blocks in it, functions and classes not entered."""
    stack: list[ast.AST] = list(reversed(body))
    while stack:
        one = stack.pop()
        if isinstance(one, ast.stmt):
            yield one
        if not isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stack += reversed(blocks(one))


def blocks(node: ast.AST) -> list[ast.AST]:
    """The statements, handlers and cases directly below a statement."""
    kind = type(node)
    names = _BLOCKS.get(kind)
    if names is None:
        names = _BLOCKS[kind] = tuple(name for name in kind._fields if name in _BLOCK_FIELDS)
    found: list[ast.AST] = []
    for name in names:
        found += getattr(node, name)
    return found
