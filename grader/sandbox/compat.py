"""Names that NumPy removed and that older notebooks still use, with what stands for them today.

A pack asks for them with ``compat``. The right-hand sides are expressions over ``np`` and ``math`` that
``worker.py`` evaluates; they are ours, never a student's.
"""

from __future__ import annotations

from collections.abc import Iterable

from grader.errors import SandboxError

REMOVED = {
    "np.alen": "lambda a: len(np.atleast_1d(a))",
    "np.alltrue": "np.all",
    "np.asfarray": "lambda a, dtype=float: np.asarray(a, dtype)",
    "np.asscalar": "lambda a: a.item()",
    "np.bool": "bool",
    "np.cfloat": "np.complex128",
    "np.complex": "complex",
    "np.complex_": "np.complex128",
    "np.cumproduct": "np.cumprod",
    "np.float": "float",
    "np.float_": "np.float64",
    "np.in1d": "lambda a, b, **options: np.isin(np.ravel(a), b, **options)",
    "np.Inf": "np.inf",
    "np.Infinity": "np.inf",
    "np.infty": "np.inf",
    "np.int": "int",
    "np.lib.pad": "np.pad",
    "np.long": "int",
    "np.longfloat": "np.longdouble",
    "np.mat": "np.asmatrix",
    "np.math": "math",
    "np.msort": "lambda a: np.sort(a, axis=0)",
    "np.NaN": "np.nan",
    "np.NINF": "-np.inf",
    "np.NZERO": "-0.0",
    "np.object": "object",
    "np.PINF": "np.inf",
    "np.product": "np.prod",
    "np.PZERO": "0.0",
    "np.round_": "np.round",
    "np.row_stack": "np.vstack",
    "np.singlecomplex": "np.complex64",
    "np.sometrue": "np.any",
    "np.str": "str",
    "np.string_": "np.bytes_",
    "np.trapz": "np.trapezoid",
    "np.unicode": "str",
    "np.unicode_": "np.str_",
}


def replacements(names: Iterable[str], source: str) -> dict[str, str]:
    """Attribute of NumPy → expression, for the names that a pack lists (``np.float`` or ``numpy.float``).

    Only for those of which ``source`` holds the last word: most hand-ins use none.
    """
    found = {}
    for name in names:
        short = "np." + name.partition(".")[2]
        if name.partition(".")[0] not in ("np", "numpy") or short not in REMOVED:
            raise SandboxError(f"compat: no replacement is known for {name!r}; known: {', '.join(REMOVED)}")
        if short.rpartition(".")[2] in source:
            found[short[3:]] = REMOVED[short]
    return found
