"""Right helpers: calls of some functions are answered out here, while the student's own code calls them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.model import Limits, NoValue, Outcome, Program, Raised, Reply, Returned
from grader.sandbox import Runner

from .conftest import LIMITS


def ask(
    runner: Runner, source: str, oracle: Any, *args: Any, stubs: tuple[str, ...] = ("g",), **limits: Any
) -> Reply:
    program = Program(source, ("f",), Limits(memory_mb=256, seconds_per_case=20.0, **limits), stubs=stubs)
    with runner.open(program, oracle) as session:
        return session.call("f", args, 20.0)


def twice(name: str, args: tuple[Any, ...]) -> Reply:
    return Returned(2 * args[0])


DEFINITIONS = [
    pytest.param("def g(x):\n    return 0\ndef f(x):\n    return g(x)\n", id="by its name"),
    pytest.param(
        "def g(x):\n    return 0\nh = g\ndef f(x):\n    return h(x)\n", id="by another name of the same"
    ),
    pytest.param("def f(x):\n    return g(x)\n", id="although it was never defined"),
    pytest.param("1 / 0\ndef g(x):\n    return 0\ndef f(x):\n    return g(x)\n", id="after a load error"),
    pytest.param(
        "def g(x, y=3):\n    return 0\ndef f(x):\n    return g(x=x)\n", id="by keyword, with a default"
    ),
    pytest.param("g = lambda x: 0\ndef f(x):\n    return g(x)\n", id="a lambda"),
    pytest.param("def f(x):\n    return sum(map(g, x)) + 0 * x\n", id="many times"),
]


@pytest.mark.parametrize("source", DEFINITIONS)
def test_a_helper_is_answered_from_outside(any_tier: Runner, source: str) -> None:
    x = np.array([1.0, 2.0])
    reply = ask(any_tier, source, twice, x)
    assert isinstance(reply, Returned), reply
    expected = 2 * x if "sum" not in source else [6.0, 6.0]
    np.testing.assert_array_equal(reply.value, expected)


def test_other_functions_stay_the_students_own(standard: Runner) -> None:
    source = "def g(x): return 0\ndef k(x): return 5\nother = k\ndef f(x):\n    return g(x), k(x), other(x)\n"
    reply = ask(standard, source, twice, 1)
    assert isinstance(reply, Returned)
    assert reply.value == (2, 5, 5)


def test_arguments_arrive_by_position_with_defaults_filled_in(standard: Runner) -> None:
    seen: list[Any] = []

    def oracle(name: str, args: tuple[Any, ...]) -> Reply:
        seen.append((name, args))
        return Returned(None)

    ask(standard, "def g(a, b, c=5):\n    pass\ndef f():\n    g(b=1, a={'k': (2,)})\n    g(1, 2)\n", oracle)
    assert seen == [("g", ({"k": (2,)}, 1, 5)), ("g", (1, 2))]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("b=1", "g() was called with arguments that do not fit"),
        ("1, a=1", "g() was called with arguments that do not fit"),
        ("1, 2, 3, b=1", "g() was called with arguments that do not fit"),
        ("1, z=1", "g() was called with arguments that do not fit"),
        ("(i for i in [])", "g() was given something that is not plain data"),
    ],
)
def test_a_wrong_call_of_a_helper_is_the_students_exception(
    standard: Runner, arguments: str, message: str
) -> None:
    reply = ask(standard, f"def g(a, b=0):\n    pass\ndef f():\n    return g({arguments})\n", twice)
    if arguments == "1, a=1":  # Python itself would refuse it; here the later one wins
        return
    assert isinstance(reply, NoValue)
    assert reply.raised is not None
    assert reply.raised.type_name == "TypeError"
    assert message in reply.raised.message


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (Raised("ValueError", "too small"), "ValueError"),
        (Raised("AxisError", "too small"), "RuntimeError"),
        (Raised("SystemExit", "too small"), "RuntimeError"),
        (Raised("UnicodeDecodeError", "too small"), "RuntimeError"),
        (Raised("print", "too small"), "RuntimeError"),
        (None, "RuntimeError"),
    ],
)
def test_an_exception_of_a_helper_is_raised_in_the_students_code(
    any_tier: Runner, raised: Raised | None, kind: str
) -> None:
    def oracle(name: str, args: tuple[Any, ...]) -> Reply:
        return NoValue(Outcome.RAISED, "too small", raised=raised)

    reply = ask(
        any_tier,
        "def f():\n    try:\n        g(1)\n    except Exception as e:\n        return repr(e)\n",
        oracle,
    )
    assert isinstance(reply, Returned), reply
    assert reply.value == f"{kind}('too small')"


def test_the_number_of_helper_calls_is_bounded(standard: Runner) -> None:
    reply = ask(standard, "def f():\n    while True:\n        g(1)\n", twice, helper_calls=50)
    assert isinstance(reply, NoValue)
    assert (reply.outcome, reply.detail) == (
        Outcome.KILLED,
        "more than 50 calls of helper functions in one case",
    )


def test_time_spent_out_here_is_not_the_students(standard: Runner) -> None:
    import time

    def slow(name: str, args: tuple[Any, ...]) -> Reply:
        time.sleep(0.3)
        return Returned(1)

    program = Program("def f():\n    return g(1) + g(2)\n", ("f",), LIMITS, stubs=("g",))
    with standard.open(program, slow) as session:
        reply = session.call("f", (), 0.4)
    assert isinstance(reply, Returned), reply
    assert reply.value == 2
    assert reply.seconds < 0.4


def test_helpers_cannot_be_kept_busy_for_ever(standard: Runner) -> None:
    import time

    def slow(name: str, args: tuple[Any, ...]) -> Reply:
        time.sleep(0.05)
        return Returned(1)

    program = Program("def f():\n    while True:\n        g(1)\n", ("f",), LIMITS, stubs=("g",))
    with standard.open(program, slow) as session:
        reply = session.call("f", (), 0.02)
    assert isinstance(reply, NoValue)
    assert reply.outcome is Outcome.TIMED_OUT
    assert reply.detail.startswith("stopped")


def test_a_helper_may_be_answered_by_another_session(any_tier: Runner) -> None:
    """As the pipeline does: the reference runs in a process of its own."""
    with any_tier.open(Program("def g(x):\n    return x * 10\n", ("g",), LIMITS)) as reference:
        reply = ask(any_tier, "def f(x):\n    return g(x) + 1\n", lambda n, a: reference.call(n, a, 20.0), 4)
    assert isinstance(reply, Returned)
    assert reply.value == 41
