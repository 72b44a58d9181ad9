"""What a submission may have in common with others: the way it fails, and the way it is written.

Both are hashes, so that a class of a hundred thousand is grouped by the database. Failing alike means
the same outcome for every case and, where values came back, the same values up to rounding. Written
alike means the same syntax trees of the wanted functions once names, comments and layout are gone.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from grader.batch.task import Trait
from grader.model import (
    Definition,
    DefinitionState,
    ExtractedSource,
    FunctionResult,
    NoValue,
    Opaque,
    Outcome,
    Report,
    Returned,
    Status,
    Submission,
    Value,
)

#: Significant digits by which answers are told apart: fewer than two right sums of one array share.
DIGITS = 6
#: Characters of a text that says how a cluster fails.
MOST_TEXT = 300


def traits(report: Report, *, compare_values: bool = True) -> tuple[Trait, ...]:
    """All traits of one graded submission.

    ``compare_values`` is False where every submission has its own hidden values.
    """
    left_open = (Status.BLANK, Status.MISSING)
    definitions = [f.definition for f in report.functions if f.status not in left_open]
    written = _written(_sources(report.submission, definitions))
    return (*_misconceptions(report), *_failures(report, compare_values), *written)


def _misconceptions(report: Report) -> Iterator[Trait]:
    for function in report.functions:
        for diagnosis in function.diagnoses:
            yield Trait("misconception", function.name, diagnosis.id, diagnosis.certainty.value)


# --------------------------------------------------------------------------- failing alike


def _failures(report: Report, compare_values: bool) -> Iterator[Trait]:
    for function in report.functions:
        wrong = function.status in (Status.PARTIAL, Status.INCORRECT)
        if wrong and not function.diagnoses and function.cases:
            yield Trait("failure", function.name, failure(function, compare_values), _described(function))


def failure(function: FunctionResult, compare_values: bool = True) -> str:
    """A hash that is the same for functions that fail in the same way."""
    total = hashlib.sha256()
    for result in function.cases:
        raised = next((r.raised for r in result.replies if isinstance(r, NoValue) and r.raised), None)
        difference = result.difference
        words = [result.case.name, result.outcome.value, raised.type_name if raised else ""]
        words += [difference.rung, difference.output] if difference else []
        total.update("|".join(words).encode("utf-8", "replace"))
        if result.outcome is Outcome.WRONG and compare_values:
            for reply in result.replies:
                if isinstance(reply, Returned):
                    _digest(reply.value, total)
        total.update(b"\n")
    return total.hexdigest()[:12]


def _digest(value: Value, total: hashlib._Hash) -> None:
    """Add a value, rounded, so that the order of a sum makes no difference."""
    import numpy as np

    if isinstance(value, (tuple, list)):
        total.update(b"(")
        for item in value:
            _digest(item, total)
        total.update(b")")
    elif isinstance(value, dict):
        for key in sorted(value):
            total.update(str(key).encode("utf-8", "replace"))
            _digest(value[key], total)
    elif isinstance(value, Opaque):
        total.update(value.type_name.encode("utf-8", "replace"))
    elif isinstance(value, (np.ndarray, np.number, float, complex)) and np.asarray(value).dtype.kind in "fc":
        array = np.asarray(value)
        total.update(repr(array.shape).encode() + _rounded(array))
    elif isinstance(value, (np.ndarray, np.generic)):
        total.update(repr(value.shape).encode() + np.ascontiguousarray(value).tobytes())
    else:
        total.update(repr(value).encode("utf-8", "replace"))


def _rounded(array: Value) -> bytes:
    """The numbers to ``DIGITS`` of the largest one, as integers: noise far below it is no difference."""
    import numpy as np

    if array.dtype.kind == "c":
        return _rounded(array.real) + _rounded(array.imag)
    array = array.astype(float)
    finite = np.abs(array[np.isfinite(array)])
    largest = float(finite.max()) if finite.size else 0.0
    scale = 10.0 ** (DIGITS - 1 - np.floor(np.log10(largest))) if largest > 0 else 1.0
    with np.errstate(all="ignore"):
        steps = np.round(array * scale) + 0.0  # -0.0 becomes 0.0
    return bytes(np.ascontiguousarray(steps).tobytes())


def _described(function: FunctionResult) -> str:
    failing = [c for c in function.cases if c.outcome not in (Outcome.CORRECT, Outcome.NOT_RUN)]
    first = min(failing, key=lambda c: c.case.visibility.value != "public", default=None)
    if first is None:
        return ""
    return f"{first.case.name}: {first.detail}"[:MOST_TEXT]


# --------------------------------------------------------------------------- written alike


def read_ahead(submission: Submission, extracted: ExtractedSource) -> None:
    """Compare what is written while the functions are still being run: then it costs no time."""
    states = (DefinitionState.BLANK, DefinitionState.MISSING)
    _written(_sources(submission, [d for d in extracted.definitions.values() if d.state not in states]))


@lru_cache(maxsize=4)
def _written(sources: tuple[str, ...]) -> tuple[Trait, ...]:
    if not sources:
        return ()
    source = Trait("source", "", _hash("\n".join(sources)), size=sum(len(s.split()) for s in sources))
    try:
        trees = [ast.parse(textwrap.dedent(source)) for source in sources]
        normal, size = structure(trees)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return (source,)
    return source, Trait("structure", "", normal, size=size)


def _sources(submission: Submission, definitions: Iterable[Definition | None]) -> tuple[str, ...]:
    """The text of each of these functions that stands in a cell."""
    cells = {cell.number: cell for cell in submission.cells}
    found = []
    for definition in definitions:
        if definition is None or definition.place is None or definition.end_line is None:
            continue
        cell = cells.get(definition.place.cell)
        if cell is not None:
            lines = cell.source.split("\n")
            first = definition.place.line - cell.first_line
            found.append("\n".join(lines[first : definition.end_line - cell.first_line + 1]))
    return tuple(found)


def structure(trees: Sequence[ast.AST]) -> tuple[str, int]:
    """A hash of the trees without names, docstrings, annotations and places, and how many nodes it is of.

    A name becomes its number in the order of first appearance, so that renaming changes nothing and
    swapping two variables does. Attributes and built-in names stay: they say what is done.
    """
    nameless = _Nameless()
    for tree in trees:
        nameless.add(tree)
    return _hash("\0".join(nameless.parts)), nameless.nodes


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


class _Nameless:
    """Writes a tree as a list of words; one walk, because it is done for every hand-in."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.nodes = 0
        self._numbers: dict[str, str] = {}

    def add(self, node: ast.AST) -> None:
        self.nodes += 1
        self.parts.append(type(node).__name__)
        for name in node._fields:
            content: Any = getattr(node, name, None)
            if name in ("annotation", "returns", "type_comment", "ctx", "kind", "simple"):
                continue
            if name == "body" and isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                content = _without_docstring(content)
            self._add_content(node, name, content)

    def _add_content(self, node: ast.AST, field: str, content: object) -> None:
        if isinstance(content, ast.AST):
            self.add(content)
        elif isinstance(content, list):
            self.parts.append("[")
            for item in content:
                self._add_content(node, field, item)
            self.parts.append("]")
        elif isinstance(content, str) and field in _NAMES.get(type(node), ()):
            self.parts.append(self._number(content))
        else:
            self.parts.append(repr(content))

    def _number(self, name: str) -> str:
        if name in _KEPT:
            return name
        return self._numbers.setdefault(name, f"_{len(self._numbers)}")


#: Where a node holds a name that its author chose.
_NAMES: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Name: ("id",),
    ast.arg: ("arg",),
    ast.FunctionDef: ("name",),
    ast.ClassDef: ("name",),
    ast.ExceptHandler: ("name",),
    ast.Global: ("names",),
    ast.Nonlocal: ("names",),
}
_KEPT = frozenset(dir(builtins))


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    match body:
        case [ast.Expr(ast.Constant(str())), *rest]:
            return rest
    return body
