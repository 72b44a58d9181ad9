"""The dependency slice: the statements that the wanted functions need, and no other.

Starting from the wanted names, every name that a kept statement reads is looked up: at once for what
it reads when it is executed, at the end of the submission for what its functions read when called.
"""

from __future__ import annotations

import ast
import builtins
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from grader.extract.bindings import Entry, Table, is_placeholder
from grader.extract.effects import DEFINITION
from grader.extract.faults import fault
from grader.extract.imports import Imported, is_available, public_names
from grader.extract.tree import walk

#: Names that every module has without binding them.
GIVEN = frozenset(dir(builtins)) | {
    "__name__", "__doc__", "__file__", "__builtins__", "__spec__", "__loader__", "__package__", "__class__",
    "__annotations__", "__dict__", "__debug__", "display", "get_ipython",
}  # fmt: skip
#: Names under which a submission that imports NumPy nowhere may still use it, and the missing line.
NUMPY = {"np": "import numpy as np", "numpy": "import numpy"}
#: Builtins that look names up by text.
_BY_TEXT = frozenset({"globals", "eval"})
_END = 1 << 60


class Node(Struct, eq=False):
    """A kept statement with what it reads."""

    entry: Entry
    comes_first: bool = False  # an import below its first use: cells are run out of order
    imports: list[Imported] = field(default_factory=list)  # the names of an import statement that are kept
    reads: dict[str, int] = field(default_factory=dict)  # name: line of the first read, in its cell
    needs: list[Entry] = field(default_factory=list)
    missing: dict[str, int] = field(default_factory=dict)


class Lookup(Struct, eq=False):
    """Where a name comes from at some point: statements, or nothing, or an import that cannot work."""

    entries: list[Entry] = field(default_factory=list)
    unavailable: tuple[Entry, Imported] | None = None


class Slicer:
    """Collects the statements that are needed; ``kept`` maps the order of a statement to its node."""

    def __init__(self, table: Table, allowed: Sequence[str]) -> None:
        self.table = table
        self.allowed = allowed
        self.kept: dict[int, Node] = {}
        self.unavailable: dict[str, tuple[Entry, Imported]] = {}
        self.given: dict[str, Entry] = {}  # names of NumPy that nothing binds: NumPy is the exercise's own
        self.lazy_at: Entry | None = None  # annotations must not be evaluated: this one could not be
        self._open: list[Node] = []
        self._has_definitions = False
        self._star_names: frozenset[str] | None = frozenset()
        self._read_at_once: dict[int, dict[str, int]] | None = None
        for entry in table.stars:
            stars = [i for i in entry.imports if is_available(i.module, allowed)]
            for star in stars:
                self._keep(entry, "*")
                names = public_names(star.module)
                if names is None:
                    self._star_names = None
                elif self._star_names is not None:
                    self._star_names |= names

    def want(self, names: Iterable[str]) -> None:
        """Keep everything that the names need."""
        for entry in self.table.limits:
            if entry.counts:
                self._keep(entry, "")
        for name in names:
            self._keep_all(self.look_up(name, reader=0), name)
        while self._open:
            self._follow(self._open.pop())

    def look_up(self, name: str, before: int = _END, reader: int = _END) -> Lookup:
        """What ``name`` is for a statement at position ``before``: its last binding, and its last change.

        ``reader`` is where a function that reads it stands: a plain value below it (``sum = 0`` in the last
        cell) does not take a function, an import or a builtin of that name away from it, and one that its
        own cell uses up (``axes = "x"; print(axes)``) not a value of another kind.

        What those rest on in turn (``n += 1`` on an earlier ``n``) is found when they are looked into.
        """
        found = Lookup()
        if reader < before:
            before = self._end(name, before, reader)
        for entry in _before(self.table.binding.get(name, ()), before):
            one = next((i for i in entry.imports if i.name == name), None)
            if one is not None and not is_available(one.module, self.allowed):
                found.unavailable = found.unavailable or (entry, one)
            elif self._is_sound(entry):
                if entry.statement.order > reader and _is_plain(entry) and self._is_more(name, entry):
                    continue
                found.entries.append(entry)
                break
        if found.entries or not found.unavailable:
            for entry in _before(self.table.changing.get(name, ()), before):
                if found.entries and entry.statement.order < found.entries[0].statement.order:
                    break
                if self._is_sound(entry):
                    found.entries.append(entry)
                    break
        return found

    def _is_more(self, name: str, entry: Entry) -> bool:
        """Whether ``name`` is a builtin, or was bound to more than a plain value before ``entry``."""
        earlier = _before(self.table.binding.get(name, ()), entry.statement.order)
        return name in GIVEN or any(not _is_plain(one) for one in earlier)

    def _end(self, name: str, before: int, reader: int) -> int:
        """``before``, or where the values begin that cells below a reader make for themselves."""
        passed_over: list[Entry] = []
        kind = ""
        for entry in _before(self.table.binding.get(name, ()), before):
            if entry.statement.order < reader or not self._is_used_up(name, entry):
                kind = _kind(entry) if entry.is_value and not is_placeholder(entry) else ""
                break
            passed_over.append(entry)
        for entry in passed_over if kind else ():
            if _kind(entry) == kind:
                break
            before = entry.statement.order
        return before

    def _is_used_up(self, name: str, entry: Entry) -> bool:
        """Whether a value is of the cell that makes it: nothing is defined there, and it is read at once."""
        node = entry.statement.node
        if not entry.is_value or not isinstance(node, (ast.Assign, ast.For)):
            return False
        if isinstance(node, ast.For) and any(getattr(part, "id", "") == name for part in walk(node.target)):
            return True
        if self._read_at_once is None:
            self._read_at_once = _read_at_once(self.table)
        read = self._read_at_once.get(entry.statement.position, {})
        return bool(_kind(entry)) and read.get(name, 0) > entry.statement.order

    def _follow(self, node: Node) -> None:
        names = node.entry.names
        order = node.entry.statement.order
        for name in node.entry.binds:
            if not node.entry.is_total(name):
                earlier = self.look_up(name, order)
                node.needs += earlier.entries
                self._keep_all(earlier, name)
        for name in node.entry.changes:
            earlier = self.look_up(name, order)  # a registration need not read what it changes
            node.needs += earlier.entries
            self._keep_all(earlier, name)
        for name in names.hints:
            found = self.look_up(name, order)
            if found.entries:
                node.needs += found.entries
                self._keep_all(found, name)
            elif name not in GIVEN and not self._is_starred(name):
                self.lazy_at = self.lazy_at or node.entry
        for reads, before in ((names.now, order), (names.later, _END)):
            for name, line in reads.items():
                node.reads.setdefault(name, line)
                found = self.look_up(name, before, order if before == _END else _END)
                if before != _END and not found.entries:
                    found = self._import_below(name) or found
                if not found.entries and name not in GIVEN and not self._is_starred(name):
                    if before != _END and name in node.entry.binds and not found.unavailable:
                        continue  # x += 1 without an x before: the sandbox will say it
                    if name in NUMPY and not found.unavailable and is_available("numpy", self.allowed):
                        self.given.setdefault(name, node.entry)
                        continue
                    node.missing.setdefault(name, line)
                node.needs += found.entries
                self._keep_all(found, name)
                if name in _BY_TEXT and not found.entries:
                    self._keep_definitions()

    def _keep_definitions(self) -> None:
        """``globals()["pad_" + mode]`` may mean any function or module; plain values it may not."""
        names = () if self._has_definitions else tuple(self.table.binding)
        self._has_definitions = True
        for name in names:
            found = self.look_up(name, reader=0)
            if found.entries and (
                found.entries[0].imports or isinstance(found.entries[0].statement.node, DEFINITION)
            ):
                self._keep_all(found, name)

    def _import_below(self, name: str) -> Lookup | None:
        found = self.look_up(name)
        if not found.entries or not found.entries[0].imports:
            return None
        self._keep(found.entries[0], name)
        self.kept[found.entries[0].statement.order].comes_first = True
        return found

    def _keep_all(self, found: Lookup, name: str) -> None:
        for entry in found.entries:
            self._keep(entry, name)
        if found.unavailable and not found.entries:
            self.unavailable.setdefault(name, found.unavailable)

    def _keep(self, entry: Entry, name: str) -> None:
        order = entry.statement.order
        node = self.kept.get(order)
        if node is None:
            node = self.kept[order] = Node(entry)
            self._open.append(node)
        for one in entry.imports:
            if one.name == name and one not in node.imports and is_available(one.module, self.allowed):
                node.imports.append(one)

    def _is_starred(self, name: str) -> bool:
        return self._star_names is None or name in self._star_names

    def _is_sound(self, entry: Entry) -> bool:
        if entry.statement.order not in self.kept and entry.fault is None:
            entry.fault = fault(entry.statement.node)
        return entry.fault is None

    def reachable(self, name: str, stop: Iterable[str] = ()) -> Iterator[Node]:
        """The kept statements that ``name`` rests on, without going into those that make up ``stop``."""
        barrier = {
            e.statement.order
            for other in stop
            if other != name
            for e in self.look_up(other, reader=0).entries
        }
        stack = list(self.look_up(name, reader=0).entries)
        seen: set[int] = set()
        while stack:
            order = stack.pop().statement.order
            if order in seen or order in barrier:
                continue
            seen.add(order)
            node = self.kept[order]
            yield node
            stack += node.needs


def _before(entries: Sequence[Entry], position: int) -> Iterator[Entry]:
    """Those entries that count and stand before a position, the last one first."""
    for at in range(bisect_left(entries, position, key=_order) - 1, -1, -1):
        if entries[at].counts:
            yield entries[at]


def _read_at_once(table: Table) -> dict[int, dict[str, int]]:
    """The names that the cells which define nothing read at once, and the last statement that does."""
    found: dict[int, dict[str, int]] = {}
    for one in table.entries:
        read = found.setdefault(one.statement.position, {})
        if not one.imports and not isinstance(one.statement.node, DEFINITION):
            read.update(dict.fromkeys(one.names.now, one.statement.order))
    for one in table.entries:
        if isinstance(one.statement.node, DEFINITION):
            found[one.statement.position] = {}
    return found


def _kind(entry: Entry) -> str:
    """Of what kind a value plainly is; a name that is bound again to another kind is another thing."""
    node = entry.statement.node
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    if isinstance(node, ast.For) or (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple)):
        return "unpacked"
    if isinstance(value, ast.Constant) and isinstance(value.value, (int, float, complex)):
        return "number"
    if isinstance(value, ast.Constant):
        return type(value.value).__name__
    return type(value).__name__ if isinstance(value, (ast.List, ast.Tuple, ast.Dict, ast.Set)) else ""


def _is_plain(entry: Entry) -> bool:
    """Whether a statement plainly binds no function: ``sum = 0``, ``total += x``, ``for np in range(3)``."""
    node = entry.statement.node
    if isinstance(node, (ast.For, ast.AugAssign)):
        return entry.is_value
    return isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, _PLAIN)


_PLAIN = (
    ast.Constant, ast.UnaryOp, ast.BinOp, ast.Compare, ast.BoolOp, ast.JoinedStr,
    ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp,
)  # fmt: skip


def _order(entry: Entry) -> int:
    return entry.statement.order
