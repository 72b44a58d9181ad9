"""Every module-level name of a submission: the statements that bind it, and which of them count.

The rule of thumb is that a doubt is settled in favour of keeping: a constant too many rarely makes a
wrong function right, but a constant too few makes a right function fail.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from grader.extract.cells import Statement
from grader.extract.effects import COMPOUND, DEFINITION, Effect, World, holds_definition, is_main_guard
from grader.extract.faults import Fault
from grader.extract.imports import (
    Imported,
    imported,
    imported_by_call,
    inner_imports,
    is_available,
    public_names,
)
from grader.extract.names import Names, bound_by_text, names_of
from grader.extract.tree import immediate, walk

#: What may stand on the right of ``conv_forward =``.
_NAMES_A_FUNCTION = (
    ast.Call, ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.IfExp, ast.BoolOp, ast.NamedExpr,
)  # fmt: skip
_WRITES_FIRST = frozenset(("copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis"))
_CHANGES = frozenset(
    ("append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "remove", "discard",
     "clear", "sort", "reverse", "fill", "put", "itemset", "resize", "partition", "setflags", "register")
)  # fmt: skip
_CONTAINERS = frozenset(("dict", "list", "set", "defaultdict", "OrderedDict", "Counter", "deque"))
#: Words without which no class learns of its subclasses.
_REGISTERS = ("__init_subclass__", "__subclasses__", "metaclass")
#: Classes above a class that are looked at: a chain of thousands would take minutes.
_MOST_ANCESTORS = 50


class Entry(Struct, eq=False):
    """A top-level statement and what the slice has to know of it."""

    statement: Statement
    binds: frozenset[str]
    lazy_annotations: bool = False
    _names: Names | None = None
    effect: Effect | None = None  # why it stays out
    imports: tuple[Imported, ...] = ()
    changes: frozenset[str] = frozenset()  # names whose value it changes in place
    is_value: bool = False  # binds plain values, which only count outside trials
    fault: Fault | None = None  # it parses, but Python would not compile it
    bare_of: tuple[ast.expr, ...] = ()  # decorators that were taken off it

    @property
    def names(self) -> Names:
        """What it reads; worked out only for the statements that matter."""
        if self._names is None:
            self._names = names_of(self.statement.node, self.lazy_annotations)
        return self._names

    @property
    def counts(self) -> bool:
        """Whether it may enter the slice."""
        return self.effect is None and self.fault is None

    def is_total(self, name: str) -> bool:
        """Whether it binds ``name`` whatever was bound before."""
        node = self.statement.node
        if isinstance(node, (*COMPOUND, ast.AugAssign)):
            return False
        return not any(i.dotted and i.name == name for i in self.imports)


class Table(Struct, eq=False):
    """All statements, and for each name those that bind it and those that change it."""

    entries: list[Entry]
    binding: dict[str, list[Entry]] = field(default_factory=dict)  # in the order of the submission
    changing: dict[str, list[Entry]] = field(default_factory=dict)
    stars: list[Entry] = field(default_factory=list)  # from … import *
    limits: list[Entry] = field(default_factory=list)  # sys.setrecursionlimit(…)
    lazy_annotations: bool = False


def tabulate(statements: Sequence[Statement], wanted: Iterable[str], allowed: Sequence[str]) -> Table:
    """The table of a submission's statements."""
    lazy = any(_is_future(s.node, "annotations") for s in statements)
    entries = [_entry(statement, lazy) for statement in statements]
    world = World(frozenset(wanted))
    for entry in reversed(entries):  # cells are run out of order: an import may stand below its first use
        _learn_imports(entry, world, allowed)
    _judge(entries, world, allowed)
    table = Table(entries, lazy_annotations=lazy)
    calls = _Calls(entries)
    for entry in entries:
        entry.changes |= frozenset(calls.changes(entry))
        for name in entry.binds:
            table.binding.setdefault(name, []).append(entry)
        for name in entry.changes:
            table.changing.setdefault(name, []).append(entry)
        if any(i.name == "*" for i in entry.imports):
            table.stars.append(entry)
        if _sets_limit(entry.statement.node):
            table.limits.append(entry)
    return table


def _sets_limit(node: ast.stmt) -> bool:
    called = node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
    return "setrecursionlimit" in (getattr(called, "attr", ""), getattr(called, "id", ""))


def _is_future(node: ast.AST, feature: str = "") -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and (not feature or any(alias.name == feature for alias in node.names))
    )


def _entry(statement: Statement, lazy: bool) -> Entry:
    node = statement.node
    if isinstance(node, DEFINITION):
        return Entry(statement, frozenset({node.name}), lazy)
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        imports = tuple(imported(node))
        return Entry(statement, frozenset(one.name for one in imports) - {"*"}, lazy, imports=imports)
    by_call = imported_by_call(node)
    if by_call:
        return Entry(statement, frozenset({by_call.name}), lazy, imports=(by_call,))
    names = names_of(node, lazy)
    return Entry(statement, frozenset(names.binds), lazy, names, changes=frozenset(_changes(node)))


def _changes(node: ast.stmt) -> Iterator[str]:
    """Names whose value the statement changes in place: ``t[k] = v``, ``C.f = g``, ``fs.append(f)``."""
    for part in immediate(node, ast.Subscript, ast.Attribute, ast.Expr):
        if isinstance(part, ast.Expr):
            call = part.value
            if not isinstance(call, ast.Call):
                continue
            if isinstance(call.func, ast.Name) and call.func.id == "setattr" and call.args:
                yield from _root(call.args[0])
            elif isinstance(call.func, ast.Attribute) and call.func.attr in _CHANGES:
                yield from _root(call.func.value)
        elif isinstance(part, (ast.Subscript, ast.Attribute)) and not isinstance(part.ctx, ast.Load):
            yield from _root(part.value)


class _Calls:
    """What a call on a line of its own, or a decorator, changes: ``register("pad", f)``, ``@T.add``."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._functions: dict[str, ast.FunctionDef] = {}
        self._classes: dict[str, ast.ClassDef] = {}
        cells = {entry.statement.position: entry.statement.cell for entry in entries}.values()
        registers = any(word in cell.source for cell in cells for word in _REGISTERS)
        self._own: set[str] = set()  # names that the module itself makes
        for entry in entries:
            node = entry.statement.node
            if isinstance(node, ast.FunctionDef):
                self._functions[node.name] = node
            elif registers and isinstance(node, ast.ClassDef):
                self._classes[node.name] = node
            if not entry.imports:
                self._own |= entry.binds
        self._known: dict[str, frozenset[str]] = {}

    def changes(self, entry: Entry) -> Iterator[str]:
        """Names of the module that the statement may change."""
        node = entry.statement.node
        for decorator in getattr(node, "decorator_list", ()):
            yield from self._of(decorator, entry)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield from self._of(node.value, entry)
        elif isinstance(node, ast.ClassDef) and self._classes:
            for name in self._ancestors(node):
                yield name
                yield from self._by(name)

    def _ancestors(self, node: ast.ClassDef) -> set[str]:
        """Classes of the module that learn of a new class: ``__init_subclass__``, ``__subclasses__()``."""
        found: set[str] = set()
        classes = [node]
        while classes and len(found) < _MOST_ANCESTORS:
            one = classes.pop()
            parts = [*one.bases, *(keyword.value for keyword in one.keywords)]
            names = {part.id for part in parts if isinstance(part, ast.Name)} & self._classes.keys()
            classes += [self._classes[name] for name in names - found]
            found |= names
        return found - {node.name}

    def _of(self, one: ast.expr, entry: Entry) -> Iterator[str]:
        called, args, keywords = one, [], []
        if isinstance(one, ast.Call):
            called, args, keywords = one.func, one.args, one.keywords
        written = [*args, *(k.value for k in keywords)]
        roots = set(_root(called.value)) if isinstance(called, ast.Attribute) else set()
        if isinstance(called, ast.Name) and called.id in self._functions:
            yield from self._by(called.id)
        elif roots & self._own:
            yield from roots
        else:  # a library's: only what it is told to write into
            writes_first = isinstance(called, ast.Attribute) and called.attr in _WRITES_FIRST
            written = [*args[:writes_first], *(k.value for k in keywords if k.arg == "out")]
        yield from ({part.id for part in written if isinstance(part, ast.Name)} & self._own) - entry.binds

    def _by(self, name: str) -> frozenset[str]:
        """What a function or class of the module changes, functions inside it included."""
        if name not in self._known:
            found: set[str] = set()
            inside: set[str] = set()
            for part in walk(self._functions.get(name) or self._classes[name]):
                if isinstance(part, ast.arg):
                    inside.add(part.arg)
                elif isinstance(part, ast.Global):
                    found.update(part.names)
                elif isinstance(part, (ast.Subscript, ast.Call)):
                    found.update(bound_by_text(part))
                elif isinstance(part, ast.stmt) and not isinstance(part, DEFINITION):
                    found.update(_changes(part))
            self._known[name] = frozenset(found - inside)
        return self._known[name]


def _root(node: ast.AST) -> Iterator[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


# --------------------------------------------------------------------------- what counts


def _judge(entries: list[Entry], world: World, allowed: Sequence[str]) -> None:
    """Set ``effect`` of every entry, cell by cell, in the order of the submission."""
    trial_reads: set[str] = set()
    counters = _set_by_functions(entries)
    doubtful: list[Entry] = []
    settings: list[Entry] = []
    at = 0
    while at < len(entries):
        end = at
        while end < len(entries) and entries[end].statement.position == entries[at].statement.position:
            end += 1
        cell = entries[at:end]
        at = end
        defines = any(_is_definition(entry) for entry in cell)
        for run in _runs(cell):
            trials = _judge_run(run, world, allowed)
            trial_reads.update(name for entry in trials for name in entry.names.now)
            for entry in run if trials else ():
                if entry.effect is None and entry.is_value and not (entry.binds and entry.binds <= counters):
                    if defines:
                        doubtful.append(entry)
                    elif _is_setting(entry) or _is_empty(entry):
                        settings.append(entry)
                    else:
                        _stay_out(entry, world)
    for entry in doubtful:
        if not world.outside.keys().isdisjoint(entry.names.now) or not _is_for_the_program(
            entry, entries, trial_reads
        ):
            _stay_out(entry, world)
    setting: dict[str, set[int]] = {}  # name → what counts and sets it
    for entry in entries if settings else ():
        for name in entry.binds if entry.counts else ():
            setting.setdefault(name, set()).add(entry.statement.order)
    for entry in settings:  # one among trials does not replace what the program itself sets
        is_data = not _is_setting(entry) and entry.binds & trial_reads
        setters = [setting.get(name, set()) for name in entry.binds]
        if is_data or any(len(found) > (entry.statement.order in found) for found in setters):
            _stay_out(entry, world)
            for found in setters:
                found.discard(entry.statement.order)


def _set_by_functions(entries: list[Entry]) -> set[str]:
    """Names that a function sets through ``global``: where they begin (``calls = 0``) belongs to it."""
    return {
        name
        for entry in entries
        if isinstance(entry.statement.node, DEFINITION) and any("global" in x for x in entry.statement.lines)
        for name in entry.names.sets_global
    }


def _is_definition(entry: Entry) -> bool:
    node = entry.statement.node
    return (
        bool(entry.imports)
        or isinstance(node, (*DEFINITION, ast.Import, ast.ImportFrom))
        or (isinstance(node, COMPOUND) and not is_main_guard(node) and holds_definition(node))
    )


def _runs(cell: list[Entry]) -> Iterator[list[Entry]]:
    """Definitions, each on its own, and between them the stretches of other statements."""
    run: list[Entry] = []
    for entry in cell:
        if _is_definition(entry):
            if run:
                yield run
            yield [entry]
            run = []
        else:
            run.append(entry)
    if run:
        yield run


def _judge_run(run: list[Entry], world: World, allowed: Sequence[str]) -> list[Entry]:
    """Set ``effect`` of each entry; returns those that try the program out."""
    trials = []
    for entry in run:
        node = entry.statement.node
        if _is_definition(entry):
            _take_off(entry, world)
            world.learn(entry.statement, entry.binds, None)
            _learn_imports(entry, world, allowed)
            continue
        entry.effect = world.effect(node, entry.names.now)
        if entry.effect is not None and entry.effect.is_trial:
            trials.append(entry)
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)) else None
        if isinstance(node, ast.Expr):
            value = value.value if isinstance(value, ast.NamedExpr) else value if entry.binds else None
        rebinds = bool(entry.binds & world.wanted)  # conv_forward = timed(conv_forward)
        wraps = rebinds and isinstance(value, _NAMES_A_FUNCTION)
        entry.is_value = not wraps and not world.is_function_value(value)
        world.learn(entry.statement, entry.binds, entry.effect)
    return trials


def _take_off(entry: Entry, world: World) -> None:
    """Take off decorators that cannot be had (``@tf.function``): what they adorn can do without."""
    statement = entry.statement
    node = statement.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    lines = list(statement.lines)
    bare_of, kept = [], []
    for one in node.decorator_list:
        called = one.func if isinstance(one, ast.Call) else one
        begin, end = one.lineno - statement.first, (one.end_lineno or one.lineno) - statement.first
        stands_alone = lines[begin].lstrip().startswith("@") and end < node.lineno - statement.first
        if stands_alone and any(world.is_not_here(name) for name in _root(called)):
            bare_of.append(one)
            lines[begin : end + 1] = [""] * (end + 1 - begin)
        else:
            kept.append(one)
    if bare_of:
        entry.bare_of = tuple(bare_of)
        fields = {name: getattr(node, name) for name in node._fields}
        fields["decorator_list"] = kept
        bare = ast.copy_location(type(node)(**fields), node)
        entry.statement = statement._replace(node=bare, lines=tuple(lines))


def _learn_imports(entry: Entry, world: World, allowed: Sequence[str]) -> None:
    found = list(entry.imports)
    if isinstance(entry.statement.node, COMPOUND):
        for inner in inner_imports(entry.statement.node):
            found += imported(inner)
    for one in sorted(found, key=lambda i: is_available(i.module, allowed)):  # the available one counts
        if one.name == "*":
            for name in public_names(one.module) or ():
                world.imports.setdefault(name, Imported(name, one.module, f"{one.module}.{name}", ""))
            continue
        world.imports[one.name] = one
        if is_available(one.module, allowed):
            world.unavailable.discard(one.name)
        else:
            world.unavailable.add(one.name)


def _stay_out(entry: Entry, world: World) -> None:
    entry.effect = Effect("it stands among statements that try the functions out", is_trial=True)
    for name in entry.binds:
        world.outside[name] = True


def _is_setting(entry: Entry) -> bool:
    """``PAD_AXES = (1, 2)``, ``debug = False``: written as what configures a program, wherever it stands."""
    node = entry.statement.node
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None or not entry.binds:
        return False
    return _is_switch(node.value) or (_is_named_as_constant(entry) and not entry.names.now)


def _is_empty(entry: Entry) -> bool:
    """``log = []``, ``counts = defaultdict(int)``: it holds nothing that a trial could have made."""
    value = entry.statement.node.value if isinstance(entry.statement.node, ast.Assign) else None
    if isinstance(value, (ast.List, ast.Dict)):
        return not (value.elts if isinstance(value, ast.List) else value.keys)
    if not isinstance(value, ast.Call) or value.keywords:
        return False
    called = getattr(value.func, "attr", getattr(value.func, "id", ""))
    is_typed = called == "defaultdict" and all(isinstance(kind, ast.Name) for kind in value.args)
    return called in _CONTAINERS and (is_typed or not value.args)


def is_placeholder(entry: Entry) -> bool:
    """``weights = None``, ``config = {}``: what is meant comes later."""
    value = getattr(entry.statement.node, "value", None)
    return _is_empty(entry) or (isinstance(value, ast.Constant) and value.value is None)


def _is_switch(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and type(value.value) is bool


def _is_named_as_constant(entry: Entry) -> bool:
    return all(name.isupper() and len(name) > 1 for name in entry.binds)


def _is_for_the_program(entry: Entry, entries: list[Entry], trial_reads: set[str]) -> bool:
    """Whether a plain value between definitions and trials of one cell belongs to the definitions.

    It does when its name is written like a constant's, or when no trial reads it and it is empty or a
    function that comes after it reads it.
    """
    if entry.changes and not entry.binds:
        return True
    if _is_named_as_constant(entry) or _is_setting(entry):
        return True
    if entry.binds & trial_reads or entry.statement.is_guarded:
        return False
    return _is_empty(entry) or any(
        later.statement.order > entry.statement.order
        and isinstance(later.statement.node, DEFINITION)
        and not entry.binds.isdisjoint(later.names.later.keys() | later.names.now.keys())
        for later in entries
    )
