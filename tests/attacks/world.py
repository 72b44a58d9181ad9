"""What an attack could harm, set up so that harm shows: files, sockets, processes, another submission."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from grader.model import Limits, Program, Reply, Returned
from grader.sandbox import Runner, Session

SECRET = "the hidden answer is 6174"
#: Put into the source, an argument and a print of an earlier submission; searched for by later ones.
CANARY = "canary-" + "of-an-earlier-student"
#: The key that attacks use for what outlives a process (0x5AFE).
KEY = "23294"
SETTLE_SECONDS = 5.0

SIBLING = f"""
# {CANARY}
def remember(text):
    print(text)
    return text + "!"
def double(x):
    return 2 * x
"""

TARGET = """
import ctypes, time
PR_SET_PTRACER, ANY = 0x59616D61, -1  # Yama would refuse a debugger to everybody otherwise
ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(ANY), 0, 0, 0)
held = ctypes.create_string_buffer(b"memory!!", 8)
print(ctypes.addressof(held), flush=True)
time.sleep(600)
"""


class World:
    """Files, listeners, a helpless process and a sibling submission; ``knowledge`` is told to the attack."""

    def __init__(self, runner: Runner) -> None:
        """Built once a runner; ``watch`` begins every attack."""
        self.runner = runner
        self.folder = Path(tempfile.mkdtemp(prefix="attacked-"))
        self.folder.chmod(0o777)  # file permissions shall not be what stops an attack
        for name in ("secret.txt", "victim.txt", "doomed.txt"):
            (self.folder / name).write_text(SECRET)
            (self.folder / name).chmod(0o666)
        self._listeners = [socket.create_server(("127.0.0.1", 0)), *self._unix_listeners()]
        self.target = self._start_target()
        self.sibling = self._earlier_submission()
        self._before: tuple[Any, ...] = ()

    def _earlier_submission(self) -> Session:
        session = self.runner.open(Program(SIBLING, ("remember", "double"), Limits()))
        reply = session.call("remember", (CANARY,), 10.0)
        assert isinstance(reply, Returned), reply
        return session

    def watch(self) -> None:
        """Remember how everything is before an attack."""
        if not (self.folder / "doomed.txt").exists():  # an attack without the cage may do what it likes
            (self.folder / "doomed.txt").write_text(SECRET)
        if self.target.poll() is not None:
            self.target = self._start_target()
        self._wait_for_spare()
        self._before = self._state()

    def _wait_for_spare(self) -> None:
        """The process that stands ready is one of those that are counted before and after."""
        launcher: Any = self.runner._launcher
        end = time.monotonic() + SETTLE_SECONDS
        while hasattr(launcher, "_forked") and not launcher._forked and time.monotonic() < end:
            launcher.alive()  # takes in what the zygote has said
            time.sleep(0.002)

    def close(self) -> None:
        """Take everything down."""
        self.sibling.close()
        for listener in self._listeners:
            listener.close()
        self._end_target()
        shutil.rmtree(self.folder)

    def _end_target(self) -> None:
        self.target.kill()
        self.target.wait()
        assert self.target.stdout is not None
        self.target.stdout.close()

    def _unix_listeners(self) -> list[socket.socket]:
        by_path, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        by_path.bind(str(self.folder / "socket"))
        (self.folder / "socket").chmod(0o777)
        abstract.bind("\0" + self.folder.name)
        for listener in (by_path, abstract):
            listener.listen()
        return [by_path, abstract]

    def _start_target(self) -> subprocess.Popen[str]:
        if hasattr(self, "target"):
            self._end_target()
        target = subprocess.Popen([sys.executable, "-c", TARGET], stdout=subprocess.PIPE, text=True)
        assert target.stdout is not None
        self.target_address = int(target.stdout.readline())
        return target

    @property
    def zygote(self) -> int:
        """The process that the runner started; the target's id where there is no zygote."""
        process = getattr(self.runner._launcher, "_process", None)
        return process.pid if process is not None else self.target.pid

    @property
    def knowledge(self) -> dict[str, Any]:
        """All that an attacker could wish to know."""
        return {
            "secret": SECRET,
            "folder": str(self.folder),
            "secret_file": str(self.folder / "secret.txt"),
            "victim_file": str(self.folder / "victim.txt"),
            "doomed_file": str(self.folder / "doomed.txt"),
            "parent": os.getpid(),
            "zygote": self.zygote,
            "sibling": outer_pid(self.sibling._dialogue._child),
            "target": self.target.pid,
            "target_address": self.target_address,
            "port": self._listeners[0].getsockname()[1],
            "unix": str(self.folder / "socket"),
            "abstract": self.folder.name,
            "masked_canary": bytes(letter ^ 0x55 for letter in CANARY.encode()).hex(),
        }

    def _state(self) -> tuple[Any, ...]:
        files = sorted(self.folder.iterdir())
        return (
            [(f.name, f.stat().st_mode, f.stat().st_mtime_ns, f.stat().st_size) for f in files],
            [f.read_text() for f in files if f.suffix == ".txt"],
            self.zygote,
            os.getpriority(os.PRIO_PROCESS, 0),
            os.sched_getaffinity(0),
        )

    def assert_unharmed(self, reply: Reply) -> None:
        """Nothing was changed, learnt, reached or left behind."""
        assert SECRET not in repr(reply)
        assert self._state() == self._before
        for listener in self._listeners:
            listener.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                listener.accept()
                raise AssertionError(f"somebody connected to {listener.getsockname()}")
        assert self.target.poll() is None, "the helpless process was killed"
        assert "State:\tS" in Path(f"/proc/{self.target.pid}/status").read_text()
        assert self.sibling.call("double", (21,), 10.0).value == 42  # type: ignore[union-attr]
        for kind in ("shm", "msg", "sem"):
            table = Path("/proc/sysvipc") / kind
            assert not table.exists() or KEY not in table.read_text().split(), f"a System V {kind} is left"
        assert not list(Path("/dev/shm").glob("attack*"))


def outer_pid(child: Any) -> int:
    """A child's process id as this process sees it, through its handle."""
    handle = getattr(child, "_handle", None)
    if handle is None:
        return int(child.process.pid) if hasattr(child, "process") else 0
    for line in Path(f"/proc/self/fdinfo/{handle}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return 0


def workers() -> set[int]:
    """All processes that come from runners of this process, wherever they have gone in the process tree."""
    mark = f'"parent": {os.getpid()},'.encode()
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if mark in (entry / "cmdline").read_bytes():
                    found.add(int(entry.name))
    return found


def settled(expected: int) -> int:
    """How many workers are left, given a moment for killed ones to go."""
    end = time.monotonic() + SETTLE_SECONDS
    while (left := len(workers())) != expected and time.monotonic() < end:
        time.sleep(0.005)
    return left
