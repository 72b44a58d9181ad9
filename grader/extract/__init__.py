"""The dependency slice: the wanted functions of a submission and what they need, without running it.

Reading instead of executing is what makes grading fair and safe: a test cell cannot help a function
that reads a leftover of it, a broken cell costs only itself, and training or plotting never starts.
"""

from __future__ import annotations
import __future__

import ast
from collections.abc import Iterator, Sequence

from grader.extract.bindings import Table, tabulate
from grader.extract.cells import parse
from grader.extract.definitions import define
from grader.extract.imports import imported, inner_imports, rescued
from grader.extract.recovery import Broken
from grader.extract.remarks import remarks
from grader.extract.slice import NUMPY, Node, Slicer
from grader.model import Dropped, ExtractedSource, Level, Note, Place, Submission

__all__ = ["extract"]


def extract(
    submission: Submission,
    functions: Sequence[str],
    *,
    allowed_imports: Sequence[str] = ("numpy", "math"),
    compat: Sequence[str] = (),
) -> ExtractedSource:
    """The slice of ``functions``, what can be said of each, and what was left out and why.

    ``compat`` are removed NumPy names ("np.float") that the sandbox puts back. Raises SubmissionError
    only if there is more code than is ever read.
    """
    parsed = parse(submission.cells, functions)
    table = tabulate(parsed.statements, functions, allowed_imports)
    slicer = Slicer(table, allowed_imports)
    slicer.want(functions)
    broken = (*parsed.broken, *_faulty(table))
    definitions = {name: define(name, functions, slicer, broken) for name in functions}
    dropped = [*parsed.dropped, *_dropped(table)]
    source, line_map = _assembled(table, slicer)
    return ExtractedSource(
        source=source,
        definitions=definitions,
        line_map=line_map,
        imports=tuple(dict.fromkeys(_modules(slicer))),
        dropped=tuple(sorted(dropped, key=lambda d: _position(d.place))),
        notes=(*parsed.notes, *_given(slicer), *remarks(definitions, slicer, broken, compat)),
    )


def _given(slicer: Slicer) -> Iterator[Note]:
    for name in slicer.given:
        yield Note(Level.WARNING, f"nothing in this submission binds `{name}`; `{NUMPY[name]}` was added.")


def _faulty(table: Table) -> Iterator[Broken]:
    for entry in table.entries:
        if entry.fault:
            place = entry.statement.cell.place(entry.fault.line)
            end = entry.statement.cell.place(entry.statement.last).line
            yield Broken(tuple(sorted(entry.binds)), place, f"{place}: {entry.fault.message}", end)


def _dropped(table: Table) -> Iterator[Dropped]:
    for entry in table.entries:
        node = entry.statement.node
        for decorator in entry.bare_of:
            place = entry.statement.cell.place(decorator.lineno)
            yield Dropped(place, "this decorator is of a module that is not available")
        if entry.fault:
            names = " and ".join(f"`{name}`" for name in sorted(entry.binds)[:3])
            place = entry.statement.cell.place(entry.fault.line)
            yield Dropped(place, f"{names or 'it'} cannot be compiled: {entry.fault.message}")
        elif isinstance(node, ast.Return):
            yield Dropped(
                entry.statement.place, "`return` stands outside every function: is it indented as meant?"
            )


def _assembled(table: Table, slicer: Slicer) -> tuple[str, tuple[Place, ...]]:
    """The text of the slice in the order of the submission, and where each of its lines came from."""
    lines: list[str] = []
    places: list[Place] = []
    for entry in table.entries:  # these must come first, wherever they stood
        for one in entry.imports:
            if one.module == "__future__" and one.target.split(".")[1] in __future__.all_feature_names:
                lines.append(one.text)
                places.append(entry.statement.place)
    if slicer.lazy_at and not table.lazy_annotations:
        lines.insert(0, "from __future__ import annotations")
        places.insert(0, slicer.lazy_at.statement.place)
    for name, entry in slicer.given.items():
        lines.append(NUMPY[name])
        places.append(entry.statement.place)
    for node in sorted(
        slicer.kept.values(), key=lambda node: (not node.comes_first, node.entry.statement.order)
    ):
        statement = node.entry.statement
        if node.entry.imports:
            for one in node.entry.imports:
                if one in node.imports and one.module != "__future__":
                    lines.append(one.text)
                    places.append(statement.place)
            continue
        for one in rescued(statement.node, slicer.allowed):
            lines.append(one.text)
            places.append(statement.place)
        for offset, line in enumerate(statement.lines):
            lines.append(line)
            places.append(statement.cell.place(statement.first + offset))
    return "".join(f"{line}\n" for line in lines), tuple(places)


def _modules(slicer: Slicer) -> Iterator[str]:
    for order in sorted(slicer.kept):
        node: Node = slicer.kept[order]
        if node.entry.imports:
            yield from (one.module for one in node.imports)
            continue
        for part in inner_imports(node.entry.statement.node):
            yield from (one.module for one in imported(part))


def _position(place: Place) -> tuple[int, int]:
    return place.cell or 0, place.line
