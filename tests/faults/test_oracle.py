"""The oracle is itself checked, by identities that involve neither windows nor correlation routines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from . import oracle

FORWARD = [check for check in oracle.sweep() if check.function == "conv_forward"]
BACKWARD = [check for check in oracle.sweep() if check.function == "conv_backward"]


def label(check: oracle.Check) -> str:
    return check.label


def forward(A_prev: Any, W: Any, b: Any, hparameters: dict[str, int]) -> Any:
    return oracle.conv_forward(A_prev, W, b, hparameters)[0]


@pytest.mark.parametrize("check", BACKWARD, ids=label)
def test_gradients_are_the_adjoints_of_the_forward_maps(check: oracle.Check) -> None:
    """<conv(X, W), dZ> = <X, dA> and <conv(A, V), dZ> = <V, dW>, exactly, for random X and V."""
    dZ, (A_prev, W, b, hparameters) = check.arguments
    dA, dW, db = check.expected
    rng = np.random.default_rng(1)
    X, V, none = oracle.quarters(rng, A_prev.shape), oracle.quarters(rng, W.shape), np.zeros_like(b)
    assert np.sum(forward(X, W, none, hparameters) * dZ) == np.sum(X * dA)
    assert np.sum(forward(A_prev, V, none, hparameters) * dZ) == np.sum(V * dW)
    assert np.sum(forward(0 * X, W, b, hparameters) * dZ) == np.sum(b * db)


@pytest.mark.parametrize("check", FORWARD, ids=label)
def test_every_output_is_one_window_times_one_filter_plus_its_bias(check: oracle.Check) -> None:
    A_prev, W, b, hparameters = check.arguments
    s, f = hparameters["stride"], len(W)
    padded = np.pad(A_prev, [(0, 0), *[(hparameters["pad"],) * 2] * 2, (0, 0)])
    Z = check.expected[0]
    for i, h, w, c in np.ndindex(Z.shape):
        window = padded[i, h * s : h * s + f, w * s : w * s + f]
        assert Z[i, h, w, c] == np.dot(window.ravel(), W[..., c].ravel()) + b[0, 0, 0, c]
    # and one more window would hang over the edge
    assert Z.shape[1] * s + f > padded.shape[1]
    assert Z.shape[2] * s + f > padded.shape[2]


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        pytest.param(2.5, True, id="a float"),
        pytest.param(np.float32(2.5), True, id="a numpy scalar"),
        pytest.param(np.full((1, 1, 1), 2.5), True, id="an array of one"),
        pytest.param(np.full(2, 2.5), False, id="two numbers"),
        pytest.param(np.full((1, 1, 1, 1), 2.5), False, id="four axes"),
        pytest.param(2.75, False, id="another number"),
        pytest.param(np.nan, False, id="not a number"),
        pytest.param(None, False, id="nothing"),
        pytest.param(True, False, id="a truth value"),
    ],
)
def test_what_counts_as_an_answer_of_the_single_step(answer: Any, accepted: bool) -> None:
    assert oracle.right_answer("conv_single_step", answer, 2.5) is accepted


def test_shapes_are_compared_without_broadcasting() -> None:
    assert not oracle.same(np.ones(3), np.ones((1, 3)))
    assert not oracle.same(np.ones(()), np.ones((2, 2)))
    assert not oracle.same(np.ones((1, 1)).view(np.recarray), np.ones((1, 1)))
    assert oracle.same(np.ones((2, 2), dtype=np.float32), np.ones((2, 2)))
