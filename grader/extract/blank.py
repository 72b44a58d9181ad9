"""Does a function look as if nobody had worked on it?

Only a suspicion, since a half-filled template and a finished function can look alike: the pipeline
calls a function blank when it looks so *and* returns nothing right. A finished function that merely
starts a variable at ``None`` must not look blank, so what counts is a ``None`` that is still there
when the name is used.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from grader.extract.tree import children, statements, walk

FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef


def is_blank(function: FunctionDef, undefined: Collection[str]) -> bool:
    """Whether the function looks unfinished: no body, a placeholder in use, or results never worked out.

    ``undefined`` are names that it reads and nothing gives it.
    """
    body = _body(function)
    if all(_says_nothing(node) for node in body):
        return True
    if _gives_up(body):
        return True
    return _placeholder_in_use(function) or _result_never_made(function, body, undefined)


def _body(function: FunctionDef) -> list[ast.stmt]:
    body = function.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        return body[1:]
    return body


def _says_nothing(node: ast.stmt) -> bool:
    """``pass``, ``...``, a text, ``return``, ``return None``, ``raise NotImplementedError``."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Return):
        return node.value is None or _is_placeholder(node.value)
    return isinstance(node, ast.Pass) or _is_not_implemented(node)


def _is_not_implemented(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(error, ast.Name) and error.id == "NotImplementedError"


def _gives_up(body: list[ast.stmt]) -> bool:
    """``raise NotImplementedError`` is reached: no ``return`` of a value stands before it."""
    for node in body:
        if _is_not_implemented(node):
            return True
        if isinstance(node, ast.Return):
            return False
    return False


def _is_placeholder(node: ast.AST | None) -> bool:
    """``None`` or ``...`` where an expression belongs."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is Ellipsis)


# --------------------------------------------------------------------------- None left in


def _placeholder_in_use(function: FunctionDef) -> bool:
    placeholders: set[str] = set()
    others: list[ast.stmt] = []
    for node in statements(function.body):
        if isinstance(node, (ast.For, ast.AsyncFor)):
            if _is_placeholder(node.iter) or _is_call_of_placeholder(node.iter, "range"):
                return True
        elif isinstance(node, ast.AugAssign) and _is_placeholder(node.value):
            return True
        elif isinstance(node, ast.Assign) and _is_placeholder(node.value):
            for target in node.targets:
                if isinstance(target, (ast.Tuple, ast.List)) or _is_entry_of_array(target):
                    return True
                if isinstance(target, ast.Name):
                    placeholders.add(target.id)
            continue
        others.append(node)
    if not placeholders:
        return False
    real = {a.arg for a in walk(function.args) if isinstance(a, ast.arg)}
    left = placeholders.difference(real, *(_bound_by(node) for node in others))
    return bool(left) and any(name in left for name in _used(function))


def _is_call_of_placeholder(node: ast.expr, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == name
        and any(_is_placeholder(argument) for argument in node.args)
    )


def _is_entry_of_array(target: ast.expr) -> bool:
    """``Z[i, h, w, c]``, as against ``cache["Z"]``, where None may well be meant."""
    if not isinstance(target, ast.Subscript):
        return False
    return isinstance(target.slice, ast.Tuple) or any(
        isinstance(part, ast.Slice) for part in walk(target.slice)
    )


def _bound_by(node: ast.stmt) -> Iterator[str]:
    """Names that the statement itself binds to something (the parts of a compound one left aside)."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0]
    else:
        stack = [part for part in children(node) if not isinstance(part, ast.stmt)]
        while stack:
            part = stack.pop()
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id
            stack += [inner for inner in children(part) if not isinstance(inner, ast.stmt)]


def _used(function: FunctionDef) -> Iterator[str]:
    """Names that are read where None cannot be meant: not ``x is None``, not ``axis=x``."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Compare):
            if any(_is_placeholder(other) for other in node.comparators):
                continue
        elif isinstance(node, ast.keyword) and isinstance(node.value, ast.Name):
            continue
        stack += children(node)


# --------------------------------------------------------------------------- results never made


def _result_never_made(function: FunctionDef, body: list[ast.stmt], undefined: Collection[str]) -> bool:
    """A name is returned that nothing binds, and nothing was worked out."""
    never = any(
        part.id in undefined
        for node in statements(function.body)
        if isinstance(node, ast.Return) and node.value is not None
        for part in _returned(node.value)
    )
    return never and not any(_works(node) for node in body)


def _returned(value: ast.expr) -> Iterator[ast.Name]:
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    for part in parts:
        if isinstance(part, ast.Name):
            yield part


def _works(node: ast.stmt) -> bool:
    """Whether a statement computes something: not taking values apart, not packing names, not checking."""
    if _says_nothing(node) or isinstance(node, (ast.Assert, ast.Return, ast.Global, ast.Nonlocal)):
        return False
    if isinstance(node, ast.Expr):
        called = node.value.func if isinstance(node.value, ast.Call) else None
        return not (isinstance(called, ast.Name) and called.id == "print")
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        if node.value is None or _is_placeholder(node.value):
            return False
        work = (ast.Call, ast.BinOp, ast.Lambda, ast.comprehension)
        return any(isinstance(part, work) for part in walk(node.value))
    if isinstance(node, (ast.For, ast.While, ast.If, ast.With)):
        return any(_works(inner) for inner in [*node.body, *getattr(node, "orelse", [])])
    return True
