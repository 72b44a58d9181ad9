"""SIGKILL at any moment, for the grader, the zygote or a child, leaves nothing running."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attacks.world import outer_pid

from grader.model import NoValue, Outcome, Program, Returned
from grader.sandbox import Runner, open_runner

ROOT = Path(__file__).resolve().parents[2]
SETTLE_SECONDS = 15.0

#: A grader of its own, brought to a certain moment; it says so and stays there.
GRADER = '''
import sys, time
from grader.sandbox import open_runner
from grader.model import Program
mode, moment = sys.argv[1:]
if moment == "ahead":
    from grader.sandbox import boot
    boot.ahead()
    print("here", flush=True); time.sleep(1000)
runner = open_runner(mode)
source = """
import time
def busy():
    while True: pass
def asleep(): time.sleep(1000)
def f(): return 1
"""
if moment == "starting":
    print("here", flush=True); time.sleep(1000)
session = runner.open(Program(source, ("f",)))
if moment == "loading":
    print("here", flush=True); time.sleep(1000)
session.call("f", (), 20.0)
print("here", flush=True)
if moment == "idle":
    time.sleep(1000)
session.call(moment, (), 1000.0)
'''
MOMENTS = ["ahead", "starting", "loading", "idle", "busy", "asleep"]


def descendants(mark: str) -> set[int]:
    """The workers of a grader, wherever they are in the process tree."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if mark.encode() in (entry / "cmdline").read_bytes() and b"Z" not in state(entry):
                    found.add(int(entry.name))
    return found


def state(entry: Path) -> bytes:
    return (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]


def gone(mark: str) -> bool:
    end = time.monotonic() + SETTLE_SECONDS
    while descendants(mark):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@contextmanager
def grader(mode: str, moment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", GRADER, mode, moment], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        yield process, f'"grader": {process.pid}}}' if mode != "portable" else ""
    finally:
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_grader_leaves_nothing_running(caged: Runner, moment: str) -> None:
    with grader(caged.mode, moment) as (process, mark):
        until = time.monotonic() + SETTLE_SECONDS
        while not descendants(mark):  # a process that is being started has no command line yet
            assert time.monotonic() < until
        process.kill()
        process.wait()
        assert gone(mark)


@pytest.mark.parametrize("moment", ["starting", "busy"])
def test_killed_workers_leave_nothing_running(caged: Runner, moment: str) -> None:
    """Each of the processes in turn: the one outside, those of the namespaces, the zygote, the children."""
    with grader(caged.mode, moment) as (_, mark):
        count = len(descendants(mark))
    for position in range(count):
        with grader(caged.mode, moment) as (process, mark):
            end = time.monotonic() + SETTLE_SECONDS
            while len(workers := sorted(descendants(mark))) < count and time.monotonic() < end:
                time.sleep(0.01)  # the process that stands ready is still being made
            if position < len(workers):
                os.kill(workers[position], signal.SIGKILL)
            process.kill()
            process.wait()
            assert gone(mark)


def zygotes(runner: Runner) -> list[int]:
    """The chain from the process that was started to the zygote itself."""
    chain = [runner._launcher._process.pid]  # type: ignore[attr-defined]
    while len(children := Path(f"/proc/{chain[-1]}/task/{chain[-1]}/children").read_text().split()) == 1:
        chain.append(int(children[0]))
    return chain


@pytest.mark.parametrize("position", [0, -1], ids=["the process outside", "the zygote"])
def test_a_dead_zygote_costs_nobody_a_case(caged: Runner, position: int) -> None:
    """The call in flight is made once more with a new zygote; calls before and after are not concerned."""
    source = "import time\ndef f(x):\n    time.sleep(x)\n    return x\n"
    with open_runner(caged.mode) as runner, runner.open(Program(source, ("f",))) as session:
        assert session.call("f", (0,), 20.0).value == 0  # type: ignore[union-attr]
        victim = zygotes(runner)[0] if position == 0 else int(zygote_of(session))
        killer = subprocess.Popen(
            [sys.executable, "-c", f"import os, time; time.sleep(.3); os.kill({victim}, 9)"]
        )
        reply = session.call("f", (1,), 30.0)
        killer.wait()
        assert isinstance(reply, Returned), reply
        assert session.call("f", (0,), 20.0).value == 0  # type: ignore[union-attr]


def zygote_of(session: object) -> str:
    """The parent of a session's child."""
    pid = outer_pid(session._dialogue._child)  # type: ignore[attr-defined]
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("PPid:"):
            return line.split()[1]
    raise AssertionError


def test_a_killed_child_costs_the_case_in_flight(caged: Runner) -> None:
    source = "import time\ndef f(x):\n    time.sleep(x)\n    return x\n"
    with caged.open(Program(source, ("f",))) as session:
        assert session.call("f", (0,), 20.0).value == 0  # type: ignore[union-attr]
        pid = outer_pid(session._dialogue._child)  # type: ignore[union-attr]
        killer = subprocess.Popen(
            [sys.executable, "-c", f"import os, time; time.sleep(.2); os.kill({pid}, 9)"]
        )
        reply = session.call("f", (600,), 30.0)
        killer.wait()
        assert isinstance(reply, NoValue)
        assert reply.outcome is Outcome.KILLED
        assert reply.detail == "the process was killed: out of memory or processor time"
        assert session.call("f", (0,), 20.0).value == 0  # type: ignore[union-attr]


def test_a_grader_that_is_interrupted_can_go_on(standard: Runner) -> None:
    """Ctrl-C reaches the whole process group: the zygote leaves it to the grader."""
    with (
        open_runner("standard") as runner,
        runner.open(Program("def f():\n    return 1\n", ("f",))) as session,
    ):
        assert session.call("f", (), 20.0).value == 1  # type: ignore[union-attr]
        os.kill(zygotes(runner)[-1], signal.SIGINT)
        time.sleep(0.1)
        assert session.call("f", (), 20.0).value == 1  # type: ignore[union-attr]
        with runner.open(Program("def f():\n    return 2\n", ("f",))) as another:
            assert another.call("f", (), 20.0).value == 2  # type: ignore[union-attr]
