"""Comparing: arity and type, shape, finite, dtype kind, values; nothing is broadcast."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.compare import agree, compare
from grader.model import Opaque, Output

ARRAY = (Output("Z"),)
SCALAR = (Output("Z", "scalar"),)
PAIR = (Output("Z"), Output("cache", "record"))
GRADIENTS = (Output("dA_prev"), Output("dW"), Output("db"))


@pytest.mark.parametrize(
    ("value", "rung", "says"),
    [
        pytest.param(None, "type", "return statement", id="forgot to return"),
        pytest.param(Opaque("generator", "a generator"), "type", "a generator", id="a generator"),
        pytest.param([[1.0, 2.0, 3.0]], "type", "a list of 1", id="a nested list"),
        pytest.param("1 2 3", "type", "a text", id="a text"),
        pytest.param(1.0, "type", "one float", id="a number where an array is asked for"),
        pytest.param(np.array([1.0, 2.0, 3.0]), "shape", "(3,), expected (1, 3)", id="one axis lost"),
        pytest.param(
            np.array([[1.0], [2.0], [3.0]]), "shape", "values, in this order, are right", id="axes swapped"
        ),
        pytest.param(np.zeros((0, 3)), "shape", "(0, 3)", id="an empty array never equals anything"),
        pytest.param(np.array([[1.0]]), "shape", "(1, 1)", id="one entry is not broadcast"),
        pytest.param(np.array([[1.0, np.nan, 3.0]]), "finite", "Z[0, 1] is nan", id="NaN"),
        pytest.param(np.array([[1.0, 2.0, np.inf]]), "finite", "Z[0, 2] is inf", id="infinity"),
        pytest.param(np.array([[1, 2, 3]]), "dtype", "int64", id="an integer buffer, values equal by chance"),
        pytest.param(np.array([[1, 2, 3]], dtype=complex), "dtype", "complex128", id="complex numbers"),
        pytest.param(np.array([[True, True, True]]), "dtype", "bool", id="booleans"),
        pytest.param(
            np.array([[1.0, 2.5, 4.0]]), "values", "Z[0, 1] is 2.5, expected 2 (2 of 3", id="wrong values"
        ),
        pytest.param(np.array([[1.0, 2.0, 3.0 + 1e-7]]), "values", "1 of 3", id="off by more than rounding"),
    ],
)
def test_what_is_wrong_with_an_array(value: Any, rung: str, says: str) -> None:
    found = compare(value, np.array([[1.0, 2.0, 3.0]]), ARRAY)
    assert found is not None
    assert found.rung == rung
    assert says in found.message


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(np.array([[1.0, 2.0, 3.0]]), id="exact"),
        pytest.param(np.array([[1.0, 2.0, 3.0]], dtype=np.float32), id="float32"),
        pytest.param(np.array([[1.0, 2.0, 3.0]], dtype=np.longdouble), id="long double"),
        pytest.param(np.array([[1.0, 2.0, 3.0 + 1e-12]]), id="the rounding of an FFT"),
    ],
)
def test_a_right_array_in_other_clothes_is_right(value: Any) -> None:
    assert compare(value, np.array([[1.0, 2.0, 3.0]]), ARRAY) is None


@pytest.mark.parametrize("value", [2.5, np.array(2.5), np.array([2.5]), np.full((1, 1, 1), 2.5)], ids=repr)
def test_a_number_may_have_any_shape_of_size_one(value: Any) -> None:
    assert compare(value, np.float64(2.5), SCALAR) is None
    assert compare(value, np.full((1, 1, 1), 2.5), SCALAR) is None


@pytest.mark.parametrize(
    ("value", "rung"),
    [
        (np.array([2.5, 2.5]), "shape"),
        (2, "values"),
        (None, "type"),
        ((2.5,), "type"),
        (10**400, "finite"),
        (float("nan"), "finite"),
    ],
    ids=["two numbers", "another number", "nothing", "a tuple", "a huge integer", "NaN"],
)
def test_what_is_not_that_number(value: Any, rung: str) -> None:
    found = compare(value, 2.5, SCALAR)
    assert found is not None
    assert found.rung == rung


def test_an_integer_answer_may_be_float_but_not_the_other_way_round() -> None:
    assert compare(np.array([1.0, 2.0]), np.array([1, 2]), ARRAY) is None
    assert compare(np.array([1, 2]), np.array([1.0, 2.0]), ARRAY) is not None


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.zeros((2, 2)), "expected 2 values: (Z, cache)"),
        ((np.zeros((2, 2)),), "returned 1 value, expected 2"),
        ((np.zeros((2, 2)), (), ()), "returned 3 values, expected 2"),
    ],
    ids=["no tuple", "one too few", "one too many"],
)
def test_arity_comes_first(value: Any, says: str) -> None:
    found = compare(value, (np.zeros((2, 2)), ()), PAIR)
    assert found is not None
    assert found.rung == "arity"
    assert says in found.message


def test_a_record_may_carry_more_after_what_is_asked_for() -> None:
    A, W, b = np.ones((1, 2, 2, 1)), np.full((1, 1, 1, 1), 2.0), np.zeros((1, 1, 1, 1))
    expected = (A, (A, W, b, {"stride": 1, "pad": 0}))
    assert agree((A, (A, W, b, {"stride": 1, "pad": 0}, "more")), expected, PAIR)
    assert agree((A, [A, W, b, {"stride": 1, "pad": 0, "f": 1}]), expected, PAIR)
    assert not agree((A, (W, A, b, {"stride": 1, "pad": 0})), expected, PAIR)
    assert not agree((A, (A, W, b)), expected, PAIR)
    assert not agree((A, (A, W, b, {"stride": 1})), expected, PAIR)
    assert not agree((A, None), expected, PAIR)


def test_only_the_asked_for_outputs_are_compared() -> None:
    expected = (np.ones(2), (np.ones(2),))
    assert compare((np.ones(2), None), expected, PAIR, only=("Z",)) is None
    assert compare((np.ones(2), None), expected, PAIR) is not None


def test_a_difference_names_the_output() -> None:
    right = (np.ones((1, 2)), np.ones((2, 2)), np.ones((1, 1, 1, 2)))
    found = compare((right[0], right[1], np.ones(2)), right, GRADIENTS)
    assert found is not None
    assert (found.output, found.rung) == ("db", "shape")
    assert "only the shape is not" in found.message


def test_tolerance_is_scaled_by_the_largest_entry_not_by_each() -> None:
    expected = np.array([1e6, 0.0])
    assert agree(np.array([1e6, 1e-5]), expected, ARRAY)
    assert not agree(np.array([1e6, 1e-2]), expected, ARRAY)
