"""A class of two thousand, a batch killed twenty times, all in the real sandbox.

``pytest -m slow -s tests/batch``, some minutes each. What they measure is printed; what must hold is
asserted.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from grader.batch.engine import PackFiles
from grader.batch.flow import Order, Tally, run
from grader.batch.progress import Progress
from grader.batch.task import Failed, Graded
from tests.batch.generate import STEADY, Made, write
from tests.batch.test_breakdown import contents, kill_after_reports
from tests.batch.test_engine import recipe
from tests.conftest import ROOT, Grade

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="needs /proc and SIGKILL")]

CLASS = int(os.environ.get("GRADER_ENDURANCE", "2000"))


def batch(hand_ins: Path, out: Path, *more: str) -> list[str]:
    config = str(ROOT / "config.yaml")
    return [
        sys.executable,
        "-m",
        "grader",
        "batch",
        str(hand_ins),
        "--out",
        str(out),
        "--config",
        config,
        *more,
    ]


def descendants(pid: int) -> dict[int, str]:
    """The state of every process below ``pid``."""
    parents: dict[int, list[tuple[int, str]]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        parents.setdefault(int(parent), []).append((int(stat.parent.name), state))
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        for child, state in parents.get(waiting.pop(), []):
            found[child] = state
            waiting.append(child)
    return found


class Watch:
    """Looks at a batch while it runs: its own memory, and how many of its processes want a core."""

    def __init__(self, process: subprocess.Popen[Any]) -> None:
        self._process = process
        self.memory_mb = 0.0
        self.runnable: list[int] = []
        self._thread = threading.Thread(target=self._look, daemon=True)

    @contextmanager
    def watching(self) -> Iterator[None]:
        self._thread.start()
        yield
        self._thread.join()

    def _look(self) -> None:
        while self._process.poll() is None:
            try:
                status = Path(f"/proc/{self._process.pid}/status").read_text()
            except OSError:
                break
            if peak := re.search(r"VmHWM:\s+(\d+)", status):
                self.memory_mb = int(peak[1]) / 1024
            self.runnable.append(sum(state in "RD" for state in descendants(self._process.pid).values()))
            time.sleep(0.05)

    @property
    def busy(self) -> float:
        """The share of the looks at which two processes or more wanted a core, start and end left out."""
        middle = self.runnable[len(self.runnable) // 20 : -len(self.runnable) // 20]
        return sum(min(n, 2) for n in middle) / (2 * len(middle))


def verdicts(report: dict[str, Any]) -> list[Any]:
    """All of a report that a harmless variation may not change."""
    return [
        (
            f["name"],
            f["status"],
            f["score"],
            [d["id"] for d in f["diagnoses"]],
            [c["outcome"] for c in f["cases"]],
        )
        for f in report["functions"]
    ]


def test_two_thousand_hand_ins_get_the_marks_of_their_originals(tmp_path: Path) -> None:
    made = write(tmp_path / "class", CLASS)
    command = batch(tmp_path / "class", tmp_path / "out", "--jobs", "2")
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT)
    watch = Watch(process)
    with watch.watching():
        assert process.wait() == 0
    took = time.perf_counter() - start
    again = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True)
    again = time.perf_counter() - again
    print(
        f"\n{CLASS} hand-ins: {took:.0f} s, {CLASS / took:.1f} a second; two processes wanted a core"
        f" {100 * watch.busy:.0f} % of the time; memory of the batch {watch.memory_mb:.0f} MB;"
        f" the second run {again:.2f} s"
    )
    assert watch.memory_mb < 300
    check_marks(made, tmp_path)


def check_marks(made: list[Made], folder: Path) -> None:
    """Every report against what its original gets when it is graded alone, in a batch of its own."""
    alone = folder / "originals"
    alone.mkdir()
    for path in {m.original for m in made}:
        (alone / path.name).write_bytes(path.read_bytes())
    subprocess.run(batch(alone, folder / "alone", "--jobs", "2", "-q"), cwd=ROOT, check=True)
    wrong = []
    harm: Counter[tuple[str, str]] = Counter()
    for one in made:
        label = one.name.partition(".")[0]
        report = json.loads((folder / "out" / "reports" / f"{label}.json").read_text())
        if report["status"] != "graded":
            wrong.append((one.name, report["reason"]))
        elif one.harm:
            last = report["functions"][-1]
            harm[one.harm, max(c["outcome"] for c in last["cases"])] += 1
            others = [f["status"] for f in report["functions"][:-1]]
            if last["score"] != 0 or others != ["correct"] * 3 or report["score"] != 60:
                wrong.append((one.name, one.harm))
        else:
            expected = json.loads((folder / "alone" / "reports" / f"{one.original.stem}.json").read_text())
            if verdicts(report) != verdicts(expected):
                wrong.append((one.name, one.original.name))
    print(dict(harm))
    assert wrong == []


def test_a_batch_killed_twenty_times_comes_out_as_if_nothing_had_happened(tmp_path: Path) -> None:
    write(tmp_path / "class", 400, seed=2, harms=STEADY)
    subprocess.run(batch(tmp_path / "class", tmp_path / "expected", "-q"), cwd=ROOT, check=True)
    rng = random.Random(3)
    out = tmp_path / "out"
    moments = []
    for _ in range(20):
        moments.append(sum(1 for _ in (out / "reports").glob("*.json")) + rng.randrange(16))
        assert kill_after_reports(batch(tmp_path / "class", out, "-q"), out, moments[-1])
    subprocess.run(batch(tmp_path / "class", out, "-q"), cwd=ROOT, check=True)
    print(f"\nkilled when there were {', '.join(map(str, moments))} of 400 reports")
    assert contents(out) == contents(tmp_path / "expected")


def test_a_killed_dask_worker_changes_nothing_in_the_outcome(
    cluster: Any, conv: Any, tmp_path: Path, grade_source: Grade
) -> None:
    from distributed import Client

    from grader.batch.dask_ import DaskExecutor

    write(tmp_path / "class", 150, seed=4, harms=STEADY)
    local = recipe(formats=("json",))
    packed = recipe(PackFiles.of(conv), reference_dir=None, formats=("json",))
    killed: list[int] = []
    answered: list[str] = []
    client = Client(cluster)
    pids = client.run(os.getpid)

    class Killing(DaskExecutor):
        def next(self) -> list[Graded | Failed]:
            found = super().next()
            answered.extend(answer.key for answer in found)
            if not killed and len(answered) > 50:
                killed.append(next(iter(pids.values())))
                os.kill(killed[0], signal.SIGKILL)
            return found

    from grader.batch.local import LocalExecutor

    hand_ins = (str(tmp_path / "class"),)
    for name, make in (
        ("expected", lambda: LocalExecutor(local, 2, 300.0)),
        ("out", lambda: Killing(packed, client)),
    ):
        order = Order(hand_ins, tmp_path / name, ("json",), "v")
        assert run(order, make, {}, Progress(quiet=True)) == Tally(150, 150, 0, 0)
    assert killed
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")
