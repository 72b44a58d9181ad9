"""Mistakes that Python finds only when it compiles what it has parsed: ``break`` outside a loop.

``compile`` itself would find them all, but it must not run here: on nested comprehensions CPython 3.12
and 3.13 crash in it, and the grader's own process may not die of a hand-in. What is not found here is
found by the sandbox when it loads the slice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from grader.extract.tree import blocks, immediate, statements, walk

_Function = ast.FunctionDef | ast.AsyncFunctionDef
#: Compiling doubles the code at every level of ``finally``; deeper than this is no honest program.
_DEEPEST_FINALLY = 4


class Fault(NamedTuple):
    """What Python would say, and the line."""

    message: str
    line: int


class _Around(NamedTuple):
    """What a statement stands in."""

    function: bool = False
    loop: bool = False
    finally_: int = 0
    functions: tuple[_Function, ...] = ()  # those around, whose names ``nonlocal`` may mean


def fault(node: ast.stmt) -> Fault | None:
    """The first such mistake in a top-level statement."""
    try:
        return next(_faults(node, _Around()), None)
    except RecursionError:
        return Fault("it is nested too deeply", node.lineno)


def _faults(node: ast.AST, around: _Around) -> Iterator[Fault]:
    line = getattr(node, "lineno", 0)
    if isinstance(node, ast.Return) and not around.function:
        yield Fault("'return' outside function", line)
    elif isinstance(node, (ast.Break, ast.Continue)) and not around.loop:
        word = "'break' outside loop" if isinstance(node, ast.Break) else "'continue' not properly in loop"
        yield Fault(word, line)
    elif isinstance(node, ast.Nonlocal):
        for name in node.names:
            if not any(name in _bound(function) for function in around.functions):
                yield Fault(f"no binding for nonlocal '{name}' found", line)
    elif isinstance(node, ast.ImportFrom) and around.function and node.names[0].name == "*":
        yield Fault("import * only allowed at module level", line)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield from _in_function(node, around)
    elif isinstance(node, ast.ClassDef):
        for inner in node.body:
            yield from _faults(inner, _Around(functions=around.functions))
    elif isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
        for inner in node.body:
            yield from _faults(inner, around._replace(loop=True))
        for inner in node.orelse:
            yield from _faults(inner, around)
    else:
        if getattr(node, "finalbody", None):
            around = around._replace(finally_=around.finally_ + 1)
        if around.finally_ > _DEEPEST_FINALLY:
            yield Fault("try … finally is nested too deeply", line)
            return
        handlers = getattr(node, "handlers", [])
        for handler in handlers[:-1]:
            if handler.type is None:
                yield Fault("default 'except:' must be last", handler.lineno)
        for part in blocks(node):
            yield from _faults(part, around)


def _in_function(node: _Function, around: _Around) -> Iterator[Fault]:
    parameters = _parameters(node)
    if len(set(parameters)) < len(parameters):
        twice = next(name for at, name in enumerate(parameters) if name in parameters[:at])
        yield Fault(f"duplicate argument '{twice}' in function definition", node.lineno)
    yield from _late_globals(node, frozenset(parameters))
    for inner in node.body:
        yield from _faults(inner, _Around(function=True, functions=(*around.functions, node)))


def _parameters(node: _Function) -> list[str]:
    args = node.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return [arg.arg for arg in named if arg]


def _late_globals(node: _Function, parameters: frozenset[str]) -> Iterator[Fault]:
    """``global x`` where ``x`` is a parameter or was used before."""
    declared = [step for step in statements(node.body) if isinstance(step, ast.Global)]
    if not declared:
        return
    used: dict[str, int] = {}
    for inner in node.body:
        for name in immediate(inner, ast.Name):
            used[name.id] = min(name.lineno, used.get(name.id, name.lineno))
    for step in declared:
        for said in step.names:
            if said in parameters:
                yield Fault(f"name '{said}' is parameter and global", step.lineno)
            elif used.get(said, step.lineno) < step.lineno:
                yield Fault(f"name '{said}' is used prior to global declaration", step.lineno)


def _bound(node: _Function) -> frozenset[str]:
    """What a function binds, or one in it: looked for when it is asked for, and once."""
    kept: frozenset[str] | None = getattr(node, "_grader_bound", None)
    if kept is None:
        found = set(_parameters(node))
        for step in node.body:
            for part in walk(step):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    found.add(part.id)
                elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    found.add(part.name)
        kept = node._grader_bound = frozenset(found)  # type: ignore[union-attr]
    return kept
