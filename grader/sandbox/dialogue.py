"""Talks with one process that has loaded one program: frames out, frames in, and what is believed of them.

Nothing that comes from there is trusted: a frame must belong to the request that is being answered, must be
readable and must come in time. Whatever else happens ends the process and is reported as ``Stopped``.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec import Struct

from grader.errors import SandboxError
from grader.model import Arguments, LoadError, NoValue, Outcome, Program, Raised, Reply, Returned
from grader.sandbox import protocol
from grader.sandbox.channel import Closed, Expired
from grader.sandbox.compat import replacements
from grader.sandbox.launch import Child, Processor
from grader.sandbox.protocol import (
    HARMLESS_IMPORTS,
    MAX_NAME,
    Frame,
    Unreadable,
    clean,
    decode,
    packed,
)

Oracle = Callable[[str, Arguments], Reply]
BASE_SEED = 20_260_101
#: A program without this word draws no random numbers (NumPy's and Python's modules both have it).
RANDOM = "random"
#: How long our own part of a child may take before it has read the program.
READY_SECONDS = 30.0
#: We may come late to read an answer that has been waiting in the pipe.
LATE_SECONDS = 0.05
#: What was kept from running gets the time that it lost, up to this many times its own.
PATIENCE = 6
#: When a call has taken so long it is noted how much its process has used until then.
GLANCE_SECONDS = 0.1
#: A smaller share of the time than this is not worth a second chance.
LOST_SHARE = 0.2
#: Time in right helpers is not the student's, but no loop around them may take this many times its own.
HELPER_PATIENCE = 20
#: The worker's remark that more was printed.
NOTE_BYTES = 200
#: Requests that are sent before their turn, so that the process need not wait for us between two calls.
AHEAD_REQUESTS, AHEAD_BYTES = 64, 1 << 18
#: More arguments than any function takes; more entries of a list of errors than any program has.
MOST = 1000


class Stopped(Exception):
    """The process cannot be used any more; carries what to say of the call."""

    def __init__(self, outcome: Outcome, detail: str, orphaned: bool = False) -> None:
        super().__init__(detail)
        self.outcome, self.detail, self.orphaned = outcome, detail, orphaned


class Request:
    """One call; its id is made when it is sent and cannot be guessed before the process has read it."""

    __slots__ = ("args", "entropy", "function", "nonce")

    def __init__(self, function: str, args: Arguments, entropy: int = 0) -> None:
        self.function, self.args, self.entropy = function, args, entropy
        self.nonce = ""

    def same(self, other: Request) -> bool:
        """Whether it is the same call on the very same arguments."""
        return self.args is other.args and (self.function, self.entropy) == (other.function, other.entropy)

    def data(self) -> bytes:
        """The frame, with a new id."""
        self.nonce = os.urandom(8).hex()
        header = {"id": self.nonce, "function": self.function, "seed": BASE_SEED + self.entropy}
        return protocol.request(header, protocol.marshalled(self.args))


class _Clock(Struct):
    """The time that one answer has: prints may come before it, and do not begin it anew."""

    asked: float  # the deadline without what is given back
    deadline: float
    glance: float  # when to note how much the process has used
    noted: float = 0.0
    had: Processor | None = None


class Dialogue:
    """One child and one program."""

    _clock: _Clock | None = None

    def __init__(
        self, child: Child, program: Program, oracle: Oracle | None, careful: bool, skip: Sequence[int]
    ) -> None:
        """Send the program without waiting for the answer; ``loaded`` reads it."""
        self._child, self._program, self._oracle = child, program, oracle
        self._sent: deque[Request] = deque()
        self._printed = bytearray()
        self._loading = os.urandom(8).hex()
        self._load_deadline = time.monotonic() + program.limits.seconds_per_case
        limits = program.limits
        header = {
            "id": self._loading,
            "source": program.source.encode("utf-8", "replace").decode(),
            "allowed": program.allowed_imports,
            "harmless": HARMLESS_IMPORTS,
            "compat": replacements(program.compat, program.source),
            "stubs": program.stubs,
            "skip": tuple(skip),
            "careful": careful,
            "random": RANDOM in program.source,
            "reply_bytes": limits.reply_mb << 20,
            "output_bytes": limits.output_kb << 10,
        }
        child.channel.post(protocol.request(header))

    def close(self) -> None:
        """End the process."""
        self._child.kill()

    @property
    def printed(self) -> str:
        """What the last call has printed so far."""
        if not self._printed:
            return ""
        return clean(self._printed.decode("utf-8", "replace"), self._output_limit)

    @property
    def _output_limit(self) -> int:
        return (self._program.limits.output_kb << 10) + NOTE_BYTES

    # ------------------------------------------------------------------- loading

    def loaded(self, at: list[int]) -> tuple[LoadError, ...]:
        """Wait until the program is loaded: the statements that failed. ``at`` collects lines on the way."""
        self._ready()
        seconds = self._program.limits.seconds_per_case
        deadline = max(self._load_deadline, time.monotonic() + LATE_SECONDS)
        with self._watch(f"stopped after {seconds:.1f} s while loading"):
            while True:
                header = self._frame(self._loading, deadline, seconds).header
                state, line = header.get("st"), header.get("line")
                if state == "at" and type(line) is int and len(at) < MOST:
                    at.append(line)
                elif state == "loaded":
                    return _load_errors(header.get("errors"))
                else:
                    raise Unreadable("an unknown answer")

    def _ready(self) -> None:
        """Until the child says that it is locked down no student code has run: a failure is ours."""
        try:
            header = self._child.channel.receive(time.monotonic() + READY_SECONDS).header
        except Closed:
            if self._child.orphaned:
                raise Stopped(Outcome.UNGRADED, ORPHANED, orphaned=True) from None
            header = {"message": self._child.cause()}
        except (Expired, Unreadable) as error:
            header = {"message": str(error) or "it does not answer"}
        if header.get("st") != "ready":
            text = clean(header.get("message"))
            raise SandboxError(
                f"a process for student code could not be prepared: {text}; see `grader doctor`"
            )

    # ------------------------------------------------------------------- calls

    def busy_with_others(self, request: Request) -> bool:
        """Whether calls were sent ahead that are not wanted after all: one of them may never end."""
        return bool(self._sent) and not self._sent[0].same(request)

    def call(self, request: Request, seconds: float, upcoming: Sequence[Request]) -> Reply:
        """The answer to one request; those in ``upcoming`` may be sent meanwhile."""
        started = time.monotonic()
        with self._watch(f"stopped after {seconds:.1f} s"):
            if not self._sent:
                self._send(request)
            self._send_ahead(upcoming, len(self._sent) - 1)  # the first that was sent is being answered
            reply = self._reply(self._sent[0].nonce, started, seconds)
            self._sent.popleft()
            return reply

    def _send(self, request: Request) -> None:
        if not self._sent and not self._child.channel.quiet:
            raise Unreadable("it wrote without being asked")
        self._post(request)

    def _post(self, request: Request) -> None:
        self._sent.append(request)
        self._child.channel.post(request.data())

    def begin(self, upcoming: Sequence[Request], is_loaded: bool) -> None:
        """Let it begin with what will be asked as soon as it can, unless it is at something already."""
        if self._sent or (is_loaded and not self._child.channel.quiet):
            return
        if upcoming and not self._program.stubs:  # the first at once: nothing is to be waited for
            self._post(upcoming[0])
            self._send_ahead(upcoming, 1)

    def _send_ahead(self, upcoming: Sequence[Request], position: int) -> None:
        """Send requests from that position on."""
        if len(self._sent) > AHEAD_REQUESTS // 2:
            return  # several at a time: every write may wake the process
        if self._program.stubs:
            return  # the answers of helpers must be the next thing that it reads
        together = b""
        while len(self._sent) < AHEAD_REQUESTS and len(together) < AHEAD_BYTES and position < len(upcoming):
            together += upcoming[position].data()
            self._sent.append(upcoming[position])
            position += 1
        if together:
            self._child.channel.post(together)

    def _reply(self, nonce: str, started: float, seconds: float) -> Reply:
        """Read frames until the answer: prints and questions to right helpers may come first."""
        helper_calls, waited = 0, 0.0
        most = self._program.limits.helper_calls
        self._printed = bytearray()
        while True:
            answer = self._frame(nonce, started + seconds + waited, seconds)
            if answer.header.get("st") != "ask":
                break
            helper_calls += 1
            if helper_calls > most:
                raise Stopped(Outcome.KILLED, f"more than {most} calls of helper functions in one case")
            pause = time.monotonic()
            self._answer(answer)
            waited += time.monotonic() - pause
            if waited > HELPER_PATIENCE * seconds:
                raise Stopped(Outcome.TIMED_OUT, f"stopped: helper functions were busy for {waited:.1f} s")
        return self._judged(answer, time.monotonic() - started - waited)

    def _judged(self, answer: Frame, taken: float) -> Reply:
        header, state = answer.header, answer.header.get("st")
        if state == "returned":
            value = decode(header.get("value"), answer.payload)
            changed = _positions(header.get("changed"), "changed arguments")
            overwritten = _positions(header.get("overwritten", []), "overwritten answers")
            return Returned(value, taken, changed, self.printed, overwritten)
        if state == "raised":
            raised = _raised(header)
            return NoValue(Outcome.RAISED, self._sentence(raised), taken, raised, self.printed)
        if state == "missing":
            kind = header.get("kind")
            detail = f"it is a {clean(kind, MAX_NAME)}, not a function" if kind else "it is not defined"
            return NoValue(Outcome.MISSING, detail)
        raise Unreadable("an unknown answer")

    def _sentence(self, raised: Raised) -> str:
        if raised.type_name == "MemoryError":
            limit = f"a submission may use {self._program.limits.memory_mb} MB"
            return f"MemoryError: {raised.message or 'out of memory'} ({limit})"
        return f"{raised.type_name}: {raised.message}" if raised.message else raised.type_name

    def _answer(self, question: Frame) -> None:
        """Ask the oracle for a right helper's answer and send it."""
        name = question.header.get("function")
        if type(name) is not str or name not in self._program.stubs or self._oracle is None:
            raise Unreadable("a question for a helper that is not offered")
        arguments = decode(question.header.get("args"), question.payload)
        if type(arguments) is not tuple:
            raise Unreadable("a question without arguments")
        reply = self._oracle(name, arguments)
        if isinstance(reply, Returned):
            self._child.channel.post(protocol.request({"value": packed(reply.value)}))
            return
        kind, message = "RuntimeError", reply.detail
        if reply.raised is not None:
            kind, message = reply.raised.type_name, reply.raised.message
        self._child.channel.post(protocol.request({"raised": kind, "message": message}))

    # ------------------------------------------------------------------- frames

    def _frame(self, nonce: str, deadline: float, seconds: float) -> Frame:
        """The next frame that is no print; a frame of another request is a forgery."""
        while True:
            answer = self._received(deadline, seconds)
            if answer.header.get("id") != nonce:
                raise Unreadable("an answer to a question that was not asked")
            if answer.header.get("st") != "printed":
                return answer
            self._printed += answer.payload
            if len(self._printed) > self._output_limit:
                raise Unreadable("more output than allowed")

    def _received(self, deadline: float, seconds: float) -> Frame:
        """The next frame.

        The clock on the wall is unjust where a machine has more to do than it can: what a process that wants
        to run has lost to others is given back.
        """
        last = deadline + (PATIENCE - 1) * seconds
        clock = self._clock
        if clock is None or clock.asked != deadline:
            clock = self._clock = _Clock(deadline, deadline, time.monotonic() + GLANCE_SECONDS)
        while True:
            try:
                return self._child.channel.receive(min(clock.deadline, clock.glance))
            except Expired:
                now, has, had = time.monotonic(), self._child.processor(), clock.had
                if now >= clock.deadline:
                    if had is None or has is None or not has.wants_more:
                        raise
                    lost = (now - clock.noted) - (has.seconds - had.seconds)
                    if lost < LOST_SHARE * seconds or now >= last:
                        raise
                    clock.deadline = min(last, now + lost)
                clock.glance, clock.noted, clock.had = last, now, has

    @contextmanager
    def _watch(self, late: str) -> Iterator[None]:
        """Turn what can go wrong with a child into what to say of it."""
        try:
            yield
        except Expired:
            raise Stopped(Outcome.TIMED_OUT, late) from None
        except Closed:
            cause, orphaned = self._child.cause(), self._child.orphaned
            raise Stopped(Outcome.KILLED, ORPHANED if orphaned else cause, orphaned) from None
        except Unreadable as error:
            raise Stopped(Outcome.KILLED, f"the reply could not be read: {error}") from None


ORPHANED = "the grader's own process died"


def _positions(found: object, what: str) -> tuple[int, ...]:
    if type(found) is not list or len(found) > MOST or any(type(k) is not int for k in found):
        raise Unreadable(f"an unreadable list of {what}")
    return tuple(found)


def _raised(header: dict[str, Any]) -> Raised:
    lines = header.get("lines")
    if type(lines) is not list or len(lines) > MOST or any(type(line) is not int for line in lines):
        raise Unreadable("an unreadable exception")
    return Raised(clean(header.get("type"), MAX_NAME), clean(header.get("message")), tuple(lines))


def _load_errors(found: object) -> tuple[LoadError, ...]:
    if type(found) is not list or len(found) > MOST or any(type(error) is not dict for error in found):
        raise Unreadable("an unreadable list of errors")
    lines = [error.get("line") for error in found]
    return tuple(
        LoadError(line if type(line) is int else None, _raised(error))
        for line, error in zip(lines, found, strict=True)
    )
