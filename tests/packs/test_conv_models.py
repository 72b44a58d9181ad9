"""The fault models of the convolution pack do what a student's loops with that fault do, exceptions included.

Each program here is the ordinary loop solution with one line changed, the way a student would have written
it. A model must return the same numbers, or raise the same type, on every call of every case.
"""

from __future__ import annotations

import contextlib
import pickle
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
import pytest

from grader.cases import CaseSet, copied
from grader.diagnose.answers import same
from grader.diagnose.pairs import together
from grader.model import Arguments, FaultModel, NoValue, Outcome, Raised, Reply, Returned
from grader.pack import Pack
from grader.twin import choose, make_twin

#: By function and label.
Models: TypeAlias = "dict[tuple[str, str], list[FaultModel]]"

ZERO_PAD = """
def zero_pad(X, pad):
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant', constant_values=0)
    return X_pad
"""

SINGLE_STEP = """
def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    Z = np.sum(s)
    Z = Z + float(b[0, 0, 0])
    return Z
"""

FORWARD = """
def conv_forward(A_prev, W, b, hparameters):
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters['stride']
    pad = hparameters['pad']
    n_H = int((n_H_prev - f + 2 * pad) / stride) + 1
    n_W = int((n_W_prev - f + 2 * pad) / stride) + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    total = 0
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        a_prev_pad = A_prev_pad[i]
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = h * stride
                    vert_end = vert_start + f
                    horiz_start = w * stride
                    horiz_end = horiz_start + f
                    a_slice = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                    weights = W[:, :, :, c]
                    biases = b[:, :, :, c]
                    Z[i, h, w, c] = conv_single_step(a_slice, weights, biases)
    return Z, (A_prev, W, b, hparameters)
"""

BACKWARD = """
def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters['stride']
    pad = hparameters['pad']
    (m, n_H, n_W, n_C) = dZ.shape
    dA_prev = np.zeros((m, n_H_prev, n_W_prev, n_C_prev))
    dW = np.zeros((f, f, n_C_prev, n_C))
    db = np.zeros((1, 1, 1, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = zero_pad(dA_prev, pad)
    for i in range(m):
        a_prev_pad = A_prev_pad[i]
        da_prev_pad = dA_prev_pad[i]
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = h * stride
                    vert_end = vert_start + f
                    horiz_start = w * stride
                    horiz_end = horiz_start + f
                    a_slice = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                    dz = dZ[i, h, w, c]
                    da_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :] += W[:, :, :, c] * dz
                    dW[:, :, :, c] += a_slice * dz
                    db[:, :, :, c] += dz
        dA_prev[i] = da_prev_pad[pad:pad + n_H_prev, pad:pad + n_W_prev, :]
    return dA_prev, dW, db
"""

SOURCES = {
    "zero_pad": ZERO_PAD,
    "conv_single_step": SINGLE_STEP,
    "conv_forward": FORWARD,
    "conv_backward": BACKWARD,
}

#: function -> label of the model -> what the student wrote instead: (line of the loops, line of the student)
CHANGES: dict[str, dict[str, list[tuple[str, str]]]] = {
    "zero_pad": {
        "pads-every-axis": [("((0, 0), (pad, pad), (pad, pad), (0, 0))", "pad")],
        "pads-one-side/after": [("(pad, pad), (pad, pad)", "(0, pad), (0, pad)")],
        "border-not-zero/reflect": [("'constant', constant_values=0", "'reflect'")],
        "nothing-padded": [("return X_pad", "return X")],
        "values-truncated": [("return X_pad", "return X_pad.astype(int)")],
    },
    "conv_single_step": {
        "matrix-product/np-dot": [("a_slice_prev * W", "np.dot(a_slice_prev, W)")],
        "matrix-product/np-dot-filter-first": [("a_slice_prev * W", "np.dot(W, a_slice_prev)")],
        "matrix-product/matmul": [("a_slice_prev * W", "a_slice_prev @ W")],
        "matrix-product/matmul-filter-first": [("a_slice_prev * W", "W @ a_slice_prev")],
        "matrix-product/tensordot": [("a_slice_prev * W", "np.tensordot(a_slice_prev, W)")],
        "matrix-product/per-channel": [
            ("a_slice_prev * W", "[a_slice_prev[:, :, k] @ W[:, :, k] for k in range(W.shape[2])]"),
        ],
        "trace-of-matrix-product": [
            (
                "a_slice_prev * W",
                "[np.trace(a_slice_prev[:, :, k] @ W[:, :, k]) for k in range(W.shape[2])]",
            ),
        ],
        "inner-product": [("a_slice_prev * W", "np.inner(a_slice_prev, W)")],
        "kernel-flipped": [("* W", "* W[::-1, ::-1]")],
        "kernel-rotated/left": [("* W", "* np.rot90(W)")],
        "kernel-transposed/other-diagonal": [("* W", "* np.rot90(W.transpose(1, 0, 2), 2)")],
        "mean-instead-of-sum": [("np.sum(s)", "np.mean(s)")],
        "max-instead-of-sum": [("np.sum(s)", "np.max(s)")],
        "partial-sum/axis-0-and-a-number": [("np.sum(s)", "sum(s)")],
        "sum-instead-of-product": [("* W", "+ W")],
        "bias-added-before-sum": [("* W", "* W + b"), ("Z = Z + float(b[0, 0, 0])", "")],
        "bias-wrong-operation/multiplied": [("Z + float", "Z * float")],
        "values-truncated/bias": [("float(b[0, 0, 0])", "int(b[0, 0, 0])")],
        "returns-nothing": [("return Z", "pass")],
    },
    "conv_forward": {
        "pad-skipped": [("a_prev_pad = A_prev_pad[i]", "a_prev_pad = A_prev[i]")],
        "pad-doubled": [("zero_pad(A_prev, pad)", "zero_pad(zero_pad(A_prev, pad), pad)")],
        "output-size-without-plus-one": [("/ stride) + 1", "/ stride)")],
        "output-size-rounded-up/ceil": [
            ("int((n_H_prev - f + 2 * pad) / stride)", "int(np.ceil((n_H_prev - f + 2 * pad) / stride))"),
            ("int((n_W_prev - f + 2 * pad) / stride)", "int(np.ceil((n_W_prev - f + 2 * pad) / stride))"),
        ],
        "output-size-precedence/under-pad": [
            ("(n_H_prev - f + 2 * pad) / stride", "n_H_prev - f + 2 * pad / stride"),
            ("(n_W_prev - f + 2 * pad) / stride", "n_W_prev - f + 2 * pad / stride"),
        ],
        "output-size-ignores-stride": [(" / stride) + 1", ") + 1")],
        "float-dimensions": [("int((", "(("), (" / stride) + 1", " / stride + 1)")],
        "height-and-width-swapped/sizes": [
            ("(m, n_H_prev, n_W_prev, n_C_prev) = A", "(m, n_W_prev, n_H_prev, n_C_prev) = A"),
        ],
        "height-and-width-swapped/Z": [("(m, n_H, n_W, n_C)", "(m, n_W, n_H, n_C)")],
        "height-and-width-swapped/store": [("Z[i, h, w, c] =", "Z[i, w, h, c] =")],
        "height-and-width-swapped/loops": [
            ("for h in range(n_H)", "for h in range(n_W)"),
            ("for w in range(n_W)", "for w in range(n_H)"),
        ],
        "height-and-width-swapped/slices": [
            (
                "[vert_start:vert_end, horiz_start:horiz_end, :]",
                "[horiz_start:horiz_end, vert_start:vert_end, :]",
            ),
        ],
        "width-taken-from-height/loops": [("for w in range(n_W)", "for w in range(n_H)")],
        "window-walks-the-diagonal/h-twice": [("horiz_start = w", "horiz_start = h")],
        "window-walks-the-diagonal/w-twice": [("vert_start = h", "vert_start = w")],
        "last-position-skipped/last-row": [("range(n_H)", "range(n_H - 1)")],
        "last-position-skipped/first-filter": [("range(n_C)", "range(1, n_C)")],
        "returns-too-early/image": [("    return Z", "        return Z")],
        "returns-too-early/row": [("    return Z", "            return Z")],
        "returns-too-early/filter": [("    return Z", "                    return Z")],
        "stride-ignored": [("= h * stride", "= h"), ("= w * stride", "= w")],
        "stride-ignored/rows": [("= h * stride", "= h")],
        "stride-in-the-range": [
            ("range(n_H)", "range(0, n_H, stride)"),
            ("range(n_W)", "range(0, n_W, stride)"),
            ("= h * stride", "= h"),
            ("= w * stride", "= w"),
        ],
        "stride-added": [("= h * stride", "= h + stride"), ("= w * stride", "= w + stride")],
        "window-steps-by-its-size": [("= h * stride", "= h * f"), ("= w * stride", "= w * f")],
        "stride-and-pad-swapped/start-of-columns": [("= w * stride", "= w * pad")],
        "stride-and-pad-swapped/hparameters": [
            ("stride = hparameters['stride']", "stride = hparameters['pad']"),
            ("    pad = hparameters['pad']", "    pad = hparameters['stride']"),
        ],
        "offset-by-pad/minus": [("h * stride", "h * stride - pad"), ("w * stride", "w * stride - pad")],
        "offset-by-pad/plus": [("h * stride", "h * stride + pad"), ("w * stride", "w * stride + pad")],
        "window-as-large-as-the-stride": [("_start + f", "_start + stride")],
        "window-size-off-by-one/minus": [("_start + f", "_start + f - 1")],
        "empty-window/columns": [("horiz_start + f", "horiz_start")],
        "filter-size-from-wrong-axis/axis-2": [("    stride = hp", "    f = W.shape[2]\n    stride = hp")],
        "hyperparameter-hard-coded/f-2": [("    stride = hp", "    f = 2\n    stride = hp")],
        "hyperparameter-hard-coded/stride-2": [("hparameters['stride']", "2")],
        "pad-hard-coded/border-1": [("zero_pad(A_prev, pad)", "zero_pad(A_prev, 1)")],
        "pad-hard-coded/2": [("hparameters['pad']", "2")],
        "window-misses-an-axis/rows-only": [
            ("vert_start:vert_end, horiz_start:horiz_end, :", "vert_start:vert_end"),
        ],
        "only-first-image": [("A_prev_pad[i]", "A_prev_pad[0]")],
        "only-first-image/second": [("A_prev_pad[i]", "A_prev_pad[1]")],
        "window-over-the-whole-batch": [("a_prev_pad[vert", "A_prev_pad[:, vert")],
        "only-one-channel/of-filter": [
            ("horiz_end, :]", "horiz_end, c]"),
            ("W[:, :, :, c]", "W[:, :, c, c]"),
        ],
        "only-one-channel/spread-over-the-filter": [("horiz_end, :]", "horiz_end, c:c + 1]")],
        "only-first-filter": [("W[:, :, :, c]", "W[:, :, :, 0]")],
        "filter-from-wrong-axis/axis-2": [("W[:, :, :, c]", "W[:, :, c, :]")],
        "filter-from-wrong-axis/axis-0": [("W[:, :, :, c]", "W[c]")],
        "filters-reversed/weights": [("W[:, :, :, c]", "W[:, :, :, -c - 1]")],
        "wrong-bias-for-filter/first": [("b[:, :, :, c]", "b[:, :, :, 0]")],
        "wrong-bias-for-filter/by-row": [("b[:, :, :, c]", "b[:, :, :, h]")],
        "output-channels-from-input": [
            ("(m, n_H, n_W, n_C)", "(m, n_H, n_W, n_C_prev)"),
            ("range(n_C)", "range(n_C_prev)"),
        ],
        "stored-in-the-wrong-place/first-image": [("Z[i, h, w, c] =", "Z[0, h, w, c] =")],
        "stored-in-the-wrong-place/every-filter": [("Z[i, h, w, c] =", "Z[i, h, w, :] =")],
        "running-sum/never-reset-with-bias": [
            ("Z[i, h, w, c] = conv", "total = total + conv"),
            ("    return Z", "                    Z[i, h, w, c] = total\n    return Z"),
        ],
        "activation-added/relu": [("return Z,", "return np.maximum(Z, 0),")],
        "divided-by-batch-size": [("return Z,", "return Z / m,")],
        "values-truncated": [("np.zeros((m, n_H, n_W, n_C))", "np.zeros((m, n_H, n_W, n_C), dtype=int)")],
        "channels-first": [("return Z,", "return Z.transpose(0, 3, 1, 2),")],
        "axes-squeezed": [("return Z,", "return np.squeeze(Z),")],
        "cache-wrong/padded": [("return Z, (A_prev,", "return Z, (A_prev_pad,")],
        "cache-wrong/not-returned": [("return Z, (A_prev, W, b, hparameters)", "return Z")],
    },
    "conv_backward": {
        "minus-pad-slice-empty": [
            ("[pad:pad + n_H_prev, pad:pad + n_W_prev, :]", "[pad:-pad, pad:-pad, :]"),
        ],
        "minus-pad-slice-empty/slice": [
            ("        dA_prev[i] = da_prev_pad[pad:pad + n_H_prev, pad:pad + n_W_prev, :]", ""),
            ("return dA_prev", "return dA_prev_pad[:, pad:-pad, pad:-pad, :]"),
        ],
        "pad-not-removed": [
            ("        dA_prev[i] = da_prev_pad[pad:pad + n_H_prev, pad:pad + n_W_prev, :]", ""),
            ("return dA_prev", "return dA_prev_pad"),
        ],
        "dA-never-filled": [
            ("        dA_prev[i] = da_prev_pad[pad:pad + n_H_prev, pad:pad + n_W_prev, :]", ""),
        ],
        "pad-removed-at-the-corner/top-left": [
            ("[pad:pad + n_H_prev, pad:pad + n_W_prev, :]", "[:n_H_prev, :n_W_prev, :]"),
        ],
        "stride-ignored": [("= h * stride", "= h"), ("= w * stride", "= w")],
        "height-and-width-swapped/starts": [
            ("= h * stride", "= w * stride"),
            ("horiz_start = w", "horiz_start = h"),
        ],
        "height-and-width-swapped/loops": [
            ("for h in range(n_H)", "for h in range(n_W)"),
            ("for w in range(n_W)", "for w in range(n_H)"),
        ],
        "height-and-width-swapped/slices-read": [
            (
                "a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]\n",
                "a_prev_pad[horiz_start:horiz_end, vert_start:vert_end, :]\n",
            ),
        ],
        "window-as-large-as-the-stride": [("_start + f", "_start + stride")],
        "gradient-overwritten/dA": [("horiz_end, :] +=", "horiz_end, :] =")],
        "gradient-overwritten/dW-db": [
            ("dW[:, :, :, c] +=", "dW[:, :, :, c] ="),
            ("db[:, :, :, c] +=", "db[:, :, :, c] ="),
        ],
        "gradient-reset-in-loop/image-dW-db": [
            (
                "        a_prev_pad = ",
                "        dW, db = np.zeros(W.shape), np.zeros(b.shape)\n        a_prev_pad = ",
            ),
        ],
        "gradient-reset-in-loop/row-dA": [
            ("            for w in", "            da_prev_pad[:] = 0\n            for w in"),
        ],
        "gradient-starts-nonzero/dW-ones": [("np.zeros((f, f", "np.ones((f, f")],
        "gradient-starts-nonzero/dA-A": [("zero_pad(dA_prev, pad)", "zero_pad(A_prev + dA_prev, pad)")],
        "kernel-flipped/dA": [("+= W[:, :, :, c] *", "+= W[::-1, ::-1, :, c] *")],
        "kernel-flipped/dW": [("+= a_slice *", "+= a_slice[::-1, ::-1] *")],
        "only-first-filter/dA": [("+= W[:, :, :, c] *", "+= W[:, :, :, 0] *")],
        "operands-swapped-in-gradient/dA": [("+= W[:, :, :, c] *", "+= a_slice *")],
        "operands-swapped-in-gradient/dW": [("+= a_slice *", "+= W[:, :, :, c] *")],
        "gradient-not-at-its-window": [
            ("da_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :] +=", "da_prev_pad[:f, :f, :] +="),
        ],
        "filters-added-up/dW": [("dW[:, :, :, c] += a_slice *", "dW += a_slice[..., None] *")],
        "window-from-unpadded-input": [("a_prev_pad = A_prev_pad[i]", "a_prev_pad = A_prev[i]")],
        "window-from-gradient-buffer/while-it-fills": [("a_slice = a_prev_pad[", "a_slice = da_prev_pad[")],
        "only-first-image": [("a_prev_pad = A_prev_pad[i]", "a_prev_pad = A_prev_pad[0]")],
        "wrong-dZ-entry/all-first-filter": [("dZ[i, h, w, c]", "dZ[i, h, w, 0]")],
        "wrong-dZ-entry/dW-sum-of-map": [("a_slice * dz", "a_slice * dZ[i, :, :, c].sum()")],
        "matrix-product": [
            ("W[:, :, :, c] * dz", "np.dot(W[:, :, :, c], dZ[i, h, w])"),
            ("a_slice * dz", "np.dot(a_slice, dZ[i, h, w])"),
        ],
        "divided-by-batch-size/dW-db": [("return dA_prev, dW, db", "return dA_prev, dW / m, db / m")],
        "db-shape/vector": [("dW, db\n", "dW, db[0, 0, 0]\n")],
        "db-summed-over-wrong-axes/images-kept": [("dW, db\n", "dW, np.sum(dZ, axis=0, keepdims=True)\n")],
        "db-averaged": [("dW, db\n", "dW, np.mean(dZ, axis=(0, 1, 2), keepdims=True)\n")],
        "db-multiplied/by-b": [
            ("db[:, :, :, c] += dz", "db[:, :, :, c] += dz * b[:, :, :, c]"),
        ],
        "db-in-first-filter": [("db[:, :, :, c] +=", "db[:, :, :, 0] +=")],
        "return-order/dW-dA-db": [("return dA_prev, dW, db", "return dW, dA_prev, db")],
        "returns-too-early/row": [
            ("        dA_prev[i] = ", "            dA_prev[i] = "),
            ("    return dA_prev", "            return dA_prev"),
        ],
        "values-truncated/dA": [
            (
                "dA_prev = np.zeros((m, n_H_prev, n_W_prev, n_C_prev))",
                "dA_prev = np.zeros((m, n_H_prev, n_W_prev, n_C_prev), dtype=int)",
            ),
            ("zero_pad(dA_prev, pad)", "zero_pad(np.zeros(A_prev.shape), pad)"),
        ],
    },
}


def function_of(changed: str, source: str) -> Callable[..., Any]:
    """The function ``changed``, whose source is ``source``, beside right helpers."""
    namespace: dict[str, Any] = {"np": np}
    for name, right in SOURCES.items():
        exec(right if name != changed else source, namespace)
    found: Callable[..., Any] = namespace[changed]
    return found


def with_changes(source: str, changes: Sequence[tuple[str, str]]) -> str:
    for old, new in changes:
        assert old in source, f"{old!r} is not in the loop solution"
        source = source.replace(old, new)
    return source


def outcome(run: Callable[..., Any], arguments: Arguments) -> Any:
    """The value, or the name of the exception."""
    try:
        return run(*copied(arguments))
    except Exception as error:
        return type(error).__name__


def calls(cases: CaseSet, function: str) -> list[tuple[Arguments, Any]]:
    """Every call of every case that the reference judges, with the right answer."""
    judged = [p for p in cases.functions[function] if p.case.judge is None]
    return [pair for p in judged for pair in zip(p.case.calls, p.expected, strict=True)]


def described(value: Any) -> str:
    first = value[0] if isinstance(value, tuple) else value
    return value if isinstance(value, str) else f"a value of shape {np.shape(first)}"


def rounded(value: Any) -> Any:
    """The value without its last digits, so that equal answers have equal bytes."""
    if isinstance(value, (np.ndarray, float)):
        return np.round(np.asarray(value, dtype=float), 6).tolist(), np.shape(value)
    return [rounded(v) for v in value] if isinstance(value, (list, tuple)) else value


def random_call(rng: np.random.Generator, function: str) -> Arguments:
    """A call with shapes that no case has."""
    f, n_C_prev, n_C = (int(n) for n in rng.integers(2, 4, 3))
    A_prev, W = rng.normal(size=(2, 5, 4, n_C_prev)), rng.normal(size=(f, f, n_C_prev, n_C))
    b, hparameters = rng.normal(size=(1, 1, 1, n_C)), {"stride": 2, "pad": 1}
    if function == "zero_pad":
        return A_prev, 2
    if function == "conv_single_step":
        return A_prev[0, :f, :f], W[..., 0], b[..., 0]
    if function == "conv_forward":
        return A_prev, W, b, hparameters
    n_H, n_W = (5 - f + 2) // 2 + 1, (4 - f + 2) // 2 + 1
    return rng.normal(size=(2, n_H, n_W, n_C)), (A_prev, W, b, hparameters)


@pytest.fixture(scope="session")
def models(conv: Pack) -> Models:
    """Every model by function and label; windows that are too small make several of one label."""
    found = defaultdict(list)
    for model in conv.fault_models:
        found[model.function, model.label].append(model)
    return found


@pytest.mark.parametrize("function", list(SOURCES))
def test_without_a_fault_the_implementation_is_the_reference(
    conv: Pack, conv_cases: CaseSet, function: str
) -> None:
    run_with = next(m.run_with for m in conv.fault_models if m.function == function and m.run_with)
    for call, right in calls(conv_cases, function):
        assert same(run_with({}, *call), right)


@pytest.mark.parametrize(
    ("function", "label", "changes"),
    [
        pytest.param(function, label, changes, id=f"{function}: {label}")
        for function, programs in CHANGES.items()
        for label, changes in programs.items()
    ],
)
def test_the_model_answers_as_the_loops_of_a_student(
    conv_cases: CaseSet,
    models: Models,
    function: str,
    label: str,
    changes: list[tuple[str, str]],
) -> None:
    student = function_of(function, with_changes(SOURCES[function], changes))
    model = models[function, label][0]
    differs = False
    for number, (call, right) in enumerate(calls(conv_cases, function)):
        theirs, ours = outcome(student, call), outcome(model.run, call)
        assert same(theirs, ours), f"call {number}: {described(theirs)} against {described(ours)}"
        differs = differs or not same(theirs, right)
    assert differs, "no case shows the fault"


def test_there_are_programs_for_most_beliefs(models: Models) -> None:
    beliefs = {(function, label.partition("/")[0]) for function, label in models}
    written = {(f, label.partition("/")[0]) for f, programs in CHANGES.items() for label in programs}
    assert written <= beliefs
    assert len(written) > len(beliefs) / 2


# ------------------------------------------------------------------------------ the models among themselves


@pytest.mark.parametrize("function", list(SOURCES))
def test_every_model_fails_some_case(conv: Pack, conv_cases: CaseSet, function: str) -> None:
    asked = calls(conv_cases, function)
    missed = {
        m.label
        for m in conv.fault_models
        if m.function == function and all(same(outcome(m.run, call), right) for call, right in asked)
    }
    assert missed == set()


@pytest.mark.parametrize("function", list(SOURCES))
def test_two_beliefs_differ_on_some_case_or_are_declared_synonyms(
    conv: Pack, conv_cases: CaseSet, function: str
) -> None:
    """Only beliefs that raise wherever they matter may look alike: exceptions tell little."""
    asked = calls(conv_cases, function)
    groups: dict[bytes, list[tuple[FaultModel, bool]]] = defaultdict(list)
    for model in (m for m in conv.fault_models if m.function == function):
        answers = [outcome(model.run, call) for call, _ in asked]
        wrong = [a for a, (_, right) in zip(answers, asked, strict=True) if not same(a, right)]
        groups[pickle.dumps(rounded(answers))].append((model, all(isinstance(a, str) for a in wrong)))
    for look_alikes in groups.values():
        for (one, only_raises), (other, _) in combinations(look_alikes, 2):
            apart = one.misconception == other.misconception or only_raises
            assert apart or other.misconception in one.synonyms, f"{one.label} and {other.label}"


def test_synonyms_give_the_same_numbers_on_other_layers_too(conv: Pack) -> None:
    rng = np.random.default_rng(11)
    for model in (m for m in conv.fault_models if m.synonyms):
        for _ in range(3):
            call = random_call(rng, model.function)
            others = [
                m
                for m in conv.fault_models
                if m.function == model.function and m.misconception in model.synonyms
            ]
            answer = outcome(model.run, call)
            assert any(same(answer, outcome(other.run, call)) for other in others), model.label


def test_synonyms_know_each_other(conv: Pack) -> None:
    said = {(m.function, m.misconception, s) for m in conv.fault_models for s in m.synonyms}
    assert {(function, b, a) for function, a, b in said} == said


@pytest.mark.parametrize("function", list(SOURCES))
def test_no_model_changes_its_arguments(conv: Pack, conv_cases: CaseSet, function: str) -> None:
    """The engine hands every model the same arrays."""
    asked = [call for call, _ in calls(conv_cases, function)][:3]
    before = copied(asked)
    for model in (m for m in conv.fault_models if m.function == function):
        for call in asked:
            with contextlib.suppress(Exception):
                model.run(*call)
    assert same(asked, before)


def test_two_beliefs_are_two_settings_put_together(models: Models) -> None:
    rng = np.random.default_rng(3)
    A_prev, W, b, hparameters = random_call(rng, "conv_forward")
    flipped, missing = models["conv_forward", "kernel-flipped"][0], models["conv_forward", "bias-missing"][0]
    both = together(flipped, missing)
    assert both is not None
    Z, _ = both(A_prev, W, b, hparameters)
    expected, _ = missing.run(A_prev, W[::-1, ::-1], b, hparameters)
    assert same(Z, expected)


# ------------------------------------------------------------------------------ twins


def test_every_fault_shows_on_a_twin_and_its_working_ends_in_the_right_number(conv: Pack) -> None:
    workings: Any = conv.module(conv.folder / "misconceptions" / "twins.py")
    for model in conv.fault_models:
        outputs, reference = conv.function(model.function).outputs, conv.reference(model.function)
        arguments = choose(model, workings.twin_cases(model.function), reference, outputs)
        assert arguments is not None, f"no small case shows {model.label} in {model.function}"
        answer = outcome(model.run, arguments)
        if isinstance(answer, str):
            reply: Reply = NoValue(Outcome.RAISED, answer, raised=Raised(answer, ""))
        else:
            reply = Returned(answer)
        twin = make_twin(model.function, outputs, workings, arguments, reply, reference(*arguments))
        assert twin is not None
        if twin.index is not None:
            assert twin.expected_entry != twin.got_entry
            worked = twin.sentence.partition(";")[0].rpartition(" = ")[2]
            assert worked == f"{twin.expected_entry:g}" or "it lies in the border" in worked, twin.sentence


def test_the_sum_on_a_twin_can_be_checked_on_paper(conv: Pack, models: Models) -> None:
    workings: Any = conv.module(conv.folder / "misconceptions" / "twins.py")
    model = models["conv_forward", "kernel-flipped"][0]
    outputs, reference = conv.function("conv_forward").outputs, conv.reference("conv_forward")
    arguments = choose(model, workings.twin_cases("conv_forward"), reference, outputs)
    assert arguments is not None
    reply = Returned(model.run(*arguments))
    twin = make_twin("conv_forward", outputs, workings, arguments, reply, reference(*arguments))
    assert twin is not None
    assert twin.call == "conv_forward(A_prev, W, b, {'stride': 1, 'pad': 0})"
    assert twin.sentence == (
        "Z[0, 0, 0, 0] = 1·1 + 2·2 + 4·0 + 5·3 + 4 (the bias) = 24; your function returns 20."
    )
    assert [name for name, _ in twin.inputs] == ["A_prev", "W", "b"]
    assert [name for name, _ in twin.steps] == ["window", "filter", "products", "sum of the products"]
