"""The notes for the report: what a student should know of how the source was read."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from grader.extract.bindings import Entry
from grader.extract.compat import REMOVED, old_names
from grader.extract.effects import is_main_guard
from grader.extract.imports import imported, inner_imports, is_available
from grader.extract.recovery import Broken
from grader.extract.slice import Node, Slicer
from grader.model import Definition, DefinitionState, Level, Note, Place

_MOST_NAMES = 20  # undefined names that are told of one function


def remarks(
    definitions: Mapping[str, Definition], slicer: Slicer, broken: Sequence[Broken], compat: Sequence[str]
) -> Iterator[Note]:
    """All notes about the wanted functions and what they rest on."""
    for name, definition in definitions.items():
        yield from _defined_twice(name, slicer)
        yield from _broken_later(name, definition, slicer, broken)
        if definition.state is DefinitionState.DEFINED:
            yield from _undefined(name, definition, tuple(definitions), slicer, broken)
    yield from _unavailable(slicer, definitions)
    yield from _old_numpy(slicer, compat)


def _defined_twice(name: str, slicer: Slicer) -> Iterator[Note]:
    entries = [
        entry
        for entry in slicer.table.binding.get(name, ())
        if entry.counts and isinstance(entry.statement.node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    if len(entries) > 1:
        last = entries[-1].statement.place
        earlier = " and ".join(str(entry.statement.place) for entry in entries[:-1][-2:])
        times = "twice" if len(entries) == 2 else f"{len(entries)} times"
        message = f"`{name}` is defined {times}: the last one ({last}) counts, not the one at {earlier}."
        yield Note(Level.WARNING, message, last, name)


def _broken_later(
    name: str, definition: Definition, slicer: Slicer, broken: Sequence[Broken]
) -> Iterator[Note]:
    """An earlier sound definition stands in for one that cannot be parsed."""
    bad = [b for b in broken if name in b.names]
    lost = definition.state in (DefinitionState.BROKEN, DefinitionState.MISSING)
    if not bad or lost or definition.place is None:
        return
    if _position(bad[-1].place) > _position(definition.place):
        message = (
            f"The last definition of `{name}` cannot be parsed ({bad[-1].message}); "
            f"the one at {definition.place} counts."
        )
        yield Note(Level.WARNING, message, bad[-1].place, name)


def _position(place: Place) -> tuple[int, int]:
    return place.cell or 0, place.line


def _undefined(
    name: str, definition: Definition, wanted: Sequence[str], slicer: Slicer, broken: Sequence[Broken]
) -> Iterator[Note]:
    told: set[str] = set()
    undefined = frozenset(definition.undefined)
    for node in slicer.reachable(name, stop=wanted):
        for lost, line in node.missing.items():
            if lost not in undefined or lost in told or lost in slicer.unavailable:
                continue
            if len(told) == _MOST_NAMES:
                return
            told.add(lost)
            place = node.entry.statement.cell.place(line)
            message = f"`{name}` reads `{lost}`, {_whence(lost, slicer, broken)}."
            yield Note(Level.WARNING, message, place, name)


def _whence(lost: str, slicer: Slicer, broken: Sequence[Broken]) -> str:
    """Where a name that a function reads is bound, if anywhere."""
    places = [e for e in slicer.table.binding.get(lost, ()) if not e.counts]
    spoilt = [b for b in broken if lost in b.names]
    kept_out = [entry.effect for entry in places if entry.effect]
    if kept_out and not any(effect.is_trial for effect in kept_out):
        return f"which was left out because {kept_out[-1].reason} ({places[-1].statement.place})"
    if places:
        return f"which only {_cells(places)} {'defines' if len(_distinct(places)) == 1 else 'define'}"
    if spoilt:
        return f"whose definition cannot be parsed ({spoilt[-1].message})"
    if any(lost in e.names.sets_global for e in slicer.table.entries):
        return "which exists only after another function has been called (`global`)"
    if slicer.table.binding.get(lost):
        return "which is defined only after it is needed"
    if lost in ("display", "get_ipython"):
        return "which exists only inside a notebook"
    return "which is defined nowhere"


def _distinct(entries: Sequence[Entry]) -> list[str]:
    return list(dict.fromkeys(_cell(entry) for entry in entries))


def _cell(entry: Entry) -> str:
    place = entry.statement.place
    if is_main_guard(entry.statement.node):
        return f'the part under `if __name__ == "__main__"` ({place})'
    if place.cell is None:
        return f"line {place.line} (test code)"
    return f"cell {place.cell} (a test cell)"


def _cells(entries: Sequence[Entry]) -> str:
    named = _distinct(entries)
    if len(named) > 3:
        return ", ".join(named[:2]) + f" and {len(named) - 2} others"
    return " and ".join(named)


def _unavailable(slicer: Slicer, definitions: Mapping[str, Definition]) -> Iterator[Note]:
    """Imports that the slice needs and that cannot work, at the top and inside functions."""
    told: set[tuple[str, str]] = set()
    for name, (entry, one) in slicer.unavailable.items():
        told.add((one.module, name))
        users = [f"`{d.name}`" for d in definitions.values() if name in (*d.undefined, *d.uses)]
        by = f" ({', '.join(users)} would need `{name}`)" if users else ""
        message = f"The import of `{one.module}` was left out: that module is not available here{by}."
        yield Note(Level.WARNING, message, entry.statement.place)
    for node in slicer.kept.values():
        if isinstance(node.entry.statement.node, (ast.Import, ast.ImportFrom)) or _is_prepared(node):
            continue
        for part in inner_imports(node.entry.statement.node):
            for one in imported(part):
                if not is_available(one.module, slicer.allowed) and (one.module, one.name) not in told:
                    told.add((one.module, one.name))
                    place = node.entry.statement.cell.place(part.lineno)
                    message = f"`{one.module}` is imported here, but it is not available."
                    yield Note(Level.WARNING, message, place)


def _is_prepared(node: Node) -> bool:
    """``try: import … except ImportError: …`` knows that the module may be missing."""
    statement = node.entry.statement.node
    return isinstance(statement, ast.Try) and bool(statement.handlers)


def _old_numpy(slicer: Slicer, compat: Sequence[str]) -> Iterator[Note]:
    kept_imports = [one for node in slicer.kept.values() for one in node.imports]
    numpy_names = {one.name for one in kept_imports if one.module == one.target == "numpy"}
    if not numpy_names:
        return
    told: set[tuple[str, Place]] = set()
    for order in sorted(slicer.kept):
        statement = slicer.kept[order].entry.statement
        for written, name, line in old_names(statement.node, numpy_names, compat):
            place = statement.cell.place(line)
            if (written, place) in told:
                continue
            told.add((written, place))
            instead = REMOVED.get(name.removeprefix("np."))
            hint = f"; today it is `{instead}`" if instead else ""
            function = getattr(statement.node, "name", None)
            if name in compat:
                message = f"`{written}` was removed from NumPy and is kept working here{hint}."
                yield Note(Level.INFO, message, place, function)
            else:
                yield Note(Level.WARNING, f"`{written}` was removed from NumPy{hint}.", place, function)
