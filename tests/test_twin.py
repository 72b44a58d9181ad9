"""The twin: the first small case on which a fault shows, and what is said about it.

The working itself is the pack's (tests/packs/test_conv_models.py); here a pack that adds two numbers will do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from grader.model import Arguments, FaultModel, NoValue, Outcome, Output, Raised, Returned, Value
from grader.twin import choose, make_twin

ONE = (Output("total"),)
TWO = (Output("total"), Output("difference"))
CASES: list[Arguments] = [
    (np.array([2.0, 2.0]), 0.0),
    (np.array([1.0, 3.0]), 1.0),
    (np.array([1.0, 3.0]), -1.0),
]


class Workings:
    """The pack's side."""

    def twin_cases(self, function: str) -> Sequence[Arguments]:
        return CASES

    def call_text(self, function: str, arguments: Arguments) -> str:
        return f"{function}(x, {arguments[1]:g})"

    def shown(self, function: str, arguments: Arguments) -> Sequence[tuple[str, Value]]:
        return [("x", arguments[0])]

    def work_out(
        self, function: str, arguments: Arguments, output: str, index: tuple[int, ...]
    ) -> tuple[Sequence[tuple[str, Value]], str]:
        x, y = arguments
        return [("pair", np.array([x[index], y]))], f"{x[index]:g} + {y:g} = {x[index] + y:g}"


def add(x: Any, y: float) -> Any:
    return x + y


def fault(run: Callable[..., Any]) -> FaultModel:
    return FaultModel("belief", "add", run)


# ------------------------------------------------------------------------------ choosing


def test_a_fault_that_no_case_shows_has_no_twin() -> None:
    assert choose(fault(add), CASES, add, ONE) is None


def test_the_first_case_that_shows_the_fault_is_chosen() -> None:
    assert choose(fault(lambda x, y: x), CASES, add, ONE) is CASES[1]
    assert choose(fault(lambda x, y: x + abs(y)), CASES, add, ONE) is CASES[2]


def test_a_case_with_numbers_is_preferred_to_one_that_raises() -> None:
    def run(x: Any, y: float) -> Any:
        if y == 1.0:
            raise ValueError("no")
        return x + abs(y)

    assert choose(fault(run), CASES, add, ONE) is CASES[2]


def test_a_fault_that_only_raises_is_shown_where_it_raises() -> None:
    def run(x: Any, y: float) -> Any:
        if y < 0:
            raise ValueError("no")
        return x + y

    assert choose(fault(run), CASES, add, ONE) is CASES[2]


# ------------------------------------------------------------------------------ what is said


def test_a_right_answer_has_no_twin() -> None:
    assert make_twin("add", ONE, Workings(), CASES[1], Returned(add(*CASES[1])), add(*CASES[1])) is None


def test_the_first_wrong_entry_is_worked_out() -> None:
    got = np.array([2.0, 3.0])
    twin = make_twin("add", ONE, Workings(), CASES[1], Returned(got), add(*CASES[1]))
    assert twin is not None
    assert twin.call == "add(x, 1)"
    assert (twin.output, twin.index, twin.got_entry, twin.expected_entry) == ("total", (1,), 3.0, 4.0)
    assert twin.sentence == "total[1] = 3 + 1 = 4; your function returns 3."
    assert [name for name, _ in twin.inputs] == ["x"]
    assert [name for name, _ in twin.steps] == ["pair"]


def test_of_several_outputs_the_wrong_one_is_shown() -> None:
    x, y = CASES[1]
    expected = (x + y, x - y)
    twin = make_twin("add", TWO, Workings(), CASES[1], Returned((x + y, x * y)), expected)
    assert twin is not None
    assert twin.output == "difference"
    assert twin.expected.tolist() == (x - y).tolist()
    assert twin.got.tolist() == (x * y).tolist()


def test_a_number_is_an_entry_without_an_index() -> None:
    workings = Workings()
    workings.work_out = lambda *args: ([], "2 + 2 = 4")  # type: ignore[method-assign, misc, assignment]
    scalar = (Output("total", "scalar"),)
    twin = make_twin("add", scalar, workings, CASES[0], Returned(np.full((1, 1), 5.0)), 4.0)
    assert twin is not None
    assert twin.sentence == "total = 2 + 2 = 4; your function returns 5."


def test_another_shape_is_said_as_a_shape() -> None:
    twin = make_twin("add", ONE, Workings(), CASES[1], Returned(np.ones((2, 1))), add(*CASES[1]))
    assert twin is not None
    assert twin.sentence == "Here total has shape (2, 1), expected (2,)."
    assert (twin.index, twin.steps) == (None, ())


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        pytest.param(
            NoValue(Outcome.RAISED, "no", raised=Raised("ValueError", "secret")),
            "Here your function stops with ValueError.",
            id="an exception is named, its text is not repeated",
        ),
        pytest.param(
            NoValue(Outcome.TIMED_OUT, "late"), "Here your function gives no answer.", id="no answer in time"
        ),
    ],
)
def test_without_a_value_the_twin_says_so(reply: NoValue, sentence: str) -> None:
    twin = make_twin("add", ONE, Workings(), CASES[1], reply, add(*CASES[1]))
    assert twin is not None
    assert (twin.sentence, twin.got) == (sentence, None)
