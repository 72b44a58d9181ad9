"""The portable tier with what Windows and macOS lack switched off."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox import alone, portable

ROOT = Path(__file__).resolve().parents[2]
SETTLE_SECONDS = 15.0

#: What the grader's side may not use; each is taken away after the standard library was imported.
WINDOWS = """
import os, queue, select, signal, socket, subprocess, sys, threading
for module, names in (
    (os, "fork forkpty getuid geteuid getpgid setsid killpg waitid wait4 pidfd_open set_blocking"),
    (select, "poll epoll select"),
    (signal, "pidfd_send_signal pthread_sigmask alarm setitimer"),
    (socket, "AF_UNIX SCM_RIGHTS"),
):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.modules["resource"] = sys.modules["fcntl"] = None
sys.platform = "win32"
from grader.model import Program
from grader.sandbox import open_runner
source = '''
import os, time
def f(x):
    print("seen")
    return x * 2
def hang():
    while True: pass
def leave(): os._exit(3)
def big(): return list(range(10_000))
'''
with open_runner("portable") as runner:
    with runner.open(Program(source, ("f",), allowed_imports=("numpy", "os"))) as session:
        print(runner.mode, session.call("f", (4,), 20.0).value, session.call("f", (4,), 20.0).printed, end="")
        print(session.call("hang", (), 0.3).outcome, session.call("leave", (), 20.0).detail)
        print(len(session.call("big", (), 20.0).value), session.call("f", (5,), 20.0).value)
"""


def test_it_works_without_what_windows_lacks() -> None:
    result = subprocess.run(
        [sys.executable, "-c", WINDOWS], capture_output=True, text=True, cwd=ROOT, check=False, timeout=120
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "portable 8 seen",
        "timed_out the code ended the whole process (exit code 3)",
        "10000 10",
    ]


def test_on_windows_the_whole_tree_is_ended_by_taskkill(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []

    class Process:
        pid = 4711

        def kill(self) -> None:
            called.append(["kill"])

        def wait(self) -> None:
            called.append(["wait"])

    def run(command: list[str], **options: Any) -> None:
        called.append(command)
        raise OSError("no such command here")

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "run", run)
    portable.end_tree(Process())  # type: ignore[arg-type]
    assert called == [["taskkill", "/T", "/F", "/PID", "4711"], ["kill"], ["wait"]]


def test_without_the_module_for_limits_only_the_process_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert alone.limit_softly(1 << 30, 10) == ["separate process"]


def test_a_process_that_the_student_started_is_ended_too() -> None:
    """As long as it stays in its group: this tier holds nobody who means harm."""
    from grader.model import Program
    from grader.sandbox import open_runner

    source = "import os, time\ndef f():\n  if os.fork() == 0:\n    time.sleep(60)\n  return os.getpgid(0)\n"
    with open_runner("portable") as runner:
        with runner.open(Program(source, ("f",), allowed_imports=("numpy", "os"))) as session:
            group = session.call("f", (), 20.0).value  # type: ignore[union-attr]
            assert members(group)
        assert all_ended(group)


def all_ended(group: int) -> bool:
    """Whether a process group has no living member any more: a signal reaches others than a child in its own time."""
    end = time.monotonic() + SETTLE_SECONDS
    while members(group) and time.monotonic() < end:
        time.sleep(0.01)
    return not members(group)


def members(group: int) -> list[str]:
    """The living processes of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, own_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(own_group) == group and state != "Z":
            found.append(stat.parent.name)
    return found
