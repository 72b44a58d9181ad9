"""Says on stderr how far a batch is: a moving bar for people, a line now and then for log files."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from grader.report.words import clean

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

#: Seconds between two lines where there is no terminal.
EVERY = 10.0


class Progress:
    """How many are done, failed and left, and how fast it goes. A context manager."""

    def __init__(
        self,
        stream: TextIO | None = None,
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream or sys.stderr
        self._quiet, self._clock = quiet, clock
        self._total = self._before = self._done = self._failed = 0
        self._start = self._said = clock()
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def say(self, sentence: str) -> None:
        """A sentence of its own, above the bar; it may quote a file's name, which its author chose."""
        if self._quiet:
            return
        sentence = clean(sentence)
        if self._bar is not None:
            self._bar.console.print(sentence, markup=False, highlight=False)
        else:
            print(sentence, file=self._stream, flush=True)

    def begin(self, total: int, before: int) -> None:
        """``total`` hand-ins, of which ``before`` were graded by an earlier run."""
        self._total, self._before, self._done, self._failed = total, before, 0, 0
        self._start = self._said = self._clock()
        if before and before < total:
            self.say(f"{before} of {total} submissions are graded already")
        if not self._quiet and self._stream.isatty() and before < total:
            self._open_bar()

    def _open_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
            console=Console(file=self._stream),
            refresh_per_second=5,
        )
        self._task = self._bar.add_task("", total=self._total, completed=self._before, note="")
        self._bar.start()

    def advance(self, done: int, failed: int = 0) -> None:
        """``done`` more have an answer, of which ``failed`` could not be graded."""
        self._done += done
        self._failed += failed
        if self._quiet:
            return
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._before + self._done, note=self._note())
        elif self._clock() - self._said >= EVERY:
            self._said = self._clock()
            self.say(
                f"{self._before + self._done} of {self._total} submissions, {self._note()}{self._left()}"
            )

    @property
    def _rate(self) -> float:
        return self._done / max(self._clock() - self._start, 1e-9)

    def _note(self) -> str:
        failed = f"{self._failed} not graded, " if self._failed else ""
        return f"{failed}{self._rate:.1f} a second"

    def _left(self) -> str:
        left = max(self._total - self._before - self._done, 0)
        seconds = left / self._rate if self._rate else 0.0
        return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"
