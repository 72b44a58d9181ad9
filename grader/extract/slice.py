"""The dependency slice: the statements that the wanted functions need, and no other.

Starting from the wanted names, every name that a kept statement reads is looked up: at once for what
it reads when it is executed, at the end of the submission for what its functions read when called.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from grader.extract.bindings import Entry, Table
from grader.extract.imports import Imported, is_available, public_names
from grader.extract.tree import blocks

#: Names that every module has without binding them.
GIVEN = frozenset(dir(builtins)) | {
    "__name__", "__doc__", "__file__", "__builtins__", "__spec__", "__loader__", "__package__", "__class__",
    "__annotations__", "__dict__", "__debug__",
}  # fmt: skip
_END = 1 << 60
_MOST_FINALLY = 4


@dataclass(slots=True)
class Node:
    """A kept statement with what it reads."""

    entry: Entry
    imports: list[Imported] = field(default_factory=list)  # the names of an import statement that are kept
    reads: dict[str, int] = field(default_factory=dict)  # name: line of the first read, in its cell
    needs: list[Entry] = field(default_factory=list)
    missing: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Lookup:
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
        self._open: list[Node] = []
        self._star_names: frozenset[str] | None = frozenset()
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
        for name in names:
            self._keep_all(self.look_up(name), name)
        while self._open:
            self._follow(self._open.pop())

    def look_up(self, name: str, before: int = _END) -> Lookup:
        """The statements that make up ``name`` for a statement at position ``before``, the last one first."""
        found = Lookup()
        last_first = reversed(self.table.binding.get(name, ()))
        for entry in last_first:
            if entry.statement.order >= before or not entry.counts:
                continue
            one = next((i for i in entry.imports if i.name == name), None)
            if one is not None and not is_available(one.module, self.allowed):
                found.unavailable = found.unavailable or (entry, one)
                continue
            if not self._compiles(entry):
                continue
            found.entries.append(entry)
            if entry.is_total(name):
                break
        if found.entries:
            first = found.entries[-1].statement.order
            for entry in self.table.changing.get(name, ()):
                if first < entry.statement.order < before and entry.counts and self._compiles(entry):
                    found.entries.append(entry)
        return found

    def _follow(self, node: Node) -> None:
        names = node.entry.names
        order = node.entry.statement.order
        for reads, before in ((names.now, order), (names.later, _END)):
            for name, line in reads.items():
                node.reads.setdefault(name, line)
                found = self.look_up(name, before)
                if not found.entries and name not in GIVEN and not self._is_starred(name):
                    if before != _END and name in node.entry.binds and not found.unavailable:
                        continue  # x += 1 without an x before: the sandbox will say it
                    node.missing.setdefault(name, line)
                node.needs += found.entries
                self._keep_all(found, name)

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

    def _compiles(self, entry: Entry) -> bool:
        """Whether Python can compile the statement: ``return`` outside a function parses well."""
        if entry.statement.order not in self.kept and not entry.spoilt:
            entry.spoilt, line = _compile_error(entry.statement.node, self.table.lazy_annotations)
            entry.spoilt_line = line or entry.statement.node.lineno
        return not entry.spoilt

    def reachable(self, name: str, stop: Iterable[str] = ()) -> Iterator[Node]:
        """The kept statements that ``name`` rests on, without going into those that make up ``stop``."""
        barrier = {e.statement.order for other in stop if other != name for e in self.look_up(other).entries}
        stack = list(self.look_up(name).entries)
        seen: set[int] = set()
        while stack:
            order = stack.pop().statement.order
            if order in seen or order in barrier:
                continue
            seen.add(order)
            node = self.kept[order]
            yield node
            stack += node.needs


def _compile_error(node: ast.stmt, lazy_annotations: bool) -> tuple[str, int | None]:
    """Python's message and line if the statement parses but cannot be compiled, else ''."""
    import __future__

    if _finally_depth(node) > _MOST_FINALLY:  # compiling doubles the code at every level
        return "try … finally is nested too deeply", None
    flags = __future__.annotations.compiler_flag if lazy_annotations else 0
    try:
        compile(ast.Module([node], []), "<submission>", "exec", flags=flags, dont_inherit=True)
    except SyntaxError as error:
        return error.msg or "invalid syntax", error.lineno
    except (RecursionError, MemoryError, ValueError, OverflowError):
        return "it is too large or nested too deeply", None
    return "", None


def _finally_depth(node: ast.AST) -> int:
    stack: list[tuple[ast.AST, int]] = [(node, 0)]
    deepest = 0
    while stack:
        one, depth = stack.pop()
        if getattr(one, "finalbody", None):
            depth += 1
            deepest = max(deepest, depth)
        stack += [(inner, depth) for inner in blocks(one)]
    return deepest
