"""How things are timed here: A B A B …, medians, and the ratio pair by pair."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a figure, its unit and the bar that it must not pass (None: no bar)."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the figure is within its bar."""
        return self.bar is None or self.value <= self.bar


def seconds(run: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def process(command: Sequence[str]) -> Callable[[], object]:
    """A whole process, its output thrown away; a failing one is an error, not a figure."""
    return lambda: subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def interleaved(runs: Sequence[Callable[[], object]], rounds: int = 9, warm: int = 1) -> list[list[float]]:
    """Times of each of ``runs``, taken in turn ``rounds`` times after ``warm`` rounds that do not count."""
    times: list[list[float]] = [[] for _ in runs]
    for number in range(warm + rounds):
        for position, run in enumerate(runs):
            took = seconds(run)
            if number >= warm:
                times[position].append(took)
    return times


def ratio(first: Sequence[float], second: Sequence[float]) -> float:
    """The median of first / second, pair by pair."""
    return statistics.median(a / b for a, b in zip(first, second, strict=True))


def median(times: Sequence[float]) -> float:
    return statistics.median(times)
