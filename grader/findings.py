"""What the source alone gives away: a result thrown away, a parameter never read, a return inside a loop.

Numbers say which misconception fits; these sentences say where in the code to look. They are kept to
what is hardly ever meant, because a false alarm on right code costs more trust than a missed remark.
That a function reads a name of a test cell is already among the notes of the extraction.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from grader.model import DefinitionState, ExtractedSource, Level, Note, Submission

_FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef
_Finding = tuple[ast.AST, str]

#: NumPy functions and array methods that only return something; with ``out=`` they are meant otherwise.
_PURE = frozenset(
    ("abs", "absolute", "add", "append", "array", "asarray", "astype", "average", "clip", "concatenate",
     "convolve", "copy", "divide", "dot", "einsum", "exp", "expand_dims", "flatten", "flip", "full", "inner",
     "matmul", "max", "maximum", "mean", "min", "minimum", "moveaxis", "multiply", "ones", "ones_like",
     "outer", "pad", "prod", "ravel", "repeat", "reshape", "roll", "rot90", "round", "squeeze", "stack",
     "subtract", "sum", "swapaxes", "tensordot", "transpose", "where", "zeros", "zeros_like")
)  # fmt: skip
_METHODS = _PURE - {"append", "add", "pad"}
_BUFFERS = {"zeros": 1, "ones": 1, "empty": 1, "zeros_like": 1, "ones_like": 1, "empty_like": 1, "full": 2}


class _Function(NamedTuple):
    """A wanted function with what the checks share."""

    name: str
    node: _FunctionDef
    wanted: frozenset[str]
    numpy: frozenset[str]  # names under which the source knows NumPy
    keys: Mapping[str, frozenset[str]]  # of each dictionary: what is read from it anywhere

    @property
    def parameters(self) -> tuple[str, ...]:
        args = self.node.args
        return tuple(arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs))


def find(submission: Submission, extracted: ExtractedSource, functions: Sequence[str]) -> tuple[Note, ...]:
    """One sentence per finding in each of ``functions`` that is defined, with its place."""
    try:
        tree = ast.parse(extracted.source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    by_line = {node.lineno: node for node in ast.walk(tree) if isinstance(node, _FunctionDef)}
    numpy = frozenset(_numpy_names(tree))
    keys = _keys_read(by_line.values())
    notes: list[Note] = []
    for name in functions:
        definition = extracted.definitions.get(name)
        if definition is None or definition.state is not DefinitionState.DEFINED:
            continue
        lines = (at for at, place in enumerate(extracted.line_map, 1) if place == definition.place)
        node = next((by_line[line] for line in lines if line in by_line), None)
        if node is None:
            continue
        function = _Function(name, node, frozenset(functions), numpy, keys)
        notes += _notes(function, extracted)
    return tuple(notes)


def _notes(function: _Function, extracted: ExtractedSource) -> Iterator[Note]:
    seen: set[str] = set()
    for check in (_early_return, _thrown_away, _parameters, _settings, _integer_buffers, _never_read):
        for node, message in check(function):
            if message not in seen:
                seen.add(message)
                place = extracted.place(getattr(node, "lineno", None))
                yield Note(Level.WARNING, message, place, function.name)


# --------------------------------------------------------------------------- the checks


def _early_return(function: _Function) -> Iterator[_Finding]:
    """``return`` as a step of a loop's body itself: the loop cannot have a second round."""
    for loop in _inside(function.node):
        if not isinstance(loop, (ast.For, ast.AsyncFor)):
            continue
        ends = [step for step in loop.body if isinstance(step, ast.Return)]
        skips = any(isinstance(part, (ast.Continue, ast.Break)) for part in ast.walk(loop))
        if ends and not skips:
            over = f" over `{loop.target.id}`" if isinstance(loop.target, ast.Name) else ""
            yield ends[0], f"`return` stands inside the loop{over}, which therefore ends in its first round."


def _thrown_away(function: _Function) -> Iterator[_Finding]:
    """A result that nothing takes: ``np.pad(X, …)`` alone on its line."""
    for step in _inside(function.node):
        if not isinstance(step, ast.Expr):
            continue
        value = step.value
        if isinstance(value, (ast.BinOp, ast.Compare)):
            yield step, f"`{_text(value)}` is worked out, but nothing takes the result."
        elif isinstance(value, ast.Call) and _is_pure(function, value):
            yield step, f"The result of `{_text(value.func)}(…)` is not used."


def _is_pure(function: _Function, call: ast.Call) -> bool:
    if any(keyword.arg in ("out", None) for keyword in call.keywords):
        return False
    called = call.func
    if isinstance(called, ast.Name):
        return called.id in function.wanted
    if not isinstance(called, ast.Attribute):
        return False
    if isinstance(called.value, ast.Name) and called.value.id in function.numpy:
        return called.attr in _PURE and len(call.args) <= 2
    return called.attr in _METHODS and not isinstance(called.value, ast.Constant)


def _parameters(function: _Function) -> Iterator[_Finding]:
    """A parameter that is never read, or that a constant replaces before it is."""
    first_read: dict[str, int] = {}
    for name in _names(function.node):
        if isinstance(name.ctx, ast.Load):
            first_read[name.id] = min(first_read.get(name.id, name.lineno), name.lineno)
    replaced = {target: step for step, target in _constants(function.node.body)}
    for parameter in function.parameters:
        step = replaced.get(parameter)
        if step is not None and first_read.get(parameter, step.lineno + 1) > step.lineno:
            value = _text(step.value)
            yield step, f"The parameter `{parameter}` is replaced by {value} before it is read."
        elif parameter not in first_read and not parameter.startswith("_"):
            yield function.node, f"The parameter `{parameter}` is never used."


def _settings(function: _Function) -> Iterator[_Finding]:
    """A setting that is never read (``hparameters["stride"]``) although the docstring promises it, or
    although a constant of that name takes its place."""
    own = _keys_read([function.node])
    constants = {target: step for step, target in _constants(_all_steps(function.node))}
    for dictionary in sorted({*own, *function.parameters}):
        if _is_handed_on(function.node, dictionary):
            continue
        promised = _promised(function.node, dictionary)
        read = own.get(dictionary, frozenset())
        for key in sorted((promised | function.keys.get(dictionary, frozenset())) - read):
            entry = f'`{dictionary}["{key}"]`'
            step = constants.get(key)
            if step is not None:
                yield step, f"`{key}` is set to {_text(step.value)} here; {entry} is never read."
            elif key in promised and read:
                yield function.node, f"{entry} is never read."


def _promised(node: _FunctionDef, dictionary: str) -> frozenset[str]:
    """The keys that the docstring's line on the dictionary quotes."""
    for line in (ast.get_docstring(node) or "").split("\n"):
        if re.match(rf"{re.escape(dictionary)}\b", line):
            return frozenset(re.findall(r"""["'`](\w+)["'`]""", line))
    return frozenset()


def _is_handed_on(node: _FunctionDef, dictionary: str) -> bool:
    """Whether the dictionary is used as a whole, so that its entries may be read elsewhere."""
    packed: set[ast.AST] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript):
            packed.update([part.value] if isinstance(part.slice, ast.Constant) else [])
        elif isinstance(part, ast.Attribute):
            packed.update([part.value] if part.attr == "get" else [])
        elif isinstance(part, ast.Tuple) and isinstance(part.ctx, ast.Load):  # cache = (A_prev, …)
            packed.update(part.elts)
    reads = (name for name in _names(node) if isinstance(name.ctx, ast.Load) and name.id == dictionary)
    return any(name not in packed for name in reads)


def _integer_buffers(function: _Function) -> Iterator[_Finding]:
    """An array of integers that results are stored in: their decimals are cut off."""
    stored = {part.value.id for part in _stores(function.node) if isinstance(part.value, ast.Name)}
    integers: set[str] = set()
    for step in sorted(_inside(function.node), key=lambda node: getattr(node, "lineno", 0)):
        if not isinstance(step, ast.Assign) or not isinstance(step.value, ast.Call):
            continue
        targets = [target.id for target in step.targets if isinstance(target, ast.Name)]
        if not targets:
            continue
        if _makes_integers(function, step.value, integers):
            integers.update(targets)
            for target in targets:
                if target in stored:
                    yield (
                        step,
                        f"`{target}` is an array of integers: what is stored in it loses its decimals.",
                    )


def _makes_integers(function: _Function, call: ast.Call, integers: set[str]) -> bool:
    called = call.func
    if not isinstance(called, ast.Attribute):
        return False
    if called.attr == "astype":
        return bool(call.args) and _is_integer_type(call.args[0])
    if called.attr not in _BUFFERS:
        return False
    if not isinstance(called.value, ast.Name) or called.value.id not in function.numpy:
        return False
    position = _BUFFERS[called.attr]
    dtype = next((keyword.value for keyword in call.keywords if keyword.arg == "dtype"), None)
    if dtype is None and len(call.args) > position:
        dtype = call.args[position]
    if dtype is not None:
        return _is_integer_type(dtype)
    first = call.args[0] if call.args else None
    return called.attr.endswith("_like") and isinstance(first, ast.Name) and first.id in integers


def _is_integer_type(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        name = node.id
    elif isinstance(node, ast.Attribute):
        name = node.attr
    else:
        name = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    return name.rstrip("_0123456789c") in ("int", "uint", "intp")


def _never_read(function: _Function) -> Iterator[_Finding]:
    """What was fetched on purpose and then forgotten: a setting, a helper's result, a loop's index."""
    read = {name.id for name in _names(function.node) if isinstance(name.ctx, ast.Load)}
    for step in _inside(function.node):
        if isinstance(step, ast.Assign) and len(step.targets) == 1 and isinstance(step.targets[0], ast.Name):
            target = step.targets[0].id
            if target not in read and not target.startswith("_") and _is_important(function, step.value):
                yield step, f"`{target}` is set here, but never used afterwards."
        elif isinstance(step, ast.For) and isinstance(step.target, ast.Name):
            index = step.target.id
            stores = any(True for _ in _stores(step))
            if index not in read and not index.startswith("_") and stores:
                yield step, f"The loop variable `{index}` is never used inside its loop."


def _is_important(function: _Function, value: ast.expr) -> bool:
    if isinstance(value, ast.Subscript):
        return isinstance(value.slice, ast.Constant) and isinstance(value.slice.value, str)
    return (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in function.wanted
    )


# --------------------------------------------------------------------------- reading the tree


def _inside(function: _FunctionDef) -> Iterator[ast.AST]:
    """The statements of the function, those of functions inside it left aside, in order."""
    stack: list[ast.AST] = list(reversed(function.body))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for block in ("cases", "finalbody", "handlers", "orelse", "body"):
                stack += reversed(getattr(node, block, ()))


def _all_steps(function: _FunctionDef) -> list[ast.stmt]:
    return [node for node in _inside(function) if isinstance(node, ast.stmt)]


def _names(node: ast.AST) -> Iterator[ast.Name]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part


def _stores(node: ast.AST) -> Iterator[ast.Subscript]:
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
            yield part


def _constants(body: Iterable[ast.stmt]) -> Iterator[tuple[ast.Assign, str]]:
    """Plain assignments of a number, as ``stride = 1``."""
    for step in body:
        if not isinstance(step, ast.Assign) or not isinstance(step.value, ast.Constant):
            continue
        for target in step.targets:
            if isinstance(target, ast.Name) and isinstance(step.value.value, (int, float)):
                yield step, target.id


def _keys_read(functions: Iterable[_FunctionDef]) -> dict[str, frozenset[str]]:
    """For every dictionary the constant keys that are read from it, with ``[…]`` or ``get``."""
    found: dict[str, set[str]] = {}
    for function in functions:
        for part in ast.walk(function):
            if isinstance(part, ast.Subscript):
                base, key = part.value, part.slice
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.args:
                if part.func.attr != "get":
                    continue
                base, key = part.func.value, part.args[0]
            else:
                continue
            if isinstance(base, ast.Name) and isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.setdefault(base.id, set()).add(key.value)
    return {name: frozenset(keys) for name, keys in found.items()}


def _numpy_names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "numpy":
                    yield alias.asname or "numpy"


def _text(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 40 else text[:39] + "…"
