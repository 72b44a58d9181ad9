"""The process that stands by with NumPy loaded and forks a fresh child for every submission.

Starting Python and NumPy costs 100 ms and more; a fork costs about one. The zygote obeys the grader alone
and never reads from its children. No student's source or input passes through it: whatever it has once
held, every later child would inherit. It runs beside ``worker.py`` and imports nothing of ``grader``.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from array import array
from types import ModuleType
from typing import Any

MESSAGE = 1 << 16


def run(worker: ModuleType, config: dict[str, Any]) -> None:
    """Serve until the grader goes away; every exit is ``os._exit``."""
    control = socket.socket(fileno=config["control"])
    try:
        zygote = Zygote(worker, config, control)
        zygote.prepare()
    except BaseException as error:
        _tell(control, {"failed": f"{type(error).__name__}: {error}"})
        os._exit(1)
    try:
        zygote.serve()
    except BaseException as error:
        _tell(control, {"failed": f"{type(error).__name__}: {error}"})
    os._exit(1)


class Zygote:
    """Forks children on request and reports how they ended."""

    def __init__(self, worker: ModuleType, config: dict[str, Any], control: socket.socket) -> None:
        self.worker, self.config, self.control = worker, config, control
        self.children: set[int] = set()

    def prepare(self) -> None:
        """Import, then tell the grader what is here."""
        self.numpy = self.worker.prepare()
        for name in self.config["modules"]:
            self.worker.preload(name)
        self.devnull = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        for standard in (0, 1, 2):
            os.dup2(self.devnull, standard)
        gc.collect()
        gc.freeze()
        version = "%d.%d.%d" % sys.version_info[:3]
        hello = {"python": version, "numpy": self.numpy.__version__, "mode": "unconfined", "mechanisms": []}
        _tell(self.control, {"ready": hello})

    def serve(self) -> None:
        """Wait for requests and for children that end."""
        ended, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(ended, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == ended:
                    os.read(ended, 4096)
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
        data, ancillary, _, _ = self.control.recvmsg(MESSAGE, socket.CMSG_SPACE(4 * 4))
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
        for name in request["modules"]:
            self.worker.preload(name)
        pid = os.fork()
        if pid == 0:
            self._child(request, list(descriptors))
        for descriptor in descriptors:
            os.close(descriptor)
        self.children.add(pid)
        try:
            handle = [os.pidfd_open(pid)]
        except (AttributeError, OSError):
            handle = []  # Python 3.8, old kernels: the grader asks the zygote to kill
        _tell(self.control, {"forked": pid}, handle)
        for descriptor in handle:
            os.close(descriptor)

    def _child(self, request: dict[str, Any], descriptors: list[int]) -> None:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            os.environ.clear()
            pipe = self.worker.Pipe(*descriptors)
            self.worker.serve(pipe, self.numpy)
            status = 0
        except EOFError:
            status = 0
        finally:
            os._exit(status)


def _tell(control: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None) -> None:
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", descriptors))] if descriptors else []
    try:
        control.sendmsg([json.dumps(message).encode()], ancillary)
    except OSError:
        os._exit(0)
