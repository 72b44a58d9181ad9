"""The process that stands by with NumPy loaded and forks a fresh child for every submission.

Starting Python and NumPy costs 100 ms and more; a fork costs about one. The zygote obeys the grader alone
and never reads from its children. No student's source or input passes through it: whatever it has once
held, every later child would inherit. It runs beside ``worker.py`` and imports nothing of ``grader``.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
from array import array
from types import ModuleType
from typing import Any, NoReturn

from lockdown import identity, kernel  # type: ignore[import-not-found]  # the sibling folder, loaded by path
from lockdown.cage import Cage, enter_strict, few_descriptors, single_threaded  # type: ignore[import-not-found]

MESSAGE = 1 << 16
#: A child's ends: to read requests, to write answers, to ring the bell, to sleep until there is a request.
DESCRIPTORS = 4


def run(worker: ModuleType, _: dict[str, Any]) -> NoReturn:
    """Load NumPy, wait for the orders, then serve until the grader goes away."""
    control = socket.socket(fileno=os.dup(0))
    _silence(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader
    try:
        numpy = worker.prepare()
        orders = control.recv(MESSAGE)
        if not orders:
            os._exit(0)
        config = json.loads(orders)
        if config["parent"]:
            identity.die_with_parent()
            if os.getppid() != config["parent"]:
                os._exit(1)
        Zygote(worker, control, numpy).serve(config["mode"], config["modules"])
    except BaseException as error:
        _tell(control, {"failed": kernel.sentence(error)})
    os._exit(1)


class Zygote:
    """Forks children on request and reports how they ended."""

    def __init__(self, worker: ModuleType, control: socket.socket, numpy: Any) -> None:
        self.worker, self.control, self.numpy = worker, control, numpy
        self.children: set[int] = set()

    def serve(self, mode: str, modules: list[str]) -> NoReturn:
        """Build the cage, then wait for requests and for children that end."""
        few_descriptors()
        strict, why_not = enter_strict() if mode in ("auto", "strict") else (False, "")
        if mode == "strict" and not strict:
            raise OSError(f"the strict tier is not possible here ({why_not})")
        for name in modules:
            self.worker.preload(name)
        self.cage = Cage(strict)
        self.cage.prepare()
        self.pid = os.getpid()
        _silence(0, 1, 2)
        gc.collect()
        gc.freeze()
        hello = {
            "python": f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}",
            "numpy": self.numpy.__version__,
            "mode": "strict" if strict else "standard",
            "mechanisms": self.cage.mechanisms,
            "missing": self.cage.missing,
            "why_not_strict": why_not,
        }
        _tell(self.control, {"ready": hello})
        self._wait()

    def _wait(self) -> NoReturn:
        self.ended, self.wake = os.pipe()
        os.set_blocking(self.ended, False)
        os.set_blocking(self.wake, False)
        signal.set_wakeup_fd(self.wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.ended, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == self.ended:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self.ended, 4096)
                    self._reap()
                else:
                    self._obey()

    def _reap(self) -> None:
        while self.children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            self.children.discard(pid)
            _tell(self.control, {"ended": pid, "status": status})

    def _obey(self) -> None:
        data, ancillary, _, _ = self.control.recvmsg(MESSAGE, socket.CMSG_SPACE(4 * DESCRIPTORS))
        if not data:
            os._exit(0)  # the grader is gone
        descriptors = array("i")
        for level, kind, piece in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(piece)
        request = json.loads(data)
        if "kill" in request:
            if request["kill"] in self.children:
                os.kill(request["kill"], signal.SIGKILL)
            return
        if any([self.worker.preload(name) for name in request["modules"]]):  # noqa: C419 - every one of them
            single_threaded()
            gc.freeze()
        self.cage.before_fork()
        pid = os.fork()
        if pid == 0:
            self._child(request, list(descriptors))
        self.cage.after_fork()
        self.children.add(pid)
        for descriptor in descriptors:
            os.close(descriptor)
        handle = []
        with contextlib.suppress(OSError):  # kernels before 5.3: the grader asks us to kill
            handle = [kernel.syscall("pidfd_open", pid, 0)]
        _tell(self.control, {"forked": pid}, handle)
        for descriptor in handle:
            os.close(descriptor)

    def _child(self, request: dict[str, Any], descriptors: list[int]) -> NoReturn:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.environ.clear()
            source, target, bell, start = descriptors
            pipe = self.worker.Pipe(source, target, bell)
            try:
                self.cage.lock(self.pid, descriptors, request["memory"], request["seconds"])
            except BaseException as error:
                pipe.send({"st": "failed", "message": kernel.sentence(error)})
                raise
            self.worker.serve(pipe, self.numpy, lambda: _sleep_until(start, source))
        except EOFError:
            status = 0
        finally:
            os._exit(status)


def _sleep_until(start: int, source: int) -> None:
    """Wait for the eventfd ``start``, or for the grader to close ``source``."""
    poll = select.poll()
    poll.register(start, select.POLLIN)
    poll.register(source, 0)  # that it is closed is always told
    poll.poll()
    os.close(start)


def _silence(*descriptors: int) -> None:
    devnull = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(devnull, descriptor)
    os.close(devnull)


def _tell(control: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None) -> None:
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", descriptors))] if descriptors else []
    try:
        control.sendmsg([json.dumps(message).encode()], ancillary)
    except OSError:
        os._exit(0)
