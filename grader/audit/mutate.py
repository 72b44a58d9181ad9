"""Makes small mistakes in a program's source, one at a time.

A case set that cannot tell the reference from the reference with one operator changed does not prove
much. The operators are the classic ones of mutation testing (Offutt et al. 1996) plus those that array
code invites: swapped indices, swapped arguments, ``=`` for ``+=``, a bound left out of a slice. They are
written over ``ast`` here because the kept mutation tools drive a test runner, and what has to be driven
here is the sandbox.
"""

from __future__ import annotations

import ast
import copy
import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_BINARY: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
}
_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
_ATTRIBUTES = {
    "sum": "mean",
    "mean": "sum",
    "max": "min",
    "min": "max",
    "zeros": "ones",
    "ones": "zeros",
    "argmax": "argmin",
    "floor": "ceil",
    "multiply": "add",
    "hstack": "vstack",
    "vstack": "hstack",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """The source with one change. ``key`` is stable as long as the changed line is."""

    function: str
    operator: str
    source: str
    diff: str

    @property
    def key(self) -> str:
        """``function: - old line + new line``, blanks folded."""
        return f"{self.function}: " + " ".join(self.diff.split())


def mutants(source: str, functions: tuple[str, ...]) -> Iterator[Mutant]:
    """Every mutant of the bodies of ``functions``, each source once."""
    tree = ast.parse(source)
    original = ast.unparse(tree)
    seen = {original}
    for position, node in enumerate(tree.body):
        if not isinstance(node, ast.FunctionDef) or node.name not in functions:
            continue
        for operator, change in _changes(node):
            changed = copy.deepcopy(tree)
            body = changed.body[position]
            assert isinstance(body, ast.FunctionDef)
            change(body)
            ast.fix_missing_locations(changed)
            text = ast.unparse(changed)
            if text not in seen:
                seen.add(text)
                yield Mutant(node.name, operator, text, _diff(original, text))


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))


Change = Callable[[ast.FunctionDef], None]


def _changes(function: ast.FunctionDef) -> Iterator[tuple[str, Change]]:
    """(operator, change) pairs; a change is applied to a deep copy of ``function``.

    Nodes are addressed by their position in ``ast.walk``, which is the same in every copy.
    """
    start = 1 if ast.get_docstring(function) else 0
    inside = {id(n) for statement in function.body[start:] for n in ast.walk(statement)}
    loops = _loop_names(function)
    for index, node in enumerate(ast.walk(function)):
        if node is function:
            for operator, edit in _left_out(node):
                yield operator, _at(index, edit)
        elif id(node) in inside:
            for operator, edit in _edits(node, loops):
                yield operator, _at(index, edit)


def _at(index: int, edit: Callable[[ast.AST], None]) -> Change:
    def change(function: ast.FunctionDef) -> None:
        for position, node in enumerate(ast.walk(function)):
            if position == index:
                edit(node)
                return

    return change


def _loop_names(function: ast.FunctionDef) -> tuple[str, ...]:
    """Names bound by loops and by unpacking: those that are easily taken for each other."""
    names: list[str] = []
    for node in ast.walk(function):
        if isinstance(node, (ast.For, ast.comprehension)):
            names += [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names.append(node.targets[0].id)
    return tuple(dict.fromkeys(names))


Edit = Callable[[ast.AST], None]


def _edits(node: ast.AST, loops: tuple[str, ...]) -> Iterator[tuple[str, Edit]]:
    if isinstance(node, ast.BinOp):
        for other in _BINARY.get(type(node.op), ()):
            yield "operator", _set("op", other())
        yield "left operand only", _become("left")
        yield "right operand only", _become("right")
    elif isinstance(node, ast.AugAssign):
        yield "assignment for accumulation", _plain_assignment
        if isinstance(node.op, ast.Add):
            yield "operator", _set("op", ast.Sub())
    elif isinstance(node, ast.Compare):
        for compare in _COMPARE.get(type(node.ops[0]), ()):
            yield "comparison", _set_first("ops", compare())
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield "constant + 1", _set("value", node.value + 1)
        yield "constant - 1", _set("value", node.value - 1)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in loops:
        for name in _neighbours(node.id, loops):
            yield "another name", _set("id", name)
    elif isinstance(node, ast.Attribute) and node.attr in _ATTRIBUTES:
        yield "another function", _set("attr", _ATTRIBUTES[node.attr])
    elif isinstance(node, ast.Slice):
        for bound in ("lower", "upper", "step"):
            if getattr(node, bound) is not None:
                yield "a bound left out", _set(bound, None)
    elif isinstance(node, ast.Tuple) and len(node.elts) > 1:
        for k in range(len(node.elts) - 1):
            yield "neighbours swapped", _swap("elts", k)
    elif isinstance(node, ast.Call):
        for k in range(len(node.args) - 1):
            yield "arguments swapped", _swap("args", k)
        if isinstance(node.func, ast.Name) and node.func.id == "range" and len(node.args) == 1:
            yield "first step skipped", _range_from_one
    elif isinstance(node, ast.UnaryOp):
        yield "sign or not left out", _become("operand")
    elif isinstance(node, ast.If):
        yield "condition always true", _set("test", ast.Constant(True))
        yield "condition always false", _set("test", ast.Constant(False))
    yield from _left_out(node)


def _left_out(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if isinstance(block, list):
            for k, statement in enumerate(block):
                if isinstance(statement, (ast.Assign, ast.AugAssign, ast.Expr)) and not _is_text(statement):
                    yield "statement left out", _replace_statement(field, k)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _neighbours(name: str, names: tuple[str, ...]) -> Iterator[str]:
    """The names that ``name`` is most easily taken for: same length and all but one letter, or a letter."""
    for other in names:
        if other != name and (
            len(other) == len(name) == 1
            or difflib.SequenceMatcher(None, name, other, autojunk=False).ratio() >= 0.6
        ):
            yield other


def _set(field: str, value: object) -> Edit:
    return lambda node: setattr(node, field, copy.deepcopy(value))


def _set_first(field: str, value: object) -> Edit:
    def edit(node: ast.AST) -> None:
        getattr(node, field)[0] = copy.deepcopy(value)

    return edit


def _swap(field: str, k: int) -> Edit:
    def edit(node: ast.AST) -> None:
        items = getattr(node, field)
        items[k], items[k + 1] = items[k + 1], items[k]

    return edit


def _become(field: str) -> Edit:
    """The node takes the form of one of its own parts."""

    def edit(node: ast.AST) -> None:
        part = getattr(node, field)
        node.__class__ = part.__class__
        node.__dict__.clear()
        node.__dict__.update(part.__dict__)

    return edit


def _plain_assignment(node: ast.AST) -> None:
    assert isinstance(node, ast.AugAssign)
    target, value = node.target, node.value
    node.__class__ = ast.Assign  # type: ignore[assignment]
    node.__dict__.clear()
    node.__dict__.update(targets=[target], value=value, type_comment=None)


def _range_from_one(node: ast.AST) -> None:
    assert isinstance(node, ast.Call)
    node.args.insert(0, ast.Constant(1))


def _replace_statement(field: str, k: int) -> Edit:
    def edit(node: ast.AST) -> None:
        getattr(node, field)[k] = ast.Pass()

    return edit
