"""What the flow of a batch needs of whoever does the work, here or elsewhere.

The seam is four calls wide, so that processes of this machine, a Dask cluster and a test's stand-in
look alike, and everything that must be right once (retries, order, keeping) is outside of it.
"""

from __future__ import annotations

from typing import Protocol

from grader.batch.task import Facts, Failed, Graded, Task

#: Bytes of submissions that may wait for a worker, whatever the number of workers.
MOST_WAITING = 64_000_000


class Executor(Protocol):
    """Workers that grade. Order of the answers is theirs; every task gets one answer.

    Raises NotGraded from any call where no worker is left that could answer.
    """

    @property
    def facts(self) -> Facts:
        """What the results of all its workers have in common."""

    @property
    def busy(self) -> int:
        """How many tasks wait for an answer."""

    def room(self) -> bool:
        """Whether another task may be submitted now."""

    def submit(self, task: Task) -> None:
        """Hand a task over; returns at once."""

    def next(self) -> list[Graded | Failed]:
        """The answers there are; waits for the first."""

    def close(self) -> None:
        """End the workers, whatever they are at."""
