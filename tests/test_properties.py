"""Properties: what must hold of a function's own answers, declared in one line, judged as data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.model import Output, Visibility
from grader.pack import CasePlan
from grader.properties import Every, Properties, Same, Take, central_difference

P = Properties((Output("y"),))
TWO = Properties((Output("y"), Output("z")))


def judged(plan: CasePlan, function: Callable[..., Any]) -> Any:
    calls = plan.build(np.random.default_rng(1))
    assert isinstance(calls, list)
    assert plan.judge is not None
    return plan.judge(tuple(calls))(tuple(function(*call) for call in calls))


EXPECTS = P.expects("zero", "zero gives zero", lambda rng: (np.zeros(3),), y=lambda x: np.zeros(3))
TAKES = P.related(
    "rows",
    "rows are independent",
    lambda rng: (rng.normal(size=(3, 2)),),
    lambda x: (x[[2, 0]],),
    y=Take(0, (2, 0)),
)
SKIPS = P.related(
    "skip", "every second", lambda rng: (np.arange(6.0), 1), lambda x, s: (x, 2), y=Every((0,), 2)
)
BALANCES = P.balanced(
    "sum", "the sum is kept", lambda rng: (rng.normal(size=4),), y=lambda x: (np.ones(4), float(x.sum()))
)


@pytest.mark.parametrize(
    ("plan", "function", "holds"),
    [
        pytest.param(EXPECTS, lambda x: 2 * x, True, id="expects: a linear map"),
        pytest.param(EXPECTS, lambda x: x + 1, False, id="expects: a shift"),
        pytest.param(EXPECTS, lambda x: None, False, id="expects: nothing returned"),
        pytest.param(TAKES, lambda x: x**2, True, id="related: row by row"),
        pytest.param(TAKES, lambda x: x - x.mean(), False, id="related: rows mixed"),
        pytest.param(TAKES, lambda x: x[:1], False, id="related: rows lost"),
        pytest.param(TAKES, lambda x: "text", False, id="related: no array"),
        pytest.param(SKIPS, lambda x, s: x[::s], True, id="related: stride used"),
        pytest.param(SKIPS, lambda x, s: x, False, id="related: stride ignored"),
        pytest.param(BALANCES, lambda x: x[::-1], True, id="balanced: order does not matter"),
        pytest.param(BALANCES, lambda x: x / 2, False, id="balanced: half is lost"),
        pytest.param(BALANCES, lambda x: x.sum(), False, id="balanced: another shape"),
        pytest.param(BALANCES, lambda x: x * np.nan, False, id="balanced: NaN is never right"),
    ],
)
def test_a_property_holds_or_not(plan: CasePlan, function: Callable[..., Any], holds: bool) -> None:
    found = judged(plan, function)
    assert (found is None) == holds
    if found is not None:
        assert found.rung == "property"
        assert plan.meaning in found.message


def test_several_outputs_are_told_apart_by_name() -> None:
    plan = TWO.expects(
        "both", "y is x and z is 2 x", lambda rng: (np.ones(2),), y=lambda x: x, z=lambda x: 2 * x
    )
    assert judged(plan, lambda x: (x, 2 * x)) is None
    assert judged(plan, lambda x: (x, x)).output == "z"
    assert judged(plan, lambda x: x) is not None


def test_the_same_inputs_may_be_asked_for_the_same_output() -> None:
    plan = P.related("again", "again", lambda rng: (np.ones(2),), lambda x: (x,), y=Same())
    assert judged(plan, lambda x: x) is None


def test_properties_are_public_and_name_themselves() -> None:
    assert EXPECTS.visibility is Visibility.PUBLIC
    assert EXPECTS.property_id == "zero"


def test_a_central_difference_is_exact_for_a_linear_map() -> None:
    a = np.array([0.25, -3.0, 8.0])
    assert np.array_equal(central_difference(lambda x: float(a @ x), np.ones(3)), a)
