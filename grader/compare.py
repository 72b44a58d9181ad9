"""Compares what a function returned with what was expected and puts the first difference in words.

The rungs are climbed in this order: arity and type, shape, finite, dtype kind, values. NumPy's own
``allclose`` broadcasts and accepts NaN == NaN on request; here nothing is broadcast, and tolerance is
scaled by the largest expected entry, because an element-wise relative error explodes near zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.model import Difference, Opaque, Output, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: By bytes of the real part of a float: what may differ, as a share of max(1, max|expected|). Case
#: values are dyadic rationals, so a right float64 or float32 answer is exact but for reassociated sums
#: in FFT-like solutions (1e-12). Half precision is exact for few of them, and counts where it is.
TOLERANCE = {8: 1e-9, 16: 1e-9, 4: 1e-5, 2: 1e-5}


def compare(
    value: Value, expected: Value, outputs: Sequence[Output], only: Sequence[str] = ()
) -> Difference | None:
    """The first rung on which ``value`` fails, or None where it is right.

    ``expected`` is the reference's answer: the output itself, or a tuple of ``len(outputs)``. ``only``
    restricts the comparison to some outputs by name.
    """
    if len(outputs) == 1:
        return _compare_output(value, expected, outputs[0])
    if (problem := _arity(value, outputs)) is not None:
        return problem
    for got, want, output in zip(value, expected, outputs, strict=True):
        if only and output.name not in only:
            continue
        if (problem := _compare_output(got, want, output)) is not None:
            return problem
    return None


def agree(value: Value, expected: Value, outputs: Sequence[Output]) -> bool:
    """Whether two answers are the same answer: the relation used to match fault models."""
    return compare(value, expected, outputs) is None


def _arity(value: Value, outputs: Sequence[Output]) -> Difference | None:
    names = ", ".join(o.name for o in outputs)
    wanted = f"expected {len(outputs)} values: ({names})"
    if not isinstance(value, (tuple, list)):
        return Difference("arity", f"returned {describe(value)}, {wanted}")
    if len(value) != len(outputs):
        return Difference("arity", f"returned {len(value)} value{'s' * (len(value) != 1)}, {wanted}")
    return None


def _compare_output(value: Value, expected: Value, output: Output) -> Difference | None:
    if output.kind == "record":
        return _compare_record(value, expected, output)
    return _compare_array(value, np.asarray(expected), output)


def _compare_record(value: Value, expected: Value, output: Output) -> Difference | None:
    name = output.name
    if not isinstance(value, (tuple, list)) or len(value) < len(expected):
        wanted = f"expected a tuple of {len(expected)} values"
        return Difference("type", f"{name} is {describe(value)}, {wanted}", output=name)
    for position, (got, want) in enumerate(zip(value, expected, strict=False)):
        label = f"{name}[{position}]"
        if isinstance(want, dict):
            problem = _compare_mapping(got, want, label)
        else:
            problem = _compare_array(got, np.asarray(want), Output(label))
        if problem is not None:
            return Difference(problem.rung, problem.message, problem.index, name)
    return None


def _compare_mapping(value: Value, expected: dict[str, Any], label: str) -> Difference | None:
    if not isinstance(value, dict):
        return Difference("type", f"{label} is {describe(value)}, expected a dictionary")
    for key, want in expected.items():
        if key not in value:
            return Difference("values", f"{label} has no entry {key!r}")
        entry = Output(f"{label}[{key!r}]", "scalar")
        if (problem := _compare_array(value[key], np.asarray(want), entry)) is not None:
            return problem
    return None


def _compare_array(value: Value, expected: NDArray[Any], output: Output) -> Difference | None:
    name, scalar = output.name, output.kind == "scalar"
    number = isinstance(value, (bool, int, float, complex, np.generic))
    plain = isinstance(value, np.ndarray) or (number and (scalar or expected.ndim == 0))
    if not plain:
        wanted = "a number" if scalar else "a NumPy array"
        return Difference("type", f"{name} is {describe(value)}, expected {wanted}", output=name)
    got = np.asarray(value)
    if got.dtype.kind == "O":  # a Python integer too large for NumPy's
        got = np.asarray(_as_float(value))
    if scalar and got.size == expected.size == 1:
        got = got.reshape(expected.shape)
    if got.dtype == expected.dtype and got.shape == expected.shape and (got == expected).all():
        return None  # as most answers are; what follows is for the others
    if got.shape != expected.shape:
        return _shape_difference(got, expected, output)
    if got.dtype.kind in "fc" and not np.isfinite(got).all():
        bad = np.argwhere(~np.isfinite(got))
        first = tuple(int(k) for k in bad[0])
        return Difference(
            "finite",
            f"{_at(name, first)} is {_number(got[first])}, expected {_number(expected[first])}"
            f" ({len(bad)} of {got.size} entries are not finite)",
            first,
            name,
            len(bad),
            got.size,
        )
    if not _kind_fits(got.dtype.kind, expected.dtype.kind, scalar):
        return Difference(
            "dtype",
            f"{name} has dtype {got.dtype}, expected {expected.dtype}: which type has the array that collects"
            " the results?",
            output=name,
            size=got.size,
        )
    return _value_difference(got, expected, output)


def _as_float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf")


def _kind_fits(got: str, expected: str, scalar: bool) -> bool:
    """Whether numbers of dtype kind ``got`` may stand for ``expected``: never less than it holds."""
    if got == expected or expected == "c":
        return True
    if expected == "f":
        return scalar and got in "iu"
    return got in ("iuf" if expected in "iu" else "iufb")


def _shape_difference(got: NDArray[Any], expected: NDArray[Any], output: Output) -> Difference:
    name = output.name
    message = f"{name} has shape {got.shape}, expected {expected.shape}"
    if got.size == expected.size and got.size > 0 and got.dtype.kind in "biuf":
        flat = got.reshape(expected.shape)
        if _value_difference(flat, expected, output) is None:
            message += "; its values, in this order, are right: only the shape is not"
    if output.kind == "scalar":
        message = f"{name} has shape {got.shape}, expected one number"
    return Difference("shape", message, output=name, size=int(expected.size))


def _value_difference(got: NDArray[Any], expected: NDArray[Any], output: Output) -> Difference | None:
    if expected.size == 0:
        return None
    wide = np.result_type(got.dtype, np.float64)
    gap = np.abs(got.astype(wide) - expected.astype(wide))
    itemsize = got.dtype.itemsize if got.dtype.kind == "f" else 8
    allowed = TOLERANCE.get(itemsize, TOLERANCE[8]) * max(1.0, float(np.max(np.abs(expected))))
    wrong = gap > allowed
    count = int(np.count_nonzero(wrong))
    if count == 0:
        return None
    first = tuple(int(k) for k in np.argwhere(wrong)[0])
    amount = f" ({count} of {expected.size} entries differ)" if expected.size > 1 else ""
    seen = f"{_at(output.name, first)} is {_number(got[first])}"
    message = f"{seen}, expected {_number(expected[first])}{amount}"
    return Difference("values", message, first, output.name, count, int(expected.size))


def _at(name: str, index: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def _number(value: Any) -> str:
    return f"{value:.6g}" if not isinstance(value, (bool, np.bool_)) else str(value)


def describe(value: Value) -> str:
    """What kind of thing a returned value is, for a sentence ("a list of 3")."""
    if value is None:
        return "None (is there a return statement?)"
    if isinstance(value, Opaque):
        return value.reason
    if isinstance(value, np.ndarray):
        return f"one array of shape {value.shape}" if value.ndim else "one number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, (bool, int, float, complex)):
        return f"one {type(value).__name__}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"
