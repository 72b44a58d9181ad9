"""Starting a worker's interpreter, and what every way of getting a fresh process has in common.

The two ways are in ``forked.py`` (a zygote forks it) and ``portable.py`` (it is started from nothing).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from grader.errors import SandboxError
from grader.model import Limits
from grader.sandbox.channel import Channel
from grader.sandbox.protocol import clean

FOLDER = Path(__file__).resolve().parent
#: Puts the folder of ``worker.py`` in place of the current folder, which may hold a file ``numpy.py``.
BOOT = "import sys; sys.path[0] = sys.argv[1]; import worker; del sys.path[0]; worker.main()"
#: How long our own processes may take to start on a busy machine, and to be reported as ended.
START_SECONDS = 60.0
END_SECONDS = 3.0
#: Processor seconds of a child beyond those of its submission: the clock out here stops it earlier.
SPARE_SECONDS = 5


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

    def close(self) -> None:
        """End everything."""


#: Where ``pip install --user`` has put NumPy: only a self-check on one's own machine may look there.
USER_SITE = ("HOME", "USERPROFILE", "APPDATA", "PYTHONUSERBASE")


def environment(own_machine: bool = False) -> dict[str, str]:
    """What the worker's interpreter sees of ours: next to nothing.

    An explicit environment rather than ``python -I``, which would ignore PYTHONHASHSEED. One BLAS thread:
    a second one, once threads are denied, would make the first matrix product wait for ever.
    """
    kept = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "WINDIR"]
    if own_machine:
        kept += USER_SITE
    made = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    for library in ("OPENBLAS", "OMP", "MKL", "BLIS", "NUMEXPR"):
        made[f"{library}_NUM_THREADS"] = "1"
    made["VECLIB_MAXIMUM_THREADS"] = "1"
    return made | {name: os.environ[name] for name in kept if name in os.environ}


def popen(python: str, config: dict[str, Any], **options: Any) -> subprocess.Popen[bytes]:
    """Start an interpreter that runs ``worker.main``; found as a shell here and now would find it."""
    if os.sep in python:
        python = str(Path(python).absolute())  # not resolved: a virtual environment's Python is a link
    else:
        python = shutil.which(python) or python
    own_machine = config["role"] == "alone"  # the portable tier, which isolates nothing
    switches = [] if own_machine else ["-s"]
    command = [python, *switches, "-c", BOOT, str(FOLDER), json.dumps({**config, "folder": str(FOLDER)})]
    top = Path(os.sep).resolve()  # never the current folder, which may be a student's
    try:
        return subprocess.Popen(
            command, env=environment(own_machine), cwd=top, stderr=subprocess.PIPE, **options
        )
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
