"""Starting a worker's interpreter, and what every way of getting a fresh process has in common.

The two ways are in ``forked.py`` (a zygote forks it) and ``portable.py`` (it is started from nothing).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from grader.errors import SandboxError
from grader.model import Limits
from grader.sandbox import boot
from grader.sandbox.channel import Channel
from grader.sandbox.protocol import clean

#: How long our own processes may take to start on a busy machine, and to be reported as ended.
START_SECONDS = 60.0
END_SECONDS = 3.0
#: Processor seconds of a child beyond those of its submission: the clock out here stops it earlier.
SPARE_SECONDS = 5


class Processor(NamedTuple):
    """What a process has had of the machine."""

    seconds: float  # of processor time
    wants_more: bool  # it is not sleeping: it runs, or waits until it may


def processor(pid: int) -> Processor | None:
    """What the process ``pid`` has used, from Linux's /proc."""
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
        return Processor((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), fields[0] == "R")
    except (OSError, ValueError, IndexError):
        return None


class Child(Protocol):
    """A process that waits for a program."""

    @property
    def channel(self) -> Channel:
        """Its pipes."""

    @property
    def orphaned(self) -> bool:
        """Whether it went because our own zygote died, not by its own doing."""

    def kill(self) -> None:
        """End it, at once and whatever it does, and give its pipes back."""

    def processor(self) -> Processor | None:
        """What it has used so far; None where the system does not say."""

    def cause(self) -> str:
        """After it has gone by itself: why, as far as one can tell."""


class Launcher(Protocol):
    """Where children come from."""

    def start(self) -> None:
        """Start what takes time and return at once."""

    def hello(self) -> dict[str, Any]:
        """What the worker says of itself: ``mode``, ``python``, ``numpy``, ``mechanisms``; waits for it."""

    def child(self, modules: Sequence[str], limits: Limits) -> Child:
        """A fresh process with these modules loaded; SandboxError where that fails."""

    def make_ready(self, limits: Limits) -> None:
        """Let the next child get ready, if that can be done ahead."""

    def close(self) -> None:
        """End everything."""


def resolved(python: str) -> str:
    """The path of an interpreter, found as a shell here and now would find it."""
    if os.sep in python:
        return str(Path(python).absolute())  # not resolved: a virtual environment's Python is a link
    return shutil.which(python) or python


def popen(python: str, role: str, config: dict[str, Any], **options: Any) -> subprocess.Popen[bytes]:
    """Start a worker's interpreter; SandboxError where there is none."""
    with starting(python):
        return boot.popen(resolved(python), role, json.dumps(config), **options)


@contextlib.contextmanager
def starting(python: str) -> Iterator[None]:
    """Make one sentence of an interpreter that cannot be started."""
    try:
        yield
    except OSError as error:
        raise SandboxError(f"{python} cannot be started ({error.strerror}); see `grader doctor`") from None


def start_failure(python: str, process: subprocess.Popen[bytes], message: str = "") -> SandboxError:
    """The sentence for an interpreter that did not get as far as ``ready``."""
    process.kill()
    process.wait()
    if not message and process.stderr is not None:
        lines = process.stderr.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        message = lines[-1] if lines else f"it ended with status {process.returncode}"
    return SandboxError(f"student code cannot be run with {python}: {clean(message)}; see `grader doctor`")


#: How a process ended, for a student.
SIGNALS = {
    "SIGKILL": "the process was killed: out of memory or processor time",
    "SIGSEGV": "the process crashed (segmentation fault): recursion without end does that",
    "SIGABRT": "the process aborted",
    "SIGXCPU": "the processor time was used up",
    "SIGSYS": "the process asked the system for something that is never allowed",
    "SIGFPE": "the process crashed (arithmetic fault)",
    "SIGBUS": "the process crashed (bus error)",
}


def describe(code: int) -> str:
    """How a process ended: ``code`` is an exit code, or minus a signal."""
    if code >= 0:
        return f"the code ended the whole process (exit code {code})"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return SIGNALS.get(name, f"the process was ended by {name}")


def allowance(limits: Limits) -> dict[str, int]:
    """What a child may use, in bytes and processor seconds."""
    return {"memory": limits.memory_mb << 20, "seconds": int(limits.seconds_per_submission) + SPARE_SECONDS}
