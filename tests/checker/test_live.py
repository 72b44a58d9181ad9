"""Running a function inside the kernel: the same answers as from a sandbox, and no hanging."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from grader.checker import live
from grader.checker.live import LiveRunner, LiveSession
from grader.model import NoValue, Opaque, Outcome, Program, Reply, Returned
from grader.sandbox import Runner, Session


def call(function: Any, *arguments: Any, seconds: float = 5.0) -> Reply:
    session = LiveRunner({"f": function}).open(Program("", ("f",)))
    reply = session.call("f", arguments, seconds)
    session.close()
    return reply


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def test_it_has_all_that_a_sandbox_has_so_that_the_pipeline_can_use_it() -> None:
    assert public(Runner) <= public(LiveRunner)
    assert public(Session) <= public(LiveSession)


def test_a_loop_without_end_is_stopped() -> None:
    def endless(x: int) -> None:
        while True:
            x += 1

    before = threading.active_count()
    reply = call(endless, 1, seconds=0.2)
    assert isinstance(reply, NoValue)
    assert (reply.outcome, reply.detail) == (Outcome.TIMED_OUT, "stopped after 0.2 s")
    assert threading.active_count() <= before  # a thread of an earlier test may have ended meanwhile


def test_one_that_does_not_let_itself_be_stopped_is_left_behind_with_a_word_about_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "STOP_SECONDS", 0.1)
    release = threading.Event()
    reply = call(lambda x: release.wait(), 1, seconds=0.1)
    release.set()
    assert isinstance(reply, NoValue)
    assert "restart the kernel" in reply.detail


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt()])
def test_whatever_it_raises_is_an_answer(error: BaseException) -> None:
    def raising(x: int) -> None:
        raise error

    reply = call(raising, 1)
    assert isinstance(reply, NoValue)
    assert reply.outcome is Outcome.RAISED
    assert reply.raised is not None
    assert reply.raised.type_name == type(error).__name__
    assert len(reply.raised.lines) == 1


def test_it_works_on_copies_and_tells_which_argument_was_changed() -> None:
    def changing(x: Any, y: Any) -> Any:
        y[0] = 9
        return x

    x, y = np.zeros(2), np.zeros(2)
    reply = call(changing, x, y)
    assert isinstance(reply, Returned)
    assert reply.changed == (1,)
    assert y.tolist() == [0, 0]


def test_what_is_no_plain_data_comes_out_as_what_it_is_called() -> None:
    reply = call(lambda x: (k for k in range(x)), 3)
    assert isinstance(reply, Returned)
    assert isinstance(reply.value, Opaque)
    assert reply.value.type_name == "generator"


def test_an_array_comes_out_as_it_is() -> None:
    reply = call(lambda x: (x * 2, {"pad": 1}), np.arange(3.0))
    assert isinstance(reply, Returned)
    assert reply.value[0].tolist() == [0, 2, 4]
    assert reply.value[1] == {"pad": 1}
