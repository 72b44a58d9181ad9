"""Names that NumPy once had: the course's older editions told students to write them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from grader.extract.tree import walk

#: What to write instead (None: nothing of that name is needed any more).
REMOVED: Mapping[str, str] = {
    "float": "float", "int": "int", "bool": "bool", "complex": "complex", "object": "object", "str": "str",
    "long": "int", "unicode": "str", "asscalar": "a.item()", "float_": "np.float64",
    "complex_": "np.complex128", "Inf": "np.inf", "Infinity": "np.inf", "infty": "np.inf", "NaN": "np.nan",
    "PINF": "np.inf", "NINF": "-np.inf",
    "product": "np.prod", "cumproduct": "np.cumprod", "alltrue": "np.all", "sometrue": "np.any",
    "in1d": "np.isin", "row_stack": "np.vstack", "trapz": "np.trapezoid", "round_": "np.round",
    "unicode_": "np.str_", "string_": "np.bytes_", "cast": "np.asarray(x, dtype=…)",
    "msort": "np.sort(a, axis=0)", "mat": "np.asmatrix",
    "asfarray": "np.asarray(a, dtype=float)", "find_common_type": "np.result_type",
}  # fmt: skip
#: Still there in the NumPy that the grader runs on (see pyproject), only deprecated.
_STILL_THERE = frozenset({"in1d", "row_stack", "trapz", "bool", "long"})


def old_names(
    node: ast.AST, numpy_names: Iterable[str], compat: Iterable[str]
) -> Iterator[tuple[str, str, int]]:
    """Old names in a statement: as written, as NumPy's (``np.float``), and the line.

    ``numpy_names`` are the names under which the statement knows NumPy.
    """
    known = frozenset(numpy_names)
    kept = frozenset(compat)
    for part in walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in known:
            name = f"np.{part.attr}"
            if name in kept or (part.attr in REMOVED and part.attr not in _STILL_THERE):
                yield f"{part.value.id}.{part.attr}", name, part.lineno
