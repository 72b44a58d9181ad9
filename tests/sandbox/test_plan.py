"""Planned calls are sent ahead; the answers must be the same as without a plan."""

from __future__ import annotations

import time

import numpy as np

from grader.model import NoValue, Outcome, Program, Returned
from grader.sandbox import Runner

from .conftest import LIMITS

SOURCE = """
count = 0
def f(x):
    global count
    count += 1
    print(x)
    return x, count
def hang(x):
    while True:
        pass
def crash(x):
    raise SystemExit
"""


def test_planned_calls_are_answered_in_order(any_tier: Runner) -> None:
    calls = [("f", (k,)) for k in range(50)]
    with any_tier.open(Program(SOURCE, ("f",), LIMITS)) as session:
        session.plan(calls)
        replies = [session.call(name, args, 20.0) for name, args in calls]
    assert [reply.value for reply in replies] == [(k, k + 1) for k in range(50)]  # type: ignore[union-attr]
    assert [reply.printed for reply in replies] == [f"{k}\n" for k in range(50)]


def test_a_plan_may_be_left(any_tier: Runner) -> None:
    """Calls that were sent and are skipped have been made by the process; their answers are passed over."""
    calls = [("f", (k,)) for k in range(10)]
    other = ("f", (99,))
    with any_tier.open(Program(SOURCE, ("f",), LIMITS)) as session:
        session.plan(calls)
        assert session.call(*calls[0], 20.0).value[0] == 0  # type: ignore[union-attr]
        assert session.call(*calls[5], 20.0).value[0] == 5  # type: ignore[union-attr]
        assert session.call(*other, 20.0).value[0] == 99  # type: ignore[union-attr]
        assert session.call(*calls[7], 20.0).value[0] == 7  # type: ignore[union-attr]


def test_the_same_values_in_another_object_are_another_call(standard: Runner) -> None:
    with standard.open(Program(SOURCE, ("f",), LIMITS)) as session:
        session.plan([("f", (np.zeros(1),)), ("f", (np.ones(1),))])
        reply = session.call("f", (np.full(1, 5.0),), 20.0)
    assert reply.value[0][0] == 5.0  # type: ignore[union-attr]


def test_after_a_hang_the_planned_rest_goes_on_in_a_new_process(any_tier: Runner) -> None:
    calls = [("f", (0,)), ("hang", (1,)), ("f", (2,)), ("crash", (3,)), ("f", (4,))]
    with any_tier.open(Program(SOURCE, ("f",), LIMITS)) as session:
        session.plan(calls)
        replies = [session.call(name, args, 0.3 if name == "hang" else 20.0) for name, args in calls]
    assert isinstance(replies[1], NoValue)
    assert replies[1].outcome is Outcome.TIMED_OUT
    assert [r.value for r in replies if isinstance(r, Returned)] == [(0, 1), (2, 1), (4, 2)]
    assert isinstance(replies[3], NoValue)
    assert replies[3].outcome is Outcome.RAISED


def test_entropy_is_part_of_a_plan(standard: Runner) -> None:
    source = "import random\ndef f():\n    return random.random()\n"
    args = ()
    with standard.open(Program(source, ("f",), LIMITS)) as session:
        alone = [session.call("f", args, 20.0, entropy=k).value for k in (0, 1)]  # type: ignore[union-attr]
        session.plan([("f", args, 0), ("f", args, 1)])
        planned = [session.call("f", args, 20.0, entropy=k).value for k in (0, 1)]  # type: ignore[union-attr]
    assert planned == alone
    assert alone[0] != alone[1]


def test_large_planned_arguments_do_not_block(any_tier: Runner) -> None:
    """More is sent than the pipes hold, both ways at once."""
    source = "def f(x):\n    return x, x\n"
    calls = [("f", (np.full(200_000, float(k)),)) for k in range(8)]
    with any_tier.open(Program(source, ("f",), LIMITS)) as session:
        session.plan(calls)
        for k, (name, args) in enumerate(calls):
            reply = session.call(name, args, 20.0)
            assert isinstance(reply, Returned), reply
            assert reply.value[1][-1] == k


def test_planned_calls_are_not_sent_where_helpers_are_asked_for(standard: Runner) -> None:
    source = "def f(x):\n    return g(x)\n"
    calls = [("f", (k,)) for k in range(5)]
    program = Program(source, ("f",), LIMITS, stubs=("g",))
    with standard.open(program, lambda name, args: Returned(args[0] + 100)) as session:
        session.plan(calls)
        assert [session.call(*call, 20.0).value for call in calls] == [100, 101, 102, 103, 104]  # type: ignore[union-attr]


def test_a_process_that_has_loaded_the_program_begins_with_the_plan(any_tier: Runner) -> None:
    call = ("f", (5,))
    with any_tier.open(Program(SOURCE, ("f",), LIMITS)) as session:
        assert session.load_errors == ()
        session.plan([call])
        end = time.monotonic() + 20
        while session._dialogue._child.channel.quiet:  # type: ignore[union-attr]
            assert time.monotonic() < end
            time.sleep(0.01)
        assert session.call(*call, 20.0).value == (5, 1)  # type: ignore[union-attr]
