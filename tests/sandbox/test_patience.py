"""The clock on the wall stops a program, but not for what a busy machine did to it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from grader.model import NoValue, Outcome, Program, Returned
from grader.sandbox import Runner, dialogue
from grader.sandbox.channel import Expired
from grader.sandbox.launch import Processor
from grader.sandbox.protocol import Frame

from .conftest import LIMITS

LIMIT = 1.0
ANSWER = Frame({"id": "x", "st": "returned"}, bytearray())
PRINT = Frame({"id": "x", "st": "printed"}, bytearray(b"x"))


class Machine:
    """A child, its channel and the clock: the process gets ``share`` of the processor and needs ``work``."""

    def __init__(self, share: float, work: float, wants_more: bool = True, prints_every: float = 1e9) -> None:
        self.now, self.share, self.work, self.wants_more = 100.0, share, work, wants_more
        self.prints_every, self.printed = prints_every, 0

    @property
    def channel(self) -> Machine:
        return self

    def monotonic(self) -> float:
        return self.now

    def receive(self, deadline: float) -> Frame:
        done = 100.0 + self.work / self.share
        prints = 100.0 + (self.printed + 1) * self.prints_every
        if prints <= min(done, deadline):
            self.now, self.printed = max(self.now, prints), self.printed + 1
            return PRINT
        self.now = max(self.now, min(done, deadline))
        if done > deadline:
            raise Expired
        return ANSWER

    def processor(self) -> Processor | None:
        return Processor((self.now - 100.0) * self.share, self.wants_more)


def seconds_until(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, float]:
    """Whether an answer came, and after how long it did or was given up."""
    talk = object.__new__(dialogue.Dialogue)
    talk._child = machine  # type: ignore[assignment]
    monkeypatch.setattr(dialogue, "time", machine)
    try:
        while talk._received(100.0 + LIMIT, LIMIT) is not ANSWER:
            pass
        return True, machine.now - 100.0
    except Expired:
        return False, machine.now - 100.0


def test_on_an_idle_machine_a_loop_without_end_costs_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seconds_until(Machine(1.0, 99.0), monkeypatch) == (False, pytest.approx(LIMIT))


@pytest.mark.parametrize("share", [0.5, 0.25])
def test_a_program_that_had_its_share_only_gets_the_rest(
    monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    came, seconds = seconds_until(Machine(share, 0.7), monkeypatch)
    assert came
    assert seconds == pytest.approx(0.7 / share)


@pytest.mark.parametrize("every", [0.05, 0.3])
def test_one_that_prints_meanwhile_gets_it_as_well(monkeypatch: pytest.MonkeyPatch, every: float) -> None:
    assert seconds_until(Machine(0.25, 0.7, prints_every=every), monkeypatch) == (True, pytest.approx(2.8))


def test_prints_without_end_end(monkeypatch: pytest.MonkeyPatch) -> None:
    came, seconds = seconds_until(Machine(0.25, 99.0, prints_every=0.01), monkeypatch)
    assert not came
    assert seconds <= dialogue.PATIENCE * LIMIT


@pytest.mark.parametrize("share", [0.5, 0.25, 0.1, 0.01])
def test_a_loop_without_end_ends_on_a_busy_machine_too(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    came, seconds = seconds_until(Machine(share, 99.0), monkeypatch)
    assert not came
    assert seconds <= dialogue.PATIENCE * LIMIT


@pytest.mark.parametrize("machine", [Machine(0.1, 99.0, wants_more=False), Machine(0.9, 99.0)])
def test_one_that_sleeps_or_had_nearly_all_gets_nothing(
    monkeypatch: pytest.MonkeyPatch, machine: Machine
) -> None:
    assert seconds_until(machine, monkeypatch) == (False, pytest.approx(LIMIT))


def test_where_the_system_does_not_say_the_clock_on_the_wall_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(0.1, 99.0)
    monkeypatch.setattr(machine, "processor", lambda: None)
    assert seconds_until(machine, monkeypatch) == (False, pytest.approx(LIMIT))


WORK = """
import time
def f(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return "done"
def sleep(seconds):
    time.sleep(seconds)
"""


@pytest.fixture
def crowd() -> Any:
    """``crowd(pid)``: that process shares one core with four others that never rest."""
    started: list[subprocess.Popen[bytes]] = []

    def make(pids: list[int]) -> None:
        core = {min(os.sched_getaffinity(0))}
        for _ in range(4):
            loop = [sys.executable, "-c", "print(flush=True)\nwhile True: pass"]
            # A session each: the kernel may give every session the same share, whatever runs in it.
            started.append(subprocess.Popen(loop, stdout=subprocess.PIPE, start_new_session=True))
        for one in started:
            one.stdout.readline()  # type: ignore[union-attr]
        for pid in [*pids, *(one.pid for one in started)]:
            os.sched_setaffinity(pid, core)

    yield make
    for one in started:
        one.kill()
        one.communicate()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot tie a process to a core")
def test_right_work_is_finished_on_a_crowded_core(
    any_tier: Runner, crowd: Callable[[list[int]], None]
) -> None:
    """It has a fifth of the core: a third of a second of work takes more than one."""
    with any_tier.open(Program(WORK, ("f", "sleep"), LIMITS)) as session:
        assert session.call("f", (0.01,), 20.0).value == "done"  # type: ignore[union-attr]
        crowd([outer_pid(session)])
        start = time.monotonic()
        reply = session.call("f", (0.33,), 0.8)
        took = time.monotonic() - start
    assert isinstance(reply, Returned), reply
    assert took > 0.8, "the core was not crowded: this test shows nothing"


def outer_pid(session: Any) -> int:
    """The number of a session's process as seen from here."""
    child = session._dialogue._child
    return int(child.process.pid if hasattr(child, "process") else child.outer_pid)


def test_who_sleeps_is_not_waited_for(any_tier: Runner) -> None:
    with any_tier.open(Program(WORK, ("f", "sleep"), LIMITS)) as session:
        reply = session.call("sleep", (1000.0,), 0.3)
    assert isinstance(reply, NoValue)
    assert reply.outcome is Outcome.TIMED_OUT
