"""One submission in one child process: load it, call its functions, replace it when it hangs or dies."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from grader.errors import SandboxError
from grader.model import (
    Arguments,
    LoadError,
    NoValue,
    Outcome,
    Program,
    Raised,
    Reply,
    Returned,
)
from grader.sandbox.channel import Closed, Expired
from grader.sandbox.compat import replacements
from grader.sandbox.launch import Child
from grader.sandbox.protocol import (
    HARMLESS_IMPORTS,
    MAX_NAME,
    Frame,
    Unreadable,
    clean,
    decode,
    encode,
    frame,
)

Oracle = Callable[[str, Arguments], Reply]
#: Statements of a submission that may hang or crash while loading before we give up.
MAX_RELOADS = 3
BASE_SEED = 20260101
READY_SECONDS = 30.0
#: A program without this word draws no random numbers (NumPy's and Python's modules both have it).
RANDOM = "random"
NOTE_BYTES = 200  # the worker's remark that more was printed
LATE_SECONDS = 0.05
ORPHANED = "the grader's own process died"


class _Stopped(Exception):
    """The child is gone; carries what to say of the call."""

    def __init__(self, outcome: Outcome, detail: str, orphaned: bool = False) -> None:
        super().__init__(detail)
        self.outcome, self.detail, self.orphaned = outcome, detail, orphaned


class Session:
    """A program and the process that has loaded it. Use it as a context manager."""

    def __init__(self, spawn: Callable[[], Child], program: Program, oracle: Oracle | None) -> None:
        self._spawn, self._program, self._oracle = spawn, program, oracle
        self._child: Child | None = None
        self._loading = ""  # id of a load request whose answer has not been read yet
        self._deadline = 0.0
        self._skip: dict[int, Raised] = {}
        self._careful = False  # load statement by statement, because one of them hangs or crashes
        self._errors: tuple[LoadError, ...] = ()
        self._failure: NoValue | None = None
        self._printed = bytearray()
        size = len(program.source.encode("utf-8", "replace"))
        if size > program.limits.source_kb << 10:
            most = program.limits.source_kb
            text = f"the code is {size / 1024:.0f} KB long; the grader runs at most {most} KB"
            self._failure = NoValue(Outcome.NOT_RUN, text)
        else:
            self._begin()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def load_errors(self) -> tuple[LoadError, ...]:
        """Statements that failed when executed, in the order of their lines."""
        self._ensure()
        return self._errors

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    # ------------------------------------------------------------------- calls

    def call(self, function: str, args: Arguments, seconds: float, *, entropy: int = 0) -> Reply:
        """Call a function of the submission on fresh copies of ``args``.

        ``entropy`` goes into the seed of the random number generators: the same call with two different
        values shows whether an answer is random.
        """
        tree, blobs = encode(args)
        for attempt in (1, 2):
            self._ensure()
            if self._failure is not None:
                return self._failure
            child = self._child
            assert child is not None
            if not child.channel.quiet:
                self.close()
                return NoValue(Outcome.KILLED, "the code wrote into the grader's channel without being asked")
            started = time.monotonic()
            nonce = _nonce()
            request = {"id": nonce, "function": function, "args": ["t", *tree], "seed": BASE_SEED + entropy}
            try:
                with self._watch(child, started + seconds, f"stopped after {seconds:.1f} s"):
                    child.channel.send(frame(request, blobs), started + seconds)
                    reply = self._conversation(child, nonce, started, seconds)
            except _Stopped as stop:
                self.close()
                if stop.orphaned and attempt == 1:
                    continue  # our zygote died: not the student's doing, so the call is made once more
                detail = stop.detail
                return NoValue(stop.outcome, detail, time.monotonic() - started, printed=self._text())
            return reply
        raise AssertionError

    def _conversation(self, child: Child, request: str, started: float, seconds: float) -> Reply:
        """Read frames until the answer: prints and questions to right helpers may come first."""
        deadline, helper_calls, waited = started + seconds, 0, 0.0
        self._printed = bytearray()
        while True:
            answer = self._frame(child, request, deadline)
            header, state = answer.header, answer.header.get("st")
            if state == "ask":
                helper_calls += 1
                if helper_calls > self._program.limits.helper_calls:
                    most = self._program.limits.helper_calls
                    raise _Stopped(Outcome.KILLED, f"more than {most} calls of helper functions in one case")
                pause = time.monotonic()
                self._answer(child, header, answer.payload, deadline)
                waited += time.monotonic() - pause
                deadline = started + seconds + waited
                continue
            taken = time.monotonic() - started - waited
            if state == "returned":
                return self._returned(header, answer.payload, taken)
            if state == "raised":
                raised = _raised(header)
                detail = self._sentence(raised)
                return NoValue(Outcome.RAISED, detail, taken, raised, self._text())
            if state == "missing":
                kind = header.get("kind")
                detail = f"it is a {clean(kind, MAX_NAME)}, not a function" if kind else "it is not defined"
                return NoValue(Outcome.MISSING, detail)
            raise Unreadable("an unknown answer")

    def _returned(self, header: dict[str, Any], payload: bytearray, taken: float) -> Returned:
        changed = header.get("changed")
        if type(changed) is not list or any(type(k) is not int for k in changed) or len(changed) > 1000:
            raise Unreadable("an unreadable list of changed arguments")
        value = decode(header.get("value"), payload)
        return Returned(value, taken, tuple(changed), self._text())

    def _answer(self, child: Child, header: dict[str, Any], payload: bytearray, deadline: float) -> None:
        name, tree = header.get("function"), header.get("args")
        if name not in self._program.stubs or self._oracle is None:
            raise Unreadable("a question for a helper that is not offered")
        arguments = decode(tree, payload)
        if type(arguments) is not tuple:
            raise Unreadable("a question without arguments")
        began = time.monotonic()
        reply = self._oracle(name, arguments)
        deadline += time.monotonic() - began
        if isinstance(reply, Returned):
            (written,), blobs = encode((reply.value,))
            child.channel.send(frame({"value": written}, blobs), deadline)
        else:
            kind, message = "RuntimeError", reply.detail
            if reply.raised is not None:
                kind, message = reply.raised.type_name, reply.raised.message
            child.channel.send(frame({"raised": kind, "message": message}), deadline)

    def _frame(self, child: Child, request: str, deadline: float) -> Frame:
        """The next frame that is no print; a frame of another request is a forgery."""
        while True:
            answer = child.channel.receive(deadline)
            if answer.header.get("id") != request:
                raise Unreadable("an answer to a question that was not asked")
            if answer.header.get("st") != "printed":
                return answer
            self._printed += answer.payload
            if len(self._printed) > (self._program.limits.output_kb << 10) + NOTE_BYTES:
                raise Unreadable("more output than allowed")

    def _sentence(self, raised: Raised) -> str:
        if raised.type_name == "MemoryError":
            limit = f"a submission may use {self._program.limits.memory_mb} MB"
            return f"MemoryError: {raised.message or 'out of memory'} ({limit})"
        return f"{raised.type_name}: {raised.message}" if raised.message else raised.type_name

    def _text(self) -> str:
        limit = (self._program.limits.output_kb << 10) + NOTE_BYTES
        return clean(self._printed.decode("utf-8", "replace"), limit)

    @contextmanager
    def _watch(self, child: Child, deadline: float, late: str) -> Iterator[None]:
        """Turn what can go wrong with a child into what to say of it."""
        try:
            yield
        except Expired:
            raise _Stopped(Outcome.TIMED_OUT, late) from None
        except Closed:
            cause, orphaned = child.cause(), child.orphaned
            raise _Stopped(Outcome.KILLED, ORPHANED if orphaned else cause, orphaned) from None
        except Unreadable as error:
            raise _Stopped(Outcome.KILLED, f"the reply could not be read: {error}") from None

    # ------------------------------------------------------------------- loading

    def _begin(self) -> None:
        """Start a child and send it the program, without waiting for the answer."""
        child = self._spawn()
        self._child = child
        program, limits = self._program, self._program.limits
        self._loading = _nonce()
        header = {
            "id": self._loading,
            "allowed": program.allowed_imports,
            "harmless": HARMLESS_IMPORTS,
            "compat": replacements(program.compat),
            "stubs": program.stubs,
            "skip": list(self._skip),
            "careful": self._careful,
            "random": RANDOM in program.source,
            "reply_bytes": limits.reply_mb << 20,
            "output_bytes": limits.output_kb << 10,
        }
        self._deadline = time.monotonic() + limits.seconds_per_case
        source = program.source.encode("utf-8", "replace")
        with suppress(Expired, Closed):  # told apart when the answer is read
            child.channel.send(frame(header, [source]), time.monotonic() + READY_SECONDS)

    def _ensure(self) -> None:
        """Have a child that has loaded the program, or a failure that says why there is none."""
        reloads = orphans = 0
        while self._failure is None and (self._child is None or self._loading):
            if self._child is None:
                self._begin()
            child = self._child
            assert child is not None
            at: list[int] = []
            try:
                seconds = self._program.limits.seconds_per_case
                with self._watch(child, self._deadline, f"stopped after {seconds:.1f} s while loading"):
                    self._loaded(child, at)
            except _Stopped as stop:
                self.close()
                if stop.orphaned and not orphans:
                    orphans += 1
                elif not self._careful:
                    self._careful = True
                elif at and reloads < MAX_RELOADS:
                    reloads += 1
                    self._skip[at[-1]] = Raised(str(stop.outcome), stop.detail, (at[-1],))
                else:
                    self._failure = NoValue(stop.outcome, stop.detail)
            self._loading = ""

    def _loaded(self, child: Child, at: list[int]) -> None:
        self._ready(child)
        # We may come late to read an answer that has been waiting in the pipe.
        deadline = max(self._deadline, time.monotonic() + LATE_SECONDS)
        while True:
            header = self._frame(child, self._loading, deadline).header
            state, line = header.get("st"), header.get("line")
            if state == "at" and type(line) is int:
                at.append(line)
            elif state == "loaded":
                break
            else:
                raise Unreadable("an unknown answer")
        found = header.get("errors")
        if type(found) is not list or not all(type(error) is dict for error in found):
            raise Unreadable("an unreadable list of errors")
        errors = [LoadError(_line(error.get("line")), _raised(error)) for error in found[:100]]
        errors += [LoadError(line, raised) for line, raised in self._skip.items()]
        self._errors = tuple(sorted(errors, key=lambda error: error.line or 0))

    def _ready(self, child: Child) -> None:
        """Until the child says that it is locked down no student code has run: a failure is ours."""
        try:
            header = child.channel.receive(time.monotonic() + READY_SECONDS).header
        except (Expired, Unreadable) as error:
            header = {"message": str(error) or "it does not answer"}
        except Closed:
            header = {"message": child.cause()}
        if header.get("st") != "ready":
            self.close()
            text = clean(header.get("message"))
            raise SandboxError(
                f"a process for student code could not be prepared: {text}; see `grader doctor`"
            )


def _nonce() -> str:
    return os.urandom(8).hex()


def _line(line: object) -> int | None:
    return line if type(line) is int else None


def _raised(header: dict[str, Any]) -> Raised:
    lines = header.get("lines")
    if type(lines) is not list or any(type(line) is not int for line in lines) or len(lines) > 100:
        raise Unreadable("an unreadable exception")
    return Raised(clean(header.get("type"), MAX_NAME), clean(header.get("message")), tuple(lines))
