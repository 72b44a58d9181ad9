"""The grader is not woken for every answer; whatever happens to the bell, no answer is lost for it."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from grader.model import NoValue, Outcome, Program, Returned
from grader.sandbox import Runner
from grader.sandbox.channel import Expired, PollChannel
from grader.sandbox.protocol import request
from grader.sandbox.worker import Pipe

from .conftest import LIMITS

SOURCE = """
import os, sys
def f(k):
    print(k)
    return k
def hang(k):
    while True:
        pass
def leave(k):
    os._exit(0)
def pipe():
    frame = sys._getframe()
    while "self" not in frame.f_locals or type(frame.f_locals["self"]).__name__ != "Submission":
        frame = frame.f_back
    return frame.f_locals["self"]._pipe
def close_it(k):
    os.close(pipe()._bell)
    return k
def lose_it(k):
    pipe()._bell = None
    return k
def flood_it(k):
    try:
        while True:
            os.write(pipe()._bell, bytes([0] * 7 + [127]))
    except OSError:
        return k
def ring_for_ever(k):
    while True:
        try:
            os.write(pipe()._bell, bytes([1] * 8))
        except OSError:
            pass
"""
NAMES = ("f", "hang", "leave", "close_it", "lose_it", "flood_it", "ring_for_ever")
MODULES = ("numpy", "os", "sys")


def replies(runner: Runner, names: list[str], seconds: float = 20.0) -> list[Returned | NoValue]:
    """The answers to planned calls, each with its number as argument."""
    calls = [(name, (k,)) for k, name in enumerate(names)]
    with runner.open(Program(SOURCE, NAMES, LIMITS, MODULES)) as session:
        session.plan(calls)
        return [session.call(*call, seconds if call[0] in STOPPED else 20.0) for call in calls]


STOPPED = {"hang": Outcome.TIMED_OUT, "ring_for_ever": Outcome.TIMED_OUT, "leave": Outcome.KILLED}


@pytest.mark.parametrize("name", STOPPED)
def test_what_was_answered_before_a_hang_or_a_crash_counts(caged: Runner, name: str) -> None:
    found = replies(caged, ["f"] * 20 + [name] + ["f"] * 5, 0.3)
    lost = found.pop(20)
    assert isinstance(lost, NoValue)
    assert lost.outcome is STOPPED[name]
    assert [r.value for r in found if isinstance(r, Returned)] == [*range(20), *range(21, 26)]
    assert [r.printed for r in found] == [f"{k}\n" for k in range(26) if k != 20]


@pytest.mark.parametrize("name", ["lose_it", "close_it", "flood_it"])
def test_who_keeps_the_bell_to_himself_is_looked_at_all_the_same(caged: Runner, name: str) -> None:
    assert [r.value for r in replies(caged, ["f", name, "f", "f"])] == [0, 1, 2, 3]  # type: ignore[union-attr]


def test_one_that_hangs_is_stopped_in_time_although_its_bell_rings(caged: Runner) -> None:
    start = time.monotonic()
    replies(caged, ["ring_for_ever"], 0.2)
    assert time.monotonic() - start < 15


Ends = tuple[PollChannel, Pipe]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Both ends in one process, over pipes as small as there are."""
    requests, target = os.pipe()
    source, answers = os.pipe()
    bell, start = (os.eventfd(0, os.EFD_NONBLOCK) for _ in range(2))
    for descriptor in (target, answers):
        fcntl.fcntl(descriptor, 1031, 4096)  # F_SETPIPE_SZ
    channel = PollChannel(target, source, bell, start, 1 << 24)
    yield channel, Pipe(requests, answers, bell)
    channel.close()
    os.close(requests)
    os.close(answers)


def test_an_answer_larger_than_the_pipe_arrives(ends: Ends) -> None:
    """A user with many pipes gets small ones: there the writer waits before it has rung."""
    channel, pipe = ends
    blob = np.arange(200_000).tobytes()
    writer = threading.Thread(target=lambda: [pipe.send({"id": k}, [blob]) for k in range(3)])
    writer.start()
    frames = [channel.receive(time.monotonic() + 20) for _ in range(3)]
    writer.join()
    assert [frame.header["id"] for frame in frames] == [0, 1, 2]
    assert all(frame.payload == blob for frame in frames)


def test_the_process_is_woken_when_there_is_something_to_read_and_only_once(ends: Ends) -> None:
    channel, pipe = ends
    for number in range(2):
        channel.post(request({"id": number}))
    assert [pipe.receive()["id"] for _ in range(2)] == [0, 1]
    assert os.eventfd_read(channel._start) == 1


def test_an_answer_that_nobody_rang_for_is_found(ends: Ends) -> None:
    channel, pipe = ends
    pipe._told = time.monotonic() + 1000  # it was told just now
    pipe.send({"id": 1}, now=False)
    assert channel.receive(time.monotonic() + 20).header == {"id": 1}


def test_nothing_is_waited_for_in_vain(ends: Ends) -> None:
    channel, _ = ends
    with pytest.raises(Expired):
        channel.receive(time.monotonic() + 0.05)
