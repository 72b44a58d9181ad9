"""How the grader gets a fresh process for a student's code: forked by a zygote, or started from nothing."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from grader.errors import SandboxError
from grader.model import Limits
from grader.sandbox.channel import Channel, Closed, Expired, PollChannel, ThreadChannel
from grader.sandbox.protocol import Unreadable, clean

FOLDER = Path(__file__).resolve().parent
#: Puts the folder of ``worker.py`` in place of the current folder, which may hold a file ``numpy.py``.
BOOT = "import sys; sys.path[0] = sys.argv[1]; import worker; del sys.path[0]; worker.main()"
#: How long our own processes may take to start on a busy machine, and to be reported as ended.
START_SECONDS = 60.0
END_SECONDS = 3.0
MESSAGE = 1 << 16


class Child(Protocol):
    """A process that waits for a program."""

    channel: Channel

    def kill(self) -> None:
        """End it, at once and whatever it does, and give its pipes back."""

    def cause(self) -> str:
        """After it has gone by itself: why, as far as one can tell."""

    @property
    def orphaned(self) -> bool:
        """Whether it went because our own zygote died, not by its own doing."""


class Launcher(Protocol):
    """Where children come from."""

    def start(self) -> None: ...
    def hello(self) -> dict[str, Any]: ...
    def child(self, modules: Sequence[str], limits: Limits) -> Child: ...
    def close(self) -> None: ...


def environment() -> dict[str, str]:
    """What the worker's interpreter sees of ours: next to nothing.

    An explicit environment rather than ``python -I``, which would ignore PYTHONHASHSEED. One BLAS thread:
    a second one, once threads are denied, would make the first matrix product wait for ever.
    """
    kept = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "WINDIR")
    clean_one = {
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "MALLOC_ARENA_MAX": "2",
    }
    for library in ("OPENBLAS", "OMP", "MKL", "BLIS", "NUMEXPR"):
        clean_one[f"{library}_NUM_THREADS"] = "1"
    clean_one["VECLIB_MAXIMUM_THREADS"] = "1"
    return clean_one | {name: os.environ[name] for name in kept if name in os.environ}


def popen(python: str, config: dict[str, Any], **options: Any) -> subprocess.Popen[bytes]:
    """Start an interpreter that runs ``worker.main``."""
    command = [python, "-s", "-c", BOOT, str(FOLDER), json.dumps(config)]
    home = os.path.abspath(os.sep)
    try:
        return subprocess.Popen(command, env=environment(), cwd=home, stderr=subprocess.PIPE, **options)
    except OSError as error:
        raise SandboxError(f"{python} cannot be started: {error.strerror}; see `grader doctor`") from None


def start_failure(python: str, process: subprocess.Popen[bytes], message: str = "") -> SandboxError:
    """The sentence for an interpreter that did not get as far as ``ready``."""
    process.kill()
    process.wait()
    if not message and process.stderr is not None:
        lines = process.stderr.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        message = lines[-1] if lines else f"it ended with status {process.returncode}"
    return SandboxError(f"{python} cannot be used for student code: {clean(message)}; see `grader doctor`")


# --------------------------------------------------------------------------- forked by a zygote


class ZygoteLauncher:
    """Keeps one zygote and replaces it when it dies."""

    def __init__(self, mode: str, python: str, limits: Limits, modules: Sequence[str]) -> None:
        self._mode, self._python, self._limits, self._modules = mode, python, limits, tuple(modules)
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._hello: dict[str, Any] | None = None
        self._ended: dict[int, int] = {}

    def start(self) -> None:
        """Start the zygote and return at once."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        config = {
            "role": "zygote",
            "folder": str(FOLDER),
            "control": theirs.fileno(),
            "mode": self._mode,
            "modules": self._modules,
        }
        try:
            self._process = popen(
                self._python, config, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
            )
        except SandboxError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._control, self._hello = ours, None
        self._ended.clear()

    def hello(self) -> dict[str, Any]:
        """What the zygote says of itself; waits for it."""
        if self._hello is None:
            assert self._process is not None
            try:
                message, _ = self._expect("ready", time.monotonic() + START_SECONDS)
            except (Expired, Closed) as error:
                raise self._failure(str(error)) from None
            self._hello = message["ready"]
        return self._hello

    def _failure(self, message: str) -> SandboxError:
        assert self._process is not None
        failure = start_failure(self._python, self._process, message)
        self.close()
        return failure

    def child(self, modules: Sequence[str], limits: Limits) -> ZygoteChild:
        """A forked child; a zygote that died is replaced once."""
        for attempt in (1, 2):
            if not self.alive():
                self.close()
                self.start()
            self.hello()
            try:
                return self._fork(modules, limits)
            except (Closed, Expired) as error:
                if attempt == 2:
                    raise self._failure(str(error)) from None
                self.close()
        raise AssertionError

    def _fork(self, modules: Sequence[str], limits: Limits) -> ZygoteChild:
        theirs_in, target = os.pipe()
        source, theirs_out = os.pipe()
        try:
            seconds = int(limits.seconds_per_submission) + 5
            request = {"modules": list(modules), "memory": limits.memory_mb << 20, "seconds": seconds}
            self._tell(request, [theirs_in, theirs_out])
            message, handles = self._expect("forked", time.monotonic() + START_SECONDS)
        except BaseException:
            os.close(target)
            os.close(source)
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        channel = PollChannel(target, source, limits.reply_mb << 20)
        return ZygoteChild(self, message["forked"], handles[0] if handles else None, channel)

    def alive(self) -> bool:
        """Whether the zygote is still there; also takes in what it has said meanwhile."""
        if self._control is None:
            return False
        try:
            self._expect(None, time.monotonic())
        except Expired:
            return True
        except Closed:
            return False
        return True

    def _tell(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        assert self._control is not None
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", descriptors))] if descriptors else []
        try:
            self._control.sendmsg([json.dumps(message).encode()], ancillary)
        except OSError:
            raise Closed from None

    def _expect(self, key: str | None, deadline: float) -> tuple[dict[str, Any], list[int]]:
        """The next message with ``key``; ended children are noted on the way."""
        if self._control is None:
            raise Closed
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        while True:
            if not poll.poll(max(0, int((deadline - time.monotonic()) * 1000))):
                raise Expired("it does not answer")
            try:
                data, ancillary, _, _ = self._control.recvmsg(MESSAGE, socket.CMSG_SPACE(4))
            except OSError:
                raise Closed from None
            if not data:
                raise Closed
            handles = array("i")
            for level, kind, piece in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    handles.frombytes(piece)
            message = json.loads(data)
            if "ended" in message:
                self._ended[message["ended"]] = message["status"]
            if "failed" in message:
                raise Closed(message["failed"])
            if key is not None and key in message:
                return message, list(handles)

    def ended(self, pid: int, seconds: float) -> int | None:
        """The wait status of a child, if it ends within ``seconds``."""
        deadline = time.monotonic() + seconds
        while pid not in self._ended:
            try:
                self._expect("ended", deadline)
            except (Expired, Closed):
                break
        return self._ended.pop(pid, None)

    def ask_to_kill(self, pid: int) -> None:
        """For kernels without pidfd."""
        try:
            self._tell({"kill": pid})
        except Closed:
            pass

    def close(self) -> None:
        """End the zygote; it takes its children along."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
            self._process = None


class ZygoteChild:
    """A forked process, known by its pidfd."""

    def __init__(self, launcher: ZygoteLauncher, pid: int, handle: int | None, channel: Channel) -> None:
        self.pid, self.channel = pid, channel
        self._launcher, self._handle, self._open = launcher, handle, True

    def kill(self) -> None:
        if not self._open:
            return
        self._open = False
        if self._handle is None:
            self._launcher.ask_to_kill(self.pid)
        else:
            try:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            except ProcessLookupError:
                pass
            os.close(self._handle)
        self.channel.close()

    def cause(self) -> str:
        status = self._launcher.ended(self.pid, END_SECONDS)
        return "the process closed its pipes" if status is None else describe(os.waitstatus_to_exitcode(status))

    @property
    def orphaned(self) -> bool:
        return not self._launcher.alive()


# --------------------------------------------------------------------------- started from nothing


class PortableLauncher:
    """A new interpreter for every child; the first one is started ahead."""

    def __init__(self, python: str, limits: Limits, modules: Sequence[str]) -> None:
        self._python, self._limits, self._modules = python, limits, tuple(modules)
        self._spare: subprocess.Popen[bytes] | None = None
        self._hello: dict[str, Any] | None = None

    def start(self) -> None:
        """Start one interpreter and return at once."""
        self._spare = self._popen(self._modules, self._limits)

    def _popen(self, modules: Sequence[str], limits: Limits) -> subprocess.Popen[bytes]:
        config = {
            "role": "alone",
            "folder": str(FOLDER),
            "modules": list(modules),
            "memory": limits.memory_mb << 20,
            "seconds": int(limits.seconds_per_submission) + 5,
        }
        options: dict[str, Any] = {"start_new_session": True} if os.name == "posix" else {}
        return popen(self._python, config, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)

    def hello(self) -> dict[str, Any]:
        """What the interpreter says of itself; waits for it."""
        if self._hello is None:
            self.child((), self._limits).kill()
        assert self._hello is not None
        return self._hello

    def child(self, modules: Sequence[str], limits: Limits) -> PortableChild:
        process, self._spare = self._spare, None
        if process is None:
            process = self._popen([*self._modules, *modules], limits)
        child = PortableChild(process, limits)
        try:
            header, _ = child.channel.receive(time.monotonic() + START_SECONDS)
        except (Expired, Closed, Unreadable):
            header = {"message": ""}
        if header.get("st") != "ready":
            failure = start_failure(self._python, process, header["message"])
            child.kill()
            raise failure
        self._hello = {**header, "mode": "portable"}
        return child

    def close(self) -> None:
        """End the spare interpreter."""
        if self._spare is not None:
            PortableChild(self._spare, self._limits).kill()
            self._spare = None


class PortableChild:
    """A process of its own, killed with all that it has started where the system lets us find that."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process, self._open = process, True
        target, source = os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno())
        process.stdin.close()
        process.stdout.close()
        self.channel = ThreadChannel(target, source, limits.reply_mb << 20)

    def kill(self) -> None:
        if not self._open:
            return
        self._open = False
        if sys.platform == "win32":
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(self.process.pid)], capture_output=True, check=False)
        else:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        self.process.kill()
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()
        self.channel.close()

    def cause(self) -> str:
        try:
            return describe(self.process.wait(END_SECONDS))
        except subprocess.TimeoutExpired:
            return "the process closed its pipes"

    @property
    def orphaned(self) -> bool:
        return False


def describe(code: int) -> str:
    """How a process ended, for a student: ``code`` is an exit code, or minus a signal."""
    if code >= 0:
        return f"the code ended the whole process (exit code {code})"
    sentences = {
        "SIGKILL": "the process was killed: out of memory or processor time",
        "SIGSEGV": "the process crashed (segmentation fault): recursion without end does that, and so does a raised recursion limit",
        "SIGABRT": "the process aborted",
        "SIGXCPU": "the processor time was used up",
        "SIGSYS": "the process asked the system for something that is never allowed",
        "SIGFPE": "the process crashed (arithmetic fault)",
        "SIGBUS": "the process crashed (bus error)",
    }
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return sentences.get(name, f"the process was ended by {name}")
