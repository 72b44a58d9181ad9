"""Which names a top-level statement binds and which it reads, by Python's own rules of scope.

``symtable`` knows these rules too, but not *when* a name is read: a default value is read when the
function is defined, its body only when it is called, and that decides which binding it meets.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct, field

from grader.extract.tree import at_definition, children, walk


class Names(Struct, eq=False):
    """The module-level names of one statement. The numbers are lines of the first read."""

    binds: set[str] = field(default_factory=set)
    now: dict[str, int] = field(default_factory=dict)  # read when the statement is executed
    later: dict[str, int] = field(default_factory=dict)  # read when a function in it is called
    hints: dict[str, int] = field(default_factory=dict)  # read at once, but in annotations only
    sets_global: set[str] = field(default_factory=set)  # bound by a function through ``global``


def names_of(node: ast.stmt, lazy_annotations: bool = False) -> Names:
    """The names of one top-level statement.

    ``lazy_annotations`` as after ``from __future__ import annotations``.
    """
    reader = _Reader(lazy_annotations)
    try:
        reader.visit(node, _Scope("module", None))
    except RecursionError:
        return _roughly(node)
    return reader.names


def _roughly(node: ast.stmt) -> Names:
    """The names of a tree too deep to be walked scope by scope: too many reads rather than too few."""
    reads = {part.id: part.lineno for part in walk(node) if isinstance(part, ast.Name)}
    return Names(assigned([node]), reads)


class _Scope(Struct, eq=False):
    kind: str  # module, class: names count from where they are bound; function, inner: everywhere
    parent: _Scope | None
    bound: set[str] = field(default_factory=set)
    declared_global: set[str] = field(default_factory=set)
    later: bool = False


class _Reader:
    """Walks a statement in the order of execution."""

    def __init__(self, lazy_annotations: bool) -> None:
        self.names = Names()
        self.lazy_annotations = lazy_annotations
        self.in_annotation = False

    def visit(self, node: ast.AST, scope: _Scope) -> None:
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node, scope)
        else:
            for child in children(node):
                self.visit(child, scope)

    def visit_all(self, nodes: Iterable[ast.AST | None], scope: _Scope) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node, scope)

    def annotations(self, nodes: Iterable[ast.AST | None], scope: _Scope) -> None:
        self.in_annotation = True
        self.visit_all(nodes, scope)
        self.in_annotation = False

    # --- names

    def read(self, name: str, line: int, scope: _Scope) -> None:
        at: _Scope | None = scope
        while at is not None and at.kind != "module":
            if name in at.declared_global:
                break
            if name in at.bound and (at.kind != "class" or at is scope):
                return
            at = at.parent
        else:
            if at is not None and name in at.bound and not scope.later:
                return  # bound earlier by this very statement
        now = self.names.hints if self.in_annotation else self.names.now
        reads = self.names.later if scope.later else now
        reads.setdefault(name, line)

    def bind(self, name: str, scope: _Scope) -> None:
        while scope.kind == "inner":  # only := reaches here from a comprehension
            assert scope.parent is not None
            scope = scope.parent
        if scope.kind == "module":
            self.names.binds.add(name)
            scope.bound.add(name)
        elif name in scope.declared_global:
            if scope.later:
                self.names.sets_global.add(name)
            else:
                self.names.binds.add(name)  # a class body that says ``global``
        else:
            scope.bound.add(name)

    def name(self, node: ast.Name, scope: _Scope) -> None:
        if isinstance(node.ctx, ast.Store):
            self.bind(node.id, scope)
        else:
            self.read(node.id, node.lineno, scope)

    def subscript(self, node: ast.Subscript, scope: _Scope) -> None:
        self.visit_all(children(node), scope)
        if type(node.value) is ast.Call:
            self.by_text(node, scope)

    def call(self, node: ast.Call, scope: _Scope) -> None:
        self.visit_all(children(node), scope)
        if type(node.func) is ast.Attribute and type(node.func.value) is ast.Call:
            self.by_text(node, scope)

    def by_text(self, node: ast.Subscript | ast.Call, scope: _Scope) -> None:
        """``globals()["zero_pad"] = f`` binds a name of the module, wherever it stands."""
        (self.names.sets_global if scope.later else self.names.binds).update(
            bound_by_text(node, ("globals",) if scope.kind != "module" else _NAMESPACES)
        )

    def global_(self, node: ast.Global, scope: _Scope) -> None:
        scope.declared_global.update(node.names)

    # --- statements whose fields are not in the order of execution

    def assign(self, node: ast.Assign, scope: _Scope) -> None:
        self.visit(node.value, scope)
        self.visit_all(node.targets, scope)

    def aug_assign(self, node: ast.AugAssign, scope: _Scope) -> None:
        if isinstance(node.target, ast.Name):
            self.read(node.target.id, node.lineno, scope)
        self.visit(node.value, scope)
        self.visit(node.target, scope)

    def ann_assign(self, node: ast.AnnAssign, scope: _Scope) -> None:
        if scope.kind in ("module", "class") and not self.lazy_annotations:
            self.annotations([node.annotation], scope)
        if node.value is not None:
            self.visit(node.value, scope)
            self.visit(node.target, scope)
        elif not isinstance(node.target, ast.Name):
            self.visit(node.target, scope)

    def walrus(self, node: ast.NamedExpr, scope: _Scope) -> None:
        self.visit(node.value, scope)
        self.bind(node.target.id, scope)

    def for_(self, node: ast.For | ast.AsyncFor, scope: _Scope) -> None:
        self.visit_all([node.iter, node.target, *node.body, *node.orelse], scope)

    def handler(self, node: ast.ExceptHandler, scope: _Scope) -> None:
        self.visit_all([node.type], scope)
        if node.name:
            self.bind(node.name, scope)
        self.visit_all(node.body, scope)

    def import_(self, node: ast.Import | ast.ImportFrom, scope: _Scope) -> None:
        for alias in node.names:
            if alias.name != "*":
                self.bind(alias.asname or alias.name.split(".")[0], scope)

    def match_name(self, node: ast.MatchAs | ast.MatchStar, scope: _Scope) -> None:
        if isinstance(node, ast.MatchAs):
            self.visit_all([node.pattern], scope)
        if node.name:
            self.bind(node.name, scope)

    def match_mapping(self, node: ast.MatchMapping, scope: _Scope) -> None:
        self.visit_all([*node.keys, *node.patterns], scope)
        if node.rest:
            self.bind(node.rest, scope)

    def type_alias(self, node: Any, scope: _Scope) -> None:
        inner = self.typed(node, scope)
        self.visit_all([node.value], _function_scope(inner, ()))  # worked out when it is asked for
        self.bind(node.name.id, scope)

    # --- scopes

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope) -> None:
        self.visit_all(node.decorator_list, scope)
        self._defaults(node.args, scope)
        typed = self.typed(node, scope)
        if not self.lazy_annotations:
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            starred = [arg for arg in (node.args.vararg, node.args.kwarg) if arg]
            self.annotations([*(arg.annotation for arg in every + starred), node.returns], typed)
        self.bind(node.name, scope)
        inner = _function_scope(typed, _parameters(node.args))
        _collect(node.body, inner)
        self.visit_all(node.body, inner)

    def typed(self, node: Any, scope: _Scope) -> _Scope:
        """The scope of ``def f[T]`` (Python 3.12), or ``scope`` itself."""
        parameters = getattr(node, "type_params", None)
        if not parameters:
            return scope
        inner = _Scope("inner", scope, {p.name for p in parameters}, later=scope.later)
        for parameter in parameters:
            limits = [getattr(parameter, "bound", None), getattr(parameter, "default_value", None)]
            self.visit_all(limits, _function_scope(inner, ()))
        return inner

    def lambda_(self, node: ast.Lambda, scope: _Scope) -> None:
        self._defaults(node.args, scope)
        inner = _function_scope(scope, _parameters(node.args))
        _collect([node.body], inner)
        self.visit(node.body, inner)

    def _defaults(self, args: ast.arguments, scope: _Scope) -> None:
        self.visit_all([*args.defaults, *args.kw_defaults], scope)

    def class_(self, node: ast.ClassDef, scope: _Scope) -> None:
        self.visit_all(node.decorator_list, scope)
        typed = self.typed(node, scope)
        self.visit_all([*node.bases, *(keyword.value for keyword in node.keywords)], typed)
        inner = _Scope("class", typed, {"__module__", "__qualname__"}, later=scope.later)
        self.visit_all(node.body, inner)
        self.bind(node.name, scope)

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: _Scope
    ) -> None:
        inner = _Scope("inner", scope, later=scope.later)
        for generator in node.generators:
            inner.bound.update(_targets(generator.target))
        for index, generator in enumerate(node.generators):
            self.visit(generator.iter, inner if index else scope)  # the first one belongs outside
            self.visit_all(_not_names(generator.target), inner)
            self.visit_all(generator.ifs, inner)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self.visit_all(parts, inner)


#: What gives the names of a module as a dict, outside of functions.
_NAMESPACES = ("globals", "locals", "vars")


def bound_by_text(node: ast.AST, namespaces: Sequence[str] = ("globals",)) -> Iterator[str]:
    """The names that ``globals()["zero_pad"] = f`` and ``globals().update(zero_pad=f)`` bind."""
    names: list[object] = []
    space: ast.expr | None = None
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        space = node.value
        names.append(getattr(node.slice, "value", None))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        space = node.func.value
        names += [keyword.arg for keyword in node.keywords]
        for given in node.args:
            names += [getattr(key, "value", None) for key in getattr(given, "keys", ())]
    if isinstance(space, ast.Call) and not space.args and getattr(space.func, "id", "") in namespaces:
        yield from (name for name in names if isinstance(name, str))


def _function_scope(parent: _Scope, parameters: Iterable[str]) -> _Scope:
    return _Scope("function", parent, set(parameters), later=True)


def _parameters(args: ast.arguments) -> Iterator[str]:
    for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg):
        if arg is not None:
            yield arg.arg


def _targets(node: ast.AST) -> Iterator[str]:
    for child in walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id


def _not_names(target: ast.AST) -> Iterator[ast.AST]:
    """The parts of a target that read something: the ``a[i]`` of ``for a[i] in …``."""
    for child in walk(target):
        if isinstance(child, (ast.Subscript, ast.Attribute)):
            yield child


def _collect(body: Iterable[ast.AST], scope: _Scope) -> None:
    """Enter everything that a function's body binds, wherever it stands in it, into its scope."""
    own = _own_nodes(body)
    declared: set[str] = set()
    for node in own:
        if isinstance(node, ast.Global):
            scope.declared_global.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            declared.update(node.names)
    scope.bound |= _bound_by(own)
    scope.bound -= scope.declared_global | declared


def assigned(body: Iterable[ast.AST]) -> set[str]:
    """What statements bind, found without a look at scopes."""
    return _bound_by(_own_nodes(body))


def _bound_by(nodes: Iterable[ast.AST]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                found.add(node.id)
        elif not isinstance(node, _BINDING):
            continue
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(a.asname or a.name.split(".")[0] for a in node.names)
        elif isinstance(node, ast.MatchMapping):
            if node.rest:
                found.add(node.rest)
        elif node.name:
            found.add(node.name)
    return found


#: Kinds of nodes, beside names, that bind one.
_BINDING = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Import,
    ast.ImportFrom,
    ast.ExceptHandler,
    ast.MatchAs,
    ast.MatchStar,
    ast.MatchMapping,
)


def _own_nodes(body: Iterable[ast.AST]) -> list[ast.AST]:
    """The nodes of a body that belong to its own scope; of a comprehension only what ``:=`` binds."""
    stack, found = list(body), []
    while stack:
        node = stack.pop()
        found.append(node)
        kind = type(node)
        if kind not in _SCOPES:
            stack += children(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            stack += at_definition(node)
        elif isinstance(node, ast.ClassDef):
            stack += [*node.decorator_list, *node.bases]
        elif kind.__name__ == "TypeAlias":
            stack.append(node.name)  # type: ignore[attr-defined]
        else:
            stack += [part for part in walk(node) if isinstance(part, ast.NamedExpr)]
    return found


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
#: Kinds of nodes below which another scope begins.
_SCOPES = {ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, *_COMPREHENSIONS}
if hasattr(ast, "TypeAlias"):
    _SCOPES.add(ast.TypeAlias)


_Handler = Callable[[_Reader, Any, _Scope], None]
_HANDLERS: dict[type[ast.AST], _Handler] = {
    ast.Name: _Reader.name,
    ast.Subscript: _Reader.subscript,
    ast.Call: _Reader.call,
    ast.Global: _Reader.global_,
    ast.Assign: _Reader.assign,
    ast.AugAssign: _Reader.aug_assign,
    ast.AnnAssign: _Reader.ann_assign,
    ast.NamedExpr: _Reader.walrus,
    ast.For: _Reader.for_,
    ast.AsyncFor: _Reader.for_,
    ast.ExceptHandler: _Reader.handler,
    ast.Import: _Reader.import_,
    ast.ImportFrom: _Reader.import_,
    ast.MatchAs: _Reader.match_name,
    ast.MatchStar: _Reader.match_name,
    ast.MatchMapping: _Reader.match_mapping,
    ast.FunctionDef: _Reader.function,
    ast.AsyncFunctionDef: _Reader.function,
    ast.Lambda: _Reader.lambda_,
    ast.ClassDef: _Reader.class_,
    ast.ListComp: _Reader.comprehension,
    ast.SetComp: _Reader.comprehension,
    ast.GeneratorExp: _Reader.comprehension,
    ast.DictComp: _Reader.comprehension,
}
if hasattr(ast, "TypeAlias"):
    _HANDLERS[ast.TypeAlias] = _Reader.type_alias
