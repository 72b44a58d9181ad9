"""Grades with one warm process a core, on this machine.

A thread for each worker hands it one task at a time and waits, so that a worker which is slow, hangs
or dies holds up nobody else: the next task goes to whoever is free. A worker that died, or that says
nothing for too long, is replaced when its next task comes.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

import msgspec

from grader.batch.engine import Factory
from grader.batch.executor import MOST_WAITING
from grader.batch.task import Facts, Failed, Graded, Refused, Task, decode_reply, encode
from grader.batch.worker import BOOT, read_frame, write_frame
from grader.errors import ConfigError, NotGraded

#: One BLAS thread a worker: the cores are shared out among the workers already.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
#: Answers that are handed over, and so kept, together.
MOST_AT_ONCE = 64


class Died(Exception):
    """A worker ended in the middle of a task; the message says how."""


class Worker:
    """One process. Used by one thread, but ``kill`` may come from another."""

    def __init__(self, factory: Factory) -> None:
        quiet = None if os.environ.get("GRADER_DEBUG") else subprocess.DEVNULL
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-c", BOOT, *(path or str(Path.cwd()) for path in sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=quiet,
            env={**_ENVIRONMENT, **os.environ},
            start_new_session=True,  # Ctrl-C in the terminal is for the batch alone
        )
        self.since = time.monotonic()  # when it was last given something to do
        self._killed = ""
        try:
            self._send(pickle.dumps(factory))
            reply = self._receive()
        except BaseException:
            self.close()
            raise
        if isinstance(reply, Refused):
            self.close()
            kind = ConfigError if reply.exit_code == ConfigError.exit_code else NotGraded
            raise kind(reply.reason)
        self.facts = cast(Facts, reply)

    def ask(self, task: Task) -> Graded | Failed:
        """The answer to ``task``; raises Died."""
        self.since = time.monotonic()
        self._send(encode(task))
        return cast("Graded | Failed", self._receive())

    def _send(self, data: bytes) -> None:
        try:
            write_frame(self._stdin, data)
        except OSError:
            raise Died(self._how_it_ended()) from None

    def _receive(self) -> Graded | Failed | Refused | Facts:
        data = read_frame(self._stdout)
        if data is None:
            raise Died(self._how_it_ended())
        try:
            return decode_reply(data)
        except msgspec.DecodeError as error:
            self.kill(f"the worker's answer cannot be read ({error})")
            raise Died(self._killed) from None

    def _how_it_ended(self) -> str:
        self._process.kill()
        code = self._process.wait()
        if self._killed:
            return self._killed
        how = f"with code {code}"
        if code < 0:
            how = f"by {signal.Signals(-code).name}" if -code in set(signal.Signals) else f"by signal {-code}"
        return f"the process that graded it ended {how}"

    def kill(self, reason: str) -> None:
        """End the process at once; ``reason`` is what its task will be told."""
        self._killed = self._killed or reason
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End the process and give its pipes back."""
        self.kill("")
        for stream in (self._stdin, self._stdout):
            with suppress(OSError):  # what was still to be written to a process that is gone
                stream.close()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout


class LocalExecutor:
    """``jobs`` workers of this machine. ``seconds`` is how long a task may take at all."""

    def __init__(self, factory: Factory, jobs: int, seconds: float) -> None:
        self._factory, self._jobs, self._seconds = factory, jobs, seconds
        self._tasks: queue.Queue[Task | None] = queue.Queue()
        self._done: queue.Queue[Graded | Failed | NotGraded] = queue.Queue()
        self._workers: list[Worker | None] = [None] * jobs
        self._busy = self._waiting = 0
        self._sizes: dict[str, int] = {}
        self._closed = False
        self._workers[0] = first = self._started()
        self.facts: Facts = first.facts
        self._threads = [threading.Thread(target=self._serve, args=(k,), daemon=True) for k in range(jobs)]
        for thread in self._threads:
            thread.start()

    @property
    def busy(self) -> int:
        """How many tasks wait for an answer."""
        return self._busy

    def room(self) -> bool:
        """At most two tasks a worker: one in its hands, one for it to take."""
        return self._busy < 2 * self._jobs and self._waiting < MOST_WAITING

    def submit(self, task: Task) -> None:
        """Hand a task over; returns at once."""
        self._busy += 1
        self._waiting += task.size
        self._sizes[task.key] = task.size
        self._tasks.put(task)

    def next(self) -> list[Graded | Failed]:
        """The answers there are; waits for the first."""
        self._end_overdue()
        found = [self._wait()]
        while len(found) < MOST_AT_ONCE:
            try:
                found.append(self._answer(self._done.get_nowait()))
            except queue.Empty:
                break
        return found

    def _wait(self) -> Graded | Failed:
        while True:
            try:
                return self._answer(self._done.get(timeout=0.5))
            except queue.Empty:
                self._end_overdue()

    def _answer(self, reply: Graded | Failed | NotGraded) -> Graded | Failed:
        if isinstance(reply, Exception):
            raise reply
        self._busy -= 1
        self._waiting -= self._sizes.pop(reply.key, 0)
        return reply

    def _end_overdue(self) -> None:
        """The sandbox ends what a student's code does for too long; this ends what ours does."""
        now = time.monotonic()
        for worker in self._workers:
            if worker is not None and worker.since and now - worker.since > self._seconds:
                worker.kill(f"the grader did not come to an end within {self._seconds:g} s")

    def close(self) -> None:
        """End the workers, whatever they are at."""
        self._closed = True
        for _ in self._threads:
            self._tasks.put(None)
        for worker in self._workers:
            if worker is not None:
                worker.kill("")
        for thread in self._threads:
            thread.join(timeout=5)

    # ----------------------------------------------------------------- in the threads

    def _serve(self, place: int) -> None:
        while (task := self._tasks.get()) is not None and not self._closed:
            try:
                self._done.put(self._ask(place, task))
            except NotGraded as error:
                self._done.put(error)
            except Exception as error:
                self._done.put(NotGraded(f"a worker cannot be started: {error}"))
        worker = self._workers[place]
        if worker is not None:
            worker.close()

    def _ask(self, place: int, task: Task) -> Graded | Failed:
        worker = self._workers[place]
        if worker is None:
            worker = self._workers[place] = self._started()
        try:
            reply = worker.ask(task)
        except Died as error:
            reply = Failed(task.key, str(error))
        if isinstance(reply, Failed):  # it has ended, or is about to
            self._workers[place] = None
            worker.close()
        else:
            worker.since = 0.0
        return reply

    def _started(self) -> Worker:
        try:
            worker = Worker(self._factory)
        except Died as error:
            raise NotGraded(f"a worker cannot be started: {error}") from None
        worker.since = 0.0
        known = getattr(self, "facts", worker.facts)
        if worker.facts.setting() != known.setting():
            worker.close()
            raise NotGraded(
                "the grader or the assignment was changed while the batch was running; run it again"
            )
        return worker
