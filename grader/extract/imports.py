"""What a name stands for when it was imported, and which modules there are in the sandbox.

An import that cannot work matters only to a function that needs it, so each imported name is judged,
and kept, on its own: ``import numpy as np, h5py`` loses the second half and nothing else.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.extract.tree import blocks

#: Not there even though Python ships them: they open windows or belong to Python's own tests.
_NOT_HERE = frozenset({"tkinter", "turtle", "turtledemo", "idlelib", "antigravity", "this"})

#: Modules whose names may be looked up here: importing them has no effect that anybody would notice.
_CHEAP = frozenset(
    {
        "numpy",
        "math",
        "cmath",
        "itertools",
        "functools",
        "operator",
        "typing",
        "collections",
        "random",
        "copy",
    }
)


class Imported(NamedTuple):
    """One name of an import statement. ``target`` is what it stands for (``numpy.random.randn``)."""

    name: str  # the name it binds, or "*"
    module: str  # the module that must be importable; begins with "." when relative
    target: str
    text: str  # the statement for this name alone
    dotted: bool = False  # ``import a.b`` binds ``a`` and adds to it


#: Where ``pylab`` has its names from, and the builtins that it does not let NumPy hide.
_PYLAB = ("numpy", "numpy.fft", "numpy.linalg", "numpy.random")
_NOT_HIDDEN = ("abs", "bool", "bytes", "max", "min", "pow", "round")
#: What it has of ``matplotlib.pyplot``, as far as exercises draw.
_DRAWS = (
    "annotate", "axes", "axhline", "axis", "axvline", "bar", "cla", "clf", "clim", "close", "colorbar",
    "contour", "contourf", "draw", "errorbar", "figtext", "figure", "gca", "gcf", "gray", "grid", "hist",
    "hot", "imread", "imshow", "jet", "legend", "loglog", "margins", "matshow", "pause", "pcolor", "plot",
    "rc", "rcParams", "savefig", "scatter", "semilogx", "semilogy", "set_cmap", "show", "stem", "step",
    "subplot", "subplots", "subplots_adjust", "suptitle", "table", "text", "tick_params", "tight_layout",
    "title", "xlabel", "xlim", "xticks", "ylabel", "ylim", "yticks",
)  # fmt: skip


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[Imported]:
    """The names of an import statement; those that ``pylab`` only passes on are whose they are."""
    for one in _written(node):
        passed_on = list(_passed_on(one)) if one.module in ("pylab", "matplotlib.pylab") else []
        yield from passed_on
        if one.name == "*" or not passed_on:
            yield one


def _passed_on(one: Imported) -> Iterator[Imported]:
    if one.name == "*":
        yield from (Imported("*", module, f"{module}.*", f"from {module} import *") for module in _PYLAB)
        yield Imported("np", "numpy", "numpy", "import numpy as np")
        for name in _NOT_HIDDEN:
            yield Imported(name, "builtins", f"builtins.{name}", f"from builtins import {name}")
        pyplot = "matplotlib.pyplot"
        yield Imported("plt", pyplot, pyplot, f"import {pyplot} as plt")
        for name in _DRAWS:
            yield Imported(name, pyplot, f"{pyplot}.{name}", f"from {pyplot} import {name}")
    elif one.target == "pylab":
        yield Imported(one.name, "numpy", "numpy", f"import numpy as {one.name}")
    else:
        wanted = one.target.rpartition(".")[2]
        for module in _PYLAB:
            if wanted in (public_names(module) or ()):
                text = f"from {module} import {wanted} as {one.name}"
                yield Imported(one.name, module, f"{module}.{wanted}", text)
                return
        if wanted in _DRAWS:
            text = f"from matplotlib.pyplot import {wanted} as {one.name}"
            yield Imported(one.name, "matplotlib.pyplot", f"matplotlib.pyplot.{wanted}", text)


def _written(node: ast.Import | ast.ImportFrom) -> Iterator[Imported]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname:
                text = f"import {alias.name} as {alias.asname}"
                yield Imported(alias.asname, alias.name, alias.name, text)
            else:
                top = alias.name.split(".")[0]
                yield Imported(top, alias.name, top, f"import {alias.name}", dotted="." in alias.name)
        return
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        text = f"from {module} import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
        yield Imported(alias.asname or alias.name, module, f"{module}.{alias.name}", text)


def imported_by_call(node: ast.stmt) -> Imported | None:
    """``np = importlib.import_module("numpy")`` is ``import numpy as np``."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.value, ast.Call):
        return None
    (target,), called, given = node.targets, node.value.func, node.value.args
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if name not in ("import_module", "__import__") or len(given) != 1 or not isinstance(target, ast.Name):
        return None
    module = given[0].value if isinstance(given[0], ast.Constant) else None
    if not isinstance(module, str) or not all(part.isidentifier() for part in module.split(".")):
        return None
    if name == "__import__" and "." in module:  # which gives the package
        return None
    return Imported(target.id, module, module, f"import {module} as {target.id}")


def inner_imports(node: ast.AST, in_functions: bool = True) -> Iterator[ast.Import | ast.ImportFrom]:
    """Import statements inside a statement; also those in functions and classes, unless told otherwise."""
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, (ast.Import, ast.ImportFrom)):
            yield one
        if in_functions or not isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stack += reversed(blocks(one))


def rescued(node: ast.stmt, allowed: Sequence[str]) -> Iterator[Imported]:
    """Imports of a compound statement that an unavailable one beside them would take along.

    ``try: import h5py, then import numpy as np, except ImportError: …`` never reaches NumPy. So what there
    is is imported before the statement; the statement may still bind it again.
    """
    found = [one for part in inner_imports(node, in_functions=False) for one in imported(part)]
    if isinstance(node, (ast.Import, ast.ImportFrom)) or all(is_available(i.module, allowed) for i in found):
        return
    for one in found:
        if one.name != "*" and is_available(one.module, allowed):
            yield one


def is_available(module: str, allowed: Sequence[str]) -> bool:
    """Whether the sandbox may have the module: the pack allows it, or Python or the notebook brings it.

    Of Python's own modules the sandbox still refuses what could do harm; that is its business.
    """
    if module.startswith("."):
        return False
    if any(f"{module}.".startswith(f"{name}.") or name.startswith(f"{module}.") for name in allowed):
        return True
    top = module.split(".")[0]
    return top == "IPython" or (top in sys.stdlib_module_names and top not in _NOT_HERE)


def public_names(module: str) -> frozenset[str] | None:
    """What ``from module import *`` binds, or None where finding out would cost too much."""
    if module.split(".")[0] not in _CHEAP:
        return None
    import importlib

    try:
        found = importlib.import_module(module)
    except Exception:  # no such submodule: the sandbox will say so
        return None
    listed = getattr(found, "__all__", None) or [name for name in dir(found) if not name.startswith("_")]
    return frozenset(map(str, listed))
