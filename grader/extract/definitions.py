"""What can be said of a wanted function before it runs: defined, blank, broken or missing, and why."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.extract.bindings import Entry, Table
from grader.extract.blank import FunctionDef, is_blank
from grader.extract.effects import DEFINITION
from grader.extract.imports import is_available
from grader.extract.recovery import Broken
from grader.extract.slice import Slicer
from grader.extract.tree import statements, walk
from grader.model import Definition, DefinitionState, Place

_MOST_NAMES = 500
_HOPS = 20


def define(name: str, wanted: Sequence[str], slicer: Slicer, broken: Sequence[Broken]) -> Definition:
    """The definition of one wanted function."""
    found = slicer.look_up(name, reader=0).entries
    if found and not _is_plain_value(found[0]):
        return _defined(name, wanted, slicer, found[0])
    bad = [b for b in broken if name in b.names]
    if bad:
        last = bad[-1]
        return Definition(name, DefinitionState.BROKEN, last.place, last.end_line, last.message)
    if found:
        detail = f"`{name}` is bound to a plain value ({found[0].statement.place}), expected a function"
    else:
        detail = _why_missing(name, wanted, slicer)
    return Definition(name, DefinitionState.MISSING, detail=detail)


def _defined(name: str, wanted: Sequence[str], slicer: Slicer, last: Entry) -> Definition:
    entry, function = resolve(slicer, last, name)
    node = function or entry.statement.node
    place = entry.statement.cell.place(node.lineno)
    end = entry.statement.cell.place(node.end_lineno or node.lineno).line
    uses = {read for kept in slicer.reachable(name) for read in kept.reads}
    undefined = {lost for kept in slicer.reachable(name, stop=wanted) for lost in kept.missing}
    blank = function is not None and is_blank(function, undefined)
    return Definition(
        name,
        DefinitionState.BLANK if blank else DefinitionState.DEFINED,
        place,
        end,
        uses=tuple(other for other in wanted if other in uses and other != name),
        undefined=tuple(sorted(undefined - set(wanted))),
    )


def _is_plain_value(entry: Entry) -> bool:
    node = entry.statement.node
    if not isinstance(node, (ast.Assign, ast.AnnAssign)):
        return False
    literal = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.JoinedStr, ast.BinOp, ast.Compare)
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return isinstance(node.value, literal) and all(isinstance(target, ast.Name) for target in targets)


def resolve(slicer: Slicer, entry: Entry, name: str) -> tuple[Entry, FunctionDef | None]:
    """The function that a name stands for, through aliases and wrappers, and the statement that holds it."""
    for _ in range(_HOPS):
        node = entry.statement.node
        function = _function_in(node, name)
        if function is not None:
            return entry, function
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        following = _stands_for(value)
        if following is None:
            return entry, None
        found = slicer.look_up(following[0], entry.statement.order).entries
        if not found:
            return entry, None
        if len(following) == 2 and isinstance(found[0].statement.node, ast.ClassDef):
            method = _method(found[0].statement.node, following[1])
            return (found[0], method) if method else (entry, None)
        entry, name = found[0], following[0]
    return entry, None


def _function_in(node: ast.stmt, name: str) -> FunctionDef | None:
    """The last ``def`` of that name which the statement executes."""
    found: FunctionDef | None = None
    for part in statements([node]):
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) and part.name == name:
            found = part
    return found


def _stands_for(value: ast.expr | None) -> tuple[str, ...] | None:
    """``f`` of ``f``, ``timed(f)`` and ``partial(f, …)``; ``C``, ``step`` of ``C.step``."""
    if isinstance(value, ast.Call):
        named = [argument for argument in value.args if isinstance(argument, (ast.Name, ast.Attribute))]
        value = named[0] if named else None
    if isinstance(value, ast.Name):
        return (value.id,)
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
        return (value.value.id, value.attr)
    return None


def _method(node: ast.ClassDef, name: str) -> FunctionDef | None:
    for part in node.body:
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) and part.name == name:
            return part
    return None


# --------------------------------------------------------------------------- missing


def _why_missing(name: str, wanted: Sequence[str], slicer: Slicer) -> str:
    found = slicer.look_up(name, reader=0).unavailable
    if found:
        entry, one = found
        where = entry.statement.place
        return f"`{name}` is imported from `{one.module}` ({where}), which was not handed in with it"
    inside = _inside(name, slicer.table)
    if inside:
        return inside
    stays_out = [e for e in slicer.table.binding.get(name, ()) if e.effect is not None]
    if stays_out:
        return f"`{name}` is only bound at {stays_out[-1].statement.place}, where {_because(stays_out[-1])}"
    near = near_miss(name, slicer.table, wanted)
    if near:
        return f"there is no `{name}`, but a `{near[0]}` ({near[1]}); the name must be exactly `{name}`"
    return _from_a_star(name, slicer)


def _from_a_star(name: str, slicer: Slicer) -> str:
    """The ``from … import *`` that would have bound a name, if one is likely to have been meant for it."""
    is_read = any(name in node.reads for node in slicer.kept.values())
    found: list[tuple[bool, str]] = []
    for entry in slicer.table.stars:
        for one in entry.imports:
            stem = one.module.split(".")[-1]
            if is_available(one.module, slicer.allowed) or "test" in stem.lower():
                continue
            if stem == name or is_read:
                text = f"`{name}` may come from `{one.text}` ({entry.statement.place})"
                found.append((stem != name, f"{text}, which was not handed in with it"))
    return min(found)[1] if found else ""


def _because(entry: Entry) -> str:
    return entry.effect.reason if entry.effect else ""


def _inside(name: str, table: Table) -> str:
    """A function of that name which is only a method, or only defined when another one is called."""
    for entry in table.entries:
        for part in walk(entry.statement.node) if isinstance(entry.statement.node, DEFINITION) else ():
            if not isinstance(part, DEFINITION) or part.name == name:
                continue
            for inner in part.body:
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name == name:
                    is_method = isinstance(part, ast.ClassDef)
                    kind = "a method of the class" if is_method else "defined inside the function"
                    where = entry.statement.cell.place(inner.lineno)
                    return f"`{name}` is only {kind} `{part.name}` ({where}), expected a function of its own"
    return ""


def near_miss(name: str, table: Table, wanted: Sequence[str]) -> tuple[str, Place] | None:
    """A function whose name was probably meant to be ``name``."""
    candidates = dict(_function_names(table, frozenset(wanted)))
    plain = _plain(name)
    for other, place in candidates.items():
        if _plain(other) == plain:
            return other, place
    import difflib

    close = difflib.get_close_matches(name, list(candidates)[:_MOST_NAMES], n=1, cutoff=0.82)
    return (close[0], candidates[close[0]]) if close else None


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _function_names(table: Table, wanted: frozenset[str]) -> Iterator[tuple[str, Place]]:
    for entry in table.entries:
        node = entry.statement.node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name not in wanted and len(node.name) < 100:
                yield node.name, entry.statement.place
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id not in wanted:
                    yield target.id, entry.statement.place
