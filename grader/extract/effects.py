"""Is a top-level statement part of the program, or is it a trial run of it?

A notebook mixes both. The program may enter the slice; trial runs (calls of the graded functions,
random data, files) may not, and neither may the plain values that stand among them: a function that
reads ``stride`` out of a test cell is wrong, although it works in the student's notebook.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct, field

from grader.extract.cells import Statement
from grader.extract.imports import Imported
from grader.extract.tree import immediate, walk

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
COMPOUND = tuple(
    getattr(ast, name)
    for name in ("If", "Try", "TryStar", "With", "AsyncWith", "For", "AsyncFor", "While", "Match")
    if hasattr(ast, name)
)

_RANDOM = ("numpy.random.", "random.", "secrets.", "uuid.")
_NOT_RANDOM = frozenset({"numpy.random.seed", "random.seed"})
_FILES = frozenset(
    f"numpy.{name}"
    for name in (
        "load",
        "loadtxt",
        "genfromtxt",
        "fromfile",
        "fromregex",
        "memmap",
        "save",
        "savez",
        "savetxt",
    )
)
_INTERACTIVE = frozenset(
    {"open", "input", "exec", "eval", "compile", "__import__", "exit", "quit", "breakpoint"}
)
#: Methods of ``get_ipython()`` that are written ``%time`` or ``%%time`` in a notebook.
_MAGIC = frozenset({"run_line_magic", "run_cell_magic", "magic"})


#: These only make a source of random numbers; drawing from it is what makes a trial.
_GENERATORS = frozenset(
    f"numpy.random.{name}" for name in ("default_rng", "Generator", "RandomState", "PCG64", "SeedSequence")
) | {"random.Random"}


_MAKES_FUNCTIONS = frozenset(
    ("functools.partial", "functools.lru_cache", "numpy.vectorize", "numpy.frompyfunc", "operator.itemgetter")
)


class Effect(NamedTuple):
    """Why a statement stays out. ``is_trial``: it tries the program out, so its neighbours do too."""

    reason: str
    is_trial: bool


class World(Struct, eq=False):
    """What is known of module-level names at some point of the submission."""

    wanted: frozenset[str]
    imports: dict[str, Imported] = field(default_factory=dict)
    unavailable: set[str] = field(default_factory=set)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: set[str] = field(default_factory=set)
    outside: dict[str, bool] = field(default_factory=dict)  # names that stay out; True: of a trial
    generators: set[str] = field(default_factory=set)  # of random numbers
    _calls: dict[str, Effect | None] = field(default_factory=dict)

    def effect(self, node: ast.stmt, reads: Mapping[str, int]) -> Effect | None:
        """Why the statement stays out of the slice, or None. ``reads`` are the names it reads at once."""
        if is_main_guard(node):
            return Effect("it runs only when the file is the main program", is_trial=True)
        weak: Effect | None = None
        for name in reads:
            if name in self.outside:
                found = Effect(f"it uses `{name}`", self.outside[name])
                if found.is_trial:
                    return found
                weak = weak or found
            elif name in self.unavailable:
                weak = weak or Effect(f"it uses `{name}`, which is not available", is_trial=False)
        for call in immediate(node, ast.Call):
            found_call = self._call(call)
            if found_call is not None:
                if found_call.is_trial:
                    return found_call
                weak = weak or found_call
        return Effect("it tests a function", is_trial=True) if self._hands_over_a_function(node) else weak

    def is_not_here(self, name: str) -> bool:
        """Whether a name is of a module that is not available, or was made with one."""
        return name in self.unavailable or self.outside.get(name) is False

    def _hands_over_a_function(self, node: ast.stmt) -> bool:
        """``conv_forward_test(conv_forward)`` alone on its line."""
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
            return False
        passed = {part.id for part in _arguments(node.value) if isinstance(part, ast.Name)}
        return not self.wanted.isdisjoint(passed) and _dotted(node.value.func) != "print"

    def _call(self, call: ast.Call) -> Effect | None:
        dotted = _dotted(call.func)
        if not dotted:
            return self._of_ipython(call.func)
        root, _, rest = dotted.partition(".")
        if dotted in self.wanted:
            return Effect(f"it calls `{dotted}`", is_trial=True)
        target = self._target(dotted)
        if target:
            if target in _GENERATORS:  # made, but not used yet
                return None
            if target.startswith(_RANDOM) and target not in _NOT_RANDOM:
                return Effect(f"it calls `{dotted}`", is_trial=True)
            if target in _FILES:
                return Effect("it reads or writes a file", is_trial=True)
            return None
        if root in self.generators and rest:
            return Effect(f"it calls `{dotted}`", is_trial=True)
        if dotted in self.functions:
            return self._student_call(dotted)
        if dotted in _INTERACTIVE:
            return Effect(f"it calls `{dotted}`", is_trial=True)
        return None

    def _of_ipython(self, function: ast.expr) -> Effect | None:
        """Asking whether ``get_ipython()`` is there is harmless; a command that it carries out is not."""
        if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Call):
            return None
        if _dotted(function.value.func) != "get_ipython":
            return None
        return Effect("it gives the notebook a command", is_trial=function.attr not in _MAGIC)

    def _student_call(self, name: str) -> Effect | None:
        """What calling a function of the student's does at once; functions in it are only made, not run."""
        if name in self._calls:
            return self._calls[name]
        self._calls[name] = None  # a function that calls itself
        function = self.functions[name]
        body = [function.body] if isinstance(function, ast.Lambda) else function.body
        for node in body:
            for call in immediate(node, ast.Call):
                effect = self._call(call)
                if effect is not None:
                    self._calls[name] = Effect(f"it calls `{name}`", effect.is_trial)
                    return self._calls[name]
        return None

    def learn(self, statement: Statement, binds: Iterable[str], effect: Effect | None) -> None:
        """Take in what a statement binds."""
        node = statement.node
        for name in binds:
            self.imports.pop(name, None)
            self.unavailable.discard(name)
            self.functions.pop(name, None)
            self.classes.discard(name)
            self.outside.pop(name, None)
            self.generators.discard(name)
            self._calls.clear()
            if effect is not None:
                self.outside[name] = effect.is_trial
        if isinstance(node, ast.Assign) and self._makes_generator(node.value):
            self.generators.update(binds)
        if effect is not None:
            return
        for inner in immediate(node, *DEFINITION):
            if isinstance(inner, ast.ClassDef):
                self.classes.add(inner.name)
            elif isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.functions[inner.name] = inner
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self.functions[target.id] = node.value

    def _target(self, dotted: str) -> str:
        """``numpy.random.randn`` for ``np.random.randn``; '' where its root is not imported."""
        root, _, rest = dotted.partition(".")
        one = self.imports.get(root)
        return "" if one is None else f"{one.target}.{rest}" if rest else one.target

    def _makes_generator(self, value: ast.expr) -> bool:
        return isinstance(value, ast.Call) and self._target(_dotted(value.func)) in _GENERATORS

    def _makes_function(self, call: ast.Call) -> bool:
        """``partial(np.pad, …)``, ``np.vectorize(f)``, ``Layer()`` of a class of the student's."""
        called = _dotted(call.func)
        return called in self.classes or self._target(called) in _MAKES_FUNCTIONS

    def is_function_value(self, value: ast.expr | None) -> bool:
        """Whether a value is plainly part of the program: a lambda, another name for a function or module."""
        if value is None:
            return False
        if isinstance(value, ast.Call) and self._makes_function(value):
            return True
        if any(isinstance(part, ast.Lambda) for part in immediate(value, ast.Lambda)):
            return True
        if isinstance(value, (ast.Dict, ast.List, ast.Tuple, ast.Set)):
            parts = ast.iter_child_nodes(value)
            return any(self.is_function_value(part) for part in parts if isinstance(part, ast.expr))
        dotted = _dotted(value) if isinstance(value, (ast.Name, ast.Attribute)) else ""
        root = dotted.partition(".")[0]
        if dotted in self.functions or root in self.classes:
            return True
        return root in self.imports and root not in self.unavailable


def is_main_guard(node: ast.AST) -> bool:
    """``if __name__ == "__main__":``"""
    return isinstance(node, ast.If) and any(
        isinstance(part, ast.Name) and part.id == "__name__" for part in walk(node.test)
    )


def holds_definition(node: ast.stmt) -> bool:
    """Whether a compound statement binds functions, classes or imports (``try: import …``)."""
    return next(immediate(node, *DEFINITION, ast.Import, ast.ImportFrom), None) is not None


def _arguments(call: ast.Call) -> Iterator[ast.expr]:
    yield from call.args
    for keyword in call.keywords:
        yield keyword.value


def _dotted(node: ast.AST) -> str:
    """``np.random.randn`` of a chain of attributes, else ''."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])
