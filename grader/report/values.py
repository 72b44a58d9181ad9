"""Puts the values of a case into words and pulls their arrays out, without knowing what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from grader.model import CaseResult, Opaque, Returned, Value
from grader.report.words import clean

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.generic[Any]]


def show(value: Value, limit: int = 1_200) -> str:
    """``value`` as a reader of NumPy knows it: an array with its shape, a long one with its middle
    left out."""
    return clean(_show(value, depth=0), limit)


def _show(value: Value, depth: int) -> str:
    import numpy as np

    if isinstance(value, Opaque):
        return f"<{value.type_name}: {value.reason}>"
    if isinstance(value, np.ndarray):
        body = np.array2string(value, threshold=120, edgeitems=2, max_line_width=96, separator=", ")
        return f"array of shape {value.shape}, {value.dtype}:\n{body}" if value.ndim else number(value[()])
    if depth > 4:
        return "…"
    if isinstance(value, (tuple, list)):
        inside = ",\n".join(_show(item, depth + 1) for item in value[:20])
        more = f", … ({len(value)} items)" if len(value) > 20 else ""
        return f"({inside}{more})" if isinstance(value, tuple) else f"[{inside}{more}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_show(v, depth + 1)}" for k, v in list(value.items())[:20]) + "}"
    if isinstance(value, (bool, type(None), str)):
        return repr(value)
    return number(value)


def number(value: Any) -> str:
    """A number as short as it can be said: ``3``, ``-0.5``, ``1.235e-07``."""
    if isinstance(value, complex):
        return f"{value.real:.6g}{value.imag:+.6g}j"
    try:
        return f"{value:.6g}"
    except (TypeError, ValueError, OverflowError):
        return clean(str(value), 40)


def leaves(value: Value, path: str = "", depth: int = 0) -> Iterator[tuple[str, Value]]:
    """The plain values inside ``value`` with where they stand: ``("[1]['pad']", 2)``."""
    if depth < 5 and isinstance(value, (tuple, list)):
        for k, item in enumerate(value):
            yield from leaves(item, f"{path}[{k}]", depth + 1)
    elif depth < 5 and isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}[{key!r}]", depth + 1)
    else:
        yield path, value


def differing_arrays(result: CaseResult) -> tuple[str, Array, Array] | None:
    """The first array of a case's answers that differs from the expected one, see below."""
    for reply, expected in zip(result.replies, result.expected, strict=False):
        if isinstance(reply, Returned):
            found = differing_pair(reply.value, expected)
            if found is not None:
                return found
    return None


def differing_pair(value: Value, expected: Value) -> tuple[str, Array, Array] | None:
    """The first array inside ``value`` that differs from its counterpart: (where, ours, expected).

    None where no two arrays of numbers and of one shape can be laid side by side and differ.
    """
    import numpy as np

    answers = dict(leaves(value))
    for path, want in leaves(expected):
        got = answers.get(path)
        if not isinstance(want, np.ndarray) or not isinstance(got, np.ndarray) or got.shape != want.shape:
            continue
        if got.dtype.kind in "biuf" and want.dtype.kind in "biuf" and differs(got, want).any():
            return path, got, want
    return None


def differs(got: Array, want: Array) -> NDArray[np.bool_]:
    """Where two arrays of one shape differ, by the tolerance that the comparison used."""
    import numpy as np

    from grader.compare import TOLERANCE

    if got.shape != want.shape:
        raise ValueError(f"shapes {got.shape} and {want.shape} cannot be laid side by side")
    a, b = got.astype(float), want.astype(float)
    share = TOLERANCE.get(got.dtype.itemsize, 1e-9) if got.dtype.kind == "f" else 1e-9
    scale = max(1.0, float(np.max(np.abs(b[np.isfinite(b)]), initial=0.0)))
    with np.errstate(invalid="ignore", over="ignore"):
        near: NDArray[np.bool_] = np.abs(a - b) <= share * scale
    return ~near
