"""A class graded by one worker, by two, and on a Dask cluster: what comes out a second.

python -m tests.benchmarks.batch_throughput
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from grader.batch.engine import PackFiles, Recipe
from grader.batch.executor import Executor
from grader.batch.flow import Order, run
from grader.batch.local import LocalExecutor
from grader.batch.progress import Progress
from grader.model import Limits
from grader.pack import Pack
from tests.benchmarks.measure import Row, median, seconds
from tests.benchmarks.subjects import ROOT, Subjects, subjects
from tests.benchmarks.warm import floor

CLASS = int(os.environ.get("GRADER_BENCHMARK_CLASS", "500"))
#: Hand-ins of two batches whose difference tells what one more takes.
FEW = (20, 120)
#: What ``grader batch`` does unless it is told otherwise.
DEFAULT_JOBS = min(2, len(os.sched_getaffinity(0)))
PATIENCE = 300.0


def rows(ready: Subjects, rounds: int) -> list[Row]:
    """The figures; a class is long enough to be graded once, ``rounds`` are for the cases alone."""
    hand_ins = ready.folder / "class"
    write(ready, hand_ins, CLASS)
    local = recipe(ready.pack.folder)
    times = {
        f"{jobs} job{'s'[: jobs - 1]}": batch(
            ready.folder / f"out-{jobs}",
            hand_ins,
            lambda jobs=jobs: LocalExecutor(local, jobs, PATIENCE),  # type: ignore[misc]
        )
        for jobs in (1, 2)
    }
    one, two = times["1 job"], times["2 jobs"]
    found = [
        Row(f"batch of {CLASS}, 1 job", CLASS / one, "a second"),
        Row(f"batch of {CLASS}, 2 jobs", CLASS / two, "a second", note=f"{one / two:.2f} x of 1 job"),
    ]
    again = batch(ready.folder / "out-2", hand_ins, lambda: LocalExecutor(local, 2, PATIENCE))
    found.append(Row(f"the same {CLASS} once more, nothing to grade", again, "s", 2.0))
    if find_spec("distributed") is not None:
        with_dask = dask(ready.pack, ready.folder / "out-dask", hand_ins)
        note = "the workers were there already"
        found.append(Row(f"batch of {CLASS}, two Dask workers", CLASS / with_dask, "a second", note=note))
        found.append(Row("time with Dask over 2 jobs", with_dask / two, "x", 1.15))
    return found + per_hand_in(ready, local, rounds)


def per_hand_in(ready: Subjects, local: Recipe, rounds: int) -> list[Row]:
    """What one more hand-in takes, against the same cases in a warm process.

    A batch of many less one of few, so that the start of the workers does not count.
    """
    few, many = FEW
    found = []
    for style, source in (("loop-style", ready.loops), ("vectorised", ready.vectorised)):
        for number in FEW:
            write(ready, ready.folder / f"{style}-{number}", number, (source,))
        for jobs in (1, 2):
            cases = floor(source, ready)
            base = median([seconds(cases) for _ in range(rounds + 2)][2:])
            short, long = (
                batch(
                    ready.folder / f"out-{style}-{jobs}-{number}",
                    ready.folder / f"{style}-{number}",
                    lambda jobs=jobs: LocalExecutor(local, jobs, PATIENCE),  # type: ignore[misc]
                )
                for number in FEW
            )
            each = (long - short) / (many - few)
            name = f"{style}, {jobs} job{'s'[: jobs - 1]}: one more hand-in"
            bar = 6.0 if style == "loop-style" and jobs == DEFAULT_JOBS else None
            found += [
                Row(name, 1e3 * each, "ms", note=f"the cases alone, warm: {1e3 * base:.1f} ms"),
                Row(f"{name}, beyond 1.15 x the cases", 1e3 * (each - 1.15 * base), "ms", bar),
            ]
    return found


def write(ready: Subjects, folder: Path, number: int, sources: Sequence[str] = ()) -> None:
    """A class of right hand-ins, no two the same: half of them loops and half vectorised, or of ``sources``."""
    folder.mkdir()
    sources = sources or (ready.loops, ready.vectorised)
    for k in range(number):
        source = sources[k % len(sources)]
        (folder / f"student{k:05}.py").write_text(f"{source}\n# {k}\n", encoding="utf-8")


def recipe(pack: Path | PackFiles) -> Recipe:
    return Recipe(pack, ROOT / "reference", None, Limits(), "auto", None, ("json",), "student", 2)


def batch(out: Path, hand_ins: Path, open_executor: Callable[[], Executor]) -> float:
    """Seconds for the whole batch, the start of its workers and the class page included."""
    order = Order((str(hand_ins),), out, ("json",), "benchmark")
    start = time.perf_counter()
    tally = run(order, open_executor, {}, Progress(quiet=True))
    assert tally.graded == tally.total
    return time.perf_counter() - start


def dask(pack: Pack, out: Path, hand_ins: Path) -> float:
    """The same on a cluster that is there, as one of another machine would be."""
    from grader.batch.dask_ import DaskExecutor, connect

    client, cluster = connect("local", 2)
    assert cluster is not None
    try:
        packed = recipe(PackFiles.of(pack))
        return batch(out, hand_ins, lambda: DaskExecutor(packed, client))
    finally:
        cluster.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        for row in rows(subjects(Path(home)), 1):
            print(f"{row.name:50} {row.value:8.2f} {row.unit:10} {row.note}", flush=True)
