"""Children that are interpreters of their own: the ``portable`` tier, which is no isolation.

For a student's self-check on any system. It uses nothing that Windows lacks: no fork, no signals to groups
where there are none, threads instead of ``select``.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from grader.model import Limits
from grader.sandbox.channel import Closed, Expired, ThreadChannel
from grader.sandbox.launch import (
    END_SECONDS,
    START_SECONDS,
    Processor,
    allowance,
    describe,
    popen,
    processor,
    start_failure,
)
from grader.sandbox.protocol import Unreadable


class PortableLauncher:
    """A new interpreter for every child; the first one is started ahead."""

    def __init__(self, python: str, limits: Limits, modules: Sequence[str]) -> None:
        self._python, self._limits, self._modules = python, limits, tuple(modules)
        self._spare: subprocess.Popen[bytes] | None = None
        self._hello: dict[str, Any] | None = None

    def start(self) -> None:
        """Start one interpreter and return at once."""
        self._spare = self._popen(self._modules, self._limits)

    def hello(self) -> dict[str, Any]:
        """What the interpreter says of itself; waits for it."""
        if self._hello is None:
            self.child((), self._limits).kill()
        assert self._hello is not None
        return self._hello

    def child(self, modules: Sequence[str], limits: Limits) -> PortableChild:
        """A fresh interpreter."""
        process, self._spare = self._spare, None
        if process is not None and limits != self._limits:
            PortableChild(process, limits).kill()  # it limits its memory already, and to something else
            process = None
        child = PortableChild(process or self._popen([*self._modules, *modules], limits), limits)
        try:
            header = child.channel.receive(time.monotonic() + START_SECONDS).header
        except (Expired, Closed, Unreadable):
            header = {"message": ""}
        if header.get("st") != "ready":
            failure = start_failure(self._python, child.process, header["message"])
            child.kill()
            raise failure
        self._hello = {**header, "mode": "portable"}
        return child

    def make_ready(self, limits: Limits) -> None:
        """Nothing: a student's own machine is not to run an interpreter that nobody may need."""

    def close(self) -> None:
        """End the spare interpreter."""
        if self._spare is not None:
            PortableChild(self._spare, self._limits).kill()
            self._spare = None

    def _popen(self, modules: Sequence[str], limits: Limits) -> subprocess.Popen[bytes]:
        config = {"modules": list(modules), **allowance(limits)}
        own_group: dict[str, Any] = {} if sys.platform == "win32" else {"start_new_session": True}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return popen(self._python, "alone", config, own_machine=True, **pipes, **own_group)


class PortableChild:
    """An interpreter, killed with all that it has started where the system lets us find that."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process, self._open = process, True
        target, source = os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno())
        process.stdin.close()
        process.stdout.close()
        self.channel = ThreadChannel(target, source, limits.reply_mb << 20)

    def kill(self) -> None:
        """End it, at once and whatever it does, and give its pipes back."""
        if not self._open:
            return
        self._open = False
        end_tree(self.process)
        if self.process.stderr is not None:
            self.process.stderr.close()
        self.channel.close()

    def processor(self) -> Processor | None:
        """What it has used so far, where the system says so."""
        return processor(self.process.pid)

    def cause(self) -> str:
        """Why it has gone, as far as one can tell."""
        try:
            return describe(self.process.wait(END_SECONDS))
        except subprocess.TimeoutExpired:
            return "the process closed its pipes"

    @property
    def orphaned(self) -> bool:
        """There is no zygote."""
        return False


def end_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and those that it has started, but for any that took care to leave the group."""
    if sys.platform == "win32":
        command = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        with contextlib.suppress(OSError):
            subprocess.run(command, capture_output=True, check=False, timeout=END_SECONDS)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
