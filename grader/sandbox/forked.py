"""Children that a zygote forks: the grader's side of ``zygote.py`` (tiers ``standard`` and ``strict``)."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import threading
import time
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.errors import SandboxError
from grader.model import Limits
from grader.sandbox import boot
from grader.sandbox.channel import Closed, Expired, PollChannel
from grader.sandbox.launch import (
    END_SECONDS,
    START_SECONDS,
    Processor,
    allowance,
    describe,
    processor,
    resolved,
    start_failure,
    starting,
)

MESSAGE = 1 << 16
#: Ends of children that nobody asked for; more are forgotten.
ENDS_KEPT = 64


def _step_back() -> None:
    """From now on we do not push a student's process aside when we are woken: we wait for a free moment.

    On few processors the kernel wakes us where the process that rang goes on computing.
    """
    with contextlib.suppress(OSError):
        if os.sched_getscheduler(0) == os.SCHED_OTHER:
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


class _Spare(Struct, frozen=True):
    """A child that was ordered: our ends of its pipes, and what it will be fit for."""

    pipes: tuple[int, int, int, int]  # to write requests, to read answers, to hear the bell, to start it
    limits: Limits
    modules: frozenset[str]


class ZygoteLauncher:
    """Keeps one zygote and replaces it when it dies."""

    def __init__(self, mode: str, python: str, limits: Limits, modules: Sequence[str]) -> None:
        self._mode, self._python, self._limits, self._modules = mode, python, limits, tuple(modules)
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._hello: dict[str, Any] | None = None
        self._ended: dict[int, int] = {}
        self._asked: set[str] = set(modules)  # modules that the zygote has been told to load
        self._spare: _Spare | None = None
        self._forked: list[tuple[int, int | None]] = []  # the spare's process id and handle, once they came

    def start(self) -> None:
        """Start the zygote and return at once."""
        # A process tied to its parent dies with the *thread* that started it, so only the main one may tie.
        tied = threading.current_thread() is threading.main_thread()
        orders = {"mode": self._mode, "modules": self._modules, "parent": os.getpid() if tied else 0}
        with starting(self._python):
            self._process, self._control = boot.zygote(resolved(self._python))
        _step_back()
        self._hello = None
        self._ended.clear()
        self._asked = set(self._modules)
        with contextlib.suppress(Closed):  # gone already: `hello` will say why
            self._tell(orders)
            self._order(self._limits)

    def hello(self) -> dict[str, Any]:
        """What the zygote says of itself; waits for it."""
        if self._hello is None:
            try:
                message = self._expect("ready", time.monotonic() + START_SECONDS)
            except (Expired, Closed) as error:
                raise self._failure(str(error)) from None
            self._hello = message["ready"]
        return self._hello

    def child(self, modules: Sequence[str], limits: Limits) -> ZygoteChild:
        """A child that is locked down, or about to be; a zygote that has died is replaced.

        The last attempt is made without the modules: a student has chosen them, and one that cannot be
        loaded safely must not keep the submission from being graded.
        """
        if not self.alive():
            self._restart()
        self.hello()
        for wanted, last in ((modules, False), (modules, False), ((), True)):
            try:
                return self._collect(wanted, limits)
            except (Closed, Expired) as error:
                if last:
                    raise self._failure(str(error)) from None
                self._restart()
                self.hello()
        raise AssertionError

    def make_ready(self, limits: Limits) -> None:
        """Let the next child get ready, while the one before it works: to be called when that has begun."""
        if self._spare is None:
            with contextlib.suppress(Closed):  # the zygote is gone: `child` will find out
                self._order(limits)

    def _order(self, limits: Limits, modules: Sequence[str] = ()) -> None:
        """Ask for a child without waiting for it."""
        requests, target = os.pipe()
        source, answers = os.pipe()
        # No pipes: the kernel puts who is woken by a pipe on the processor of who writes, which goes on here.
        bell, start = (os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC) for _ in range(2))
        self._asked.update(modules)
        self._spare = _Spare((target, source, bell, start), limits, frozenset(self._asked))
        try:
            self._tell({"modules": list(modules), **allowance(limits)}, [requests, answers, bell, start])
        finally:
            os.close(requests)
            os.close(answers)

    def _collect(self, modules: Sequence[str], limits: Limits) -> ZygoteChild:
        """The child that was ordered, if it is of use; else one made to order."""
        if self._spare is not None and not (
            self._spare.limits == limits and self._spare.modules.issuperset(modules)
        ):
            self._take_spare().kill()
        if self._spare is None:
            self._order(limits, modules)
        return self._take_spare()

    def _take_spare(self) -> ZygoteChild:
        spare = self._spare
        assert spare is not None
        if not self._forked:
            self._expect("forked", time.monotonic() + START_SECONDS)
        pid, handle = self._forked.pop()
        self._spare = None
        channel = PollChannel(*spare.pipes, spare.limits.reply_mb << 20)
        return ZygoteChild(self, pid, handle, channel)

    def alive(self) -> bool:
        """Whether the zygote is still there; also takes in what it has said meanwhile."""
        if self._control is None:
            return False
        if self._hello is None:
            return True  # still starting; `hello` finds out
        try:
            self._expect("nothing", time.monotonic())
        except Expired:
            return True
        except Closed:
            return False
        raise AssertionError

    def ended(self, pid: int, seconds: float) -> int | None:
        """The wait status of a child, if it ends within ``seconds``."""
        deadline = time.monotonic() + seconds
        with contextlib.suppress(Expired, Closed):
            while pid not in self._ended:
                self._expect("ended", deadline)
        return self._ended.pop(pid, None)

    def ask_to_kill(self, pid: int) -> None:
        """For kernels without pidfd: only the zygote knows for sure which process the number means."""
        with contextlib.suppress(Closed):
            self._tell({"kill": pid})

    def close(self) -> None:
        """End the zygote; it takes its children along."""
        if self._spare is not None:
            for descriptor in self._spare.pipes:
                os.close(descriptor)
            self._spare = None
        while self._forked:
            if (handle := self._forked.pop()[1]) is not None:
                os.close(handle)
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
            self._process = None

    def _restart(self) -> None:
        self.close()
        self.start()

    def _failure(self, message: str) -> SandboxError:
        if self._process is None:
            return SandboxError(f"student code cannot be run: {message or 'the runner is closed'}")
        failure = start_failure(self._python, self._process, message)
        self.close()
        return failure

    def _tell(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        if self._control is None:
            raise Closed
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", descriptors))] if descriptors else []
        try:
            self._control.sendmsg([json.dumps(message).encode()], ancillary)
        except OSError:
            raise Closed from None

    def _expect(self, key: str, deadline: float) -> dict[str, Any]:
        """The next message with ``key``; children that were forked or have ended are noted on the way."""
        if self._control is None:
            raise Closed
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        while True:
            if not poll.poll(max(0, int((deadline - time.monotonic()) * 1000))):
                raise Expired("it does not answer")
            try:
                data, ancillary, _, _ = self._control.recvmsg(MESSAGE, socket.CMSG_SPACE(4))
            except ConnectionResetError:
                continue  # it went with an order unread; what it said before that is still to be read
            except OSError:
                raise Closed from None
            if not data:
                raise Closed
            message: dict[str, Any] = json.loads(data)
            if "ended" in message:
                self._ended[message["ended"]] = message["status"]
                if len(self._ended) > ENDS_KEPT:
                    del self._ended[next(iter(self._ended))]
            if "failed" in message:
                raise Closed(message["failed"])
            if "forked" in message:
                handles = [int(handle) for piece in ancillary for handle in array("i", piece[2])]
                self._forked.append((message["forked"], handles[0] if handles else None))
            if key in message:
                return message


class ZygoteChild:
    """A forked process, known by its pidfd."""

    def __init__(self, launcher: ZygoteLauncher, pid: int, handle: int | None, channel: PollChannel) -> None:
        self.pid, self.channel = pid, channel
        self._launcher, self._handle, self._open = launcher, handle, True

    def kill(self) -> None:
        """End it, at once and whatever it does, and give its pipes back."""
        if not self._open:
            return
        self._open = False
        if self._handle is None:
            self._launcher.ask_to_kill(self.pid)
        else:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            os.close(self._handle)
        self.channel.close()

    @property
    def outer_pid(self) -> int:
        """Its number out here: ``pid`` may be one of another namespace, but the handle knows ours."""
        if self._handle is not None:
            with contextlib.suppress(OSError, ValueError, IndexError):
                text = Path(f"/proc/self/fdinfo/{self._handle}").read_text(encoding="utf-8")
                return int(text.partition("\nPid:")[2].split()[0])
        return self.pid

    def processor(self) -> Processor | None:
        """What it has used so far."""
        return processor(self.outer_pid)

    def cause(self) -> str:
        """Why it has gone, as far as one can tell."""
        status = self._launcher.ended(self.pid, END_SECONDS)
        if status is None:
            return "the process closed its pipes"
        return describe(os.waitstatus_to_exitcode(status))

    @property
    def orphaned(self) -> bool:
        """Whether the zygote died."""
        return not self._launcher.alive()
