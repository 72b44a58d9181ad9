"""A grader that does what the hand-in says, so that batches can be tested without grading anything.

A hand-in is lines of ``command argument``. Every grading leaves a line in the log, so that a test can
count how often it was done, in whatever process.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from grader.batch.engine import SUFFIXES, summary
from grader.batch.task import CaseLine, Facts, Failed, Graded, Task
from grader.batch.traits import traits
from grader.errors import ConfigError, NotGraded
from grader.model import (
    Case,
    CaseResult,
    Environment,
    FunctionResult,
    Outcome,
    Report,
    Status,
    Submission,
    Visibility,
)
from grader.report import render_all
from grader.report.archive import freeze, thaw

FULL = 10.0
FACTS = Facts(
    assignment="fake",
    title="A fake assignment",
    functions=(("f", FULL, True),),
    cases=(CaseLine("f", "one", "values", "public", FULL),),
    fingerprint="cases",
    pack="pack",
    catalogue="pages",
    engine="0 fake",
    python="3.x",
    numpy="2.x",
    sandbox="none",
    limits="",
)


@dataclass(frozen=True)
class FakeFactory:
    """Makes a ``FakeGrader``; ``broken`` makes it fail instead."""

    log: Path
    formats: tuple[str, ...] = ("json",)
    broken: str = ""
    facts: Facts = field(default=FACTS)

    def __call__(self) -> FakeGrader:
        if self.broken == "settings":
            raise ConfigError("assignment.yaml: points: expected a number")
        if self.broken == "sandbox":
            raise NotGraded("no sandbox on this machine")
        if self.broken == "bug":
            raise ZeroDivisionError("a bug")
        if self.broken == "exit":
            os._exit(9)
        return FakeGrader(self)


class FakeGrader:
    """Does what the lines of a hand-in say."""

    def __init__(self, factory: FakeFactory) -> None:
        self._factory = factory
        self.facts = factory.facts

    def close(self) -> None:
        """Nothing to give back."""

    def __call__(self, task: Task) -> Graded:
        if task.document:
            return Graded(task.key, self._files(thaw(task.document, {}), task))
        score, status = 0.0, "graded"
        if task.verdict:
            status = task.status
        else:
            self._note(f"{task.names[0].name} {os.getpid()}")
            score = self._obey(task)
        report = _report(task, score, status)
        return Graded(
            task.key,
            self._files(report, task),
            freeze(report, {}),
            summary(report, status),
            traits(report),
        )

    def _files(self, report: Report, task: Task) -> dict[str, dict[str, str]]:
        files: dict[str, dict[str, str]] = {}
        for named in task.names:
            own = replace(report, submission=replace(report.submission, name=named.name))
            files[named.label] = {SUFFIXES[f]: render_all([own], f, "student") for f in self._factory.formats}
        return files

    def _obey(self, task: Task) -> float:
        score = 0.0
        for line in task.raw.decode().splitlines():
            command, _, argument = line.partition(" ")
            if command == "score":
                score = float(argument)
            elif command == "sleep":
                time.sleep(float(argument))
            elif command == "hang":
                time.sleep(1000)
            elif command == "die" or (command == "die_once" and self._times(task) == 1):
                os.kill(os.getpid(), signal.SIGKILL)
            elif command == "fail" or (command == "fail_once" and task.attempt == 1):
                raise NotGraded(argument or "the sandbox broke")
            elif command == "bug":
                raise ZeroDivisionError("a bug of ours")
            elif command == "print":
                print("noise on stdout " * 100)
                sys.stdout.flush()
                os.write(1, b"noise on the descriptor")
        return score

    def _times(self, task: Task) -> int:
        """How often this hand-in was begun, whoever tried."""
        lines = self._factory.log.read_text().splitlines()
        return sum(line.startswith(f"{task.names[0].name} ") for line in lines)

    def _note(self, line: str) -> None:
        descriptor = os.open(self._factory.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, (line + "\n").encode())
        os.close(descriptor)


def _report(task: Task, score: float, status: str) -> Report:
    right = score == FULL
    outcome = Outcome.CORRECT if right else Outcome.WRONG
    result = CaseResult(
        Case("one", "f", ((),), "values", Visibility.PUBLIC, FULL), outcome, "", score, seconds=0.25
    )
    verdict = Status.CORRECT if right else Status.INCORRECT
    function = FunctionResult("f", verdict, score, FULL, (result,))
    graded = status == "graded"
    return Report(
        assignment="fake",
        title="A fake assignment",
        submission=Submission(task.names[0].name, "0" * 64, "py", ()),
        functions=(function,) if graded else (replace(function, status=Status.NOT_GRADED, cases=()),),
        notes=(),
        environment=Environment("3.x", "2.x", "none"),
        grader_version="0",
        status="graded" if graded else "not_graded",
        reason=task.verdict,
    )


class Inline:
    """An executor without processes: answers in the order of ``turn``, e.g. last first."""

    def __init__(self, factory: FakeFactory, most: int = 4, turn: int = 0) -> None:
        self._grader = factory()
        self.facts = self._grader.facts
        self._waiting: deque[Task] = deque()
        self._most, self._turn = most, turn
        self.most_seen = 0
        self.closed = False
        self.stop_after = -1  # answers after which ``stop`` is raised
        self.stop: BaseException = KeyboardInterrupt()

    @property
    def busy(self) -> int:
        return len(self._waiting)

    def room(self) -> bool:
        return len(self._waiting) < self._most

    def submit(self, task: Task) -> None:
        self._waiting.append(task)
        self.most_seen = max(self.most_seen, len(self._waiting))

    def next(self) -> Sequence[Graded | Failed]:
        if self.stop_after == 0:
            raise self.stop
        self.stop_after -= 1
        self._waiting.rotate(self._turn)
        task = self._waiting.popleft()
        try:
            return [self._grader(task)]
        except Exception as error:
            return [Failed(task.key, str(error))]

    def close(self) -> None:
        self.closed = True
