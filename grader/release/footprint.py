"""Finds out which inputs an entry of the answer is made of, by changing them one at a time.

So a self-check can show the few numbers behind a wrong entry, for any assignment: nothing here knows
what the function does. It is asked of the reference, on public cases only, while a hand-out is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.cases import CaseSet, Prepared, copied
from grader.checker.public import Footprints
from grader.checker.window import labelled_arrays
from grader.model import Arguments, Output, Value, Visibility
from grader.pack import FunctionSpec, Pack

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Calls of the reference that one case may cost.
MOST_CALLS = 1_000


def footprints(pack: Pack, cases: CaseSet) -> dict[tuple[str, str], Footprints]:
    """(function, case) -> footprints, for every public case that has an expected answer."""
    found = {}
    for spec in pack.functions:
        for prepared in cases.functions[spec.name]:
            case = prepared.case
            if case.visibility is Visibility.PUBLIC and case.judge is None and len(case.calls) == 1:
                found[spec.name, case.name] = _of_case(pack.reference(spec.name), spec, prepared)
    return found


def _of_case(reference: Callable[..., Value], spec: FunctionSpec, prepared: Prepared) -> Footprints:
    case = prepared.case
    outputs = [o for o in spec.outputs if o.kind != "record" and (not case.outputs or o.name in case.outputs)]
    if (
        not outputs
        or sum(a.size for a in labelled_arrays(case.inputs, spec.parameters).values()) > MOST_CALLS
    ):
        return {}
    try:
        return _trace(reference, spec, _varied(case.inputs, spec), outputs)
    except Exception:  # whatever a reference makes of numbers that it was not written for
        return _trace(reference, spec, copied(case.inputs), outputs)


def _varied(inputs: Arguments, spec: FunctionSpec) -> Arguments:
    """The inputs with other numbers in their arrays: a weight of zero would hide what it multiplies."""
    rng = np.random.default_rng(0)
    varied: Arguments = copied(inputs)
    for array in labelled_arrays(varied, spec.parameters).values():
        if array.dtype.kind == "b":
            continue
        numbers = rng.integers(1, 32, size=array.shape)
        array[...] = numbers / 4 if array.dtype.kind == "f" else numbers
    return varied


def _trace(
    reference: Callable[..., Value], spec: FunctionSpec, inputs: Arguments, outputs: Sequence[Output]
) -> Footprints:
    arrays = labelled_arrays(inputs, spec.parameters)
    before = _answers(reference, spec, inputs, outputs)
    boxes = {
        name: {label: _empty(answer.shape, array.ndim) for label, array in arrays.items()}
        for name, answer in before.items()
    }
    for label, array in arrays.items():
        for index in np.ndindex(*array.shape):
            kept = array[index]
            array[index] = not kept if array.dtype.kind == "b" else kept + 1
            after = _answers(reference, spec, inputs, outputs)
            array[index] = kept
            for name, answer in before.items():
                _widen(boxes[name][label], after[name] != answer, index)
    return boxes


def _answers(
    reference: Callable[..., Value], spec: FunctionSpec, inputs: Arguments, outputs: Sequence[Output]
) -> dict[str, NDArray[Any]]:
    value = reference(*copied(inputs))
    named = dict(
        zip([o.name for o in spec.outputs], value if len(spec.outputs) > 1 else [value], strict=True)
    )
    return {o.name: np.asarray(named[o.name]) for o in outputs}


def _empty(shape: tuple[int, ...], axes: int) -> NDArray[np.int16]:
    return np.full((*shape, axes, 2), -1, dtype=np.int16)


def _widen(box: NDArray[np.int16], changed: NDArray[np.bool_], index: tuple[int, ...]) -> None:
    """Make the boxes of the changed entries reach as far as ``index``."""
    for axis, position in enumerate(index):
        low, high = box[..., axis, 0], box[..., axis, 1]
        low[changed] = np.where(low[changed] < 0, position, np.minimum(low[changed], position))
        high[changed] = np.maximum(high[changed], position + 1)
