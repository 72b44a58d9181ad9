"""Workers of this machine and of a Dask cluster: one answer a task, whatever happens to a worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from grader.batch.executor import Executor
from grader.batch.flow import Order, Tally, run
from grader.batch.local import LocalExecutor
from grader.batch.progress import Progress
from grader.batch.task import Failed, Graded, Named, Task
from grader.errors import ConfigError, NotGraded
from tests.batch.fakes import FACTS, FakeFactory, Inline

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., Any]


@pytest.fixture(params=["local", "dask"])
def open_executor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """``open_executor(**of the factory)`` for both kinds of workers."""
    opened: list[Executor] = []
    dask = request.getfixturevalue("cluster") if request.param == "dask" else None

    def make(factory: FakeFactory | None = None, **options: Any) -> Executor:
        factory = factory or FakeFactory(tmp_path / "log", **options)
        if dask is None:
            opened.append(LocalExecutor(factory, 2, 60.0))
        else:
            from distributed import Client

            from grader.batch.dask_ import DaskExecutor

            opened.append(DaskExecutor(factory, Client(dask)))
        return opened[-1]

    yield make
    for executor in opened:
        executor.close()


def task(name: str, script: str, **more: Any) -> Task:
    return Task(f"key of {name}", (Named(f"{name}.py", name),), script.encode(), **more)


def answers(executor: Any, tasks: list[Task]) -> dict[str, Graded | Failed]:
    """Hand all tasks over as there is room, and take every answer."""
    waiting, found = list(tasks), {}
    while waiting or executor.busy:
        while waiting and executor.room():
            executor.submit(waiting.pop(0))
        for answer in executor.next():
            assert answer.key not in found, "two answers to one task"
            found[answer.key.removeprefix("key of ")] = answer
    return found


def score(answer: Graded | Failed) -> float:
    assert isinstance(answer, Graded)
    assert answer.summary is not None
    return answer.summary.score


def test_every_task_gets_its_own_answer(open_executor: Open) -> None:
    executor = open_executor()
    assert executor.facts == FACTS
    found = answers(executor, [task(f"s{k}", f"score {k % 11}") for k in range(40)])
    assert {name: score(a) for name, a in found.items()} == {f"s{k}": k % 11 for k in range(40)}


def test_a_worker_that_dies_costs_one_answer(open_executor: Open) -> None:
    """On a cluster others may be blamed with it, until what failed is tried again alone."""
    executor = open_executor()
    tasks = {f"s{k}": task(f"s{k}", "die" if k == 3 else "score 5") for k in range(30)}
    found = answers(executor, list(tasks.values()))
    failed = [name for name, answer in found.items() if isinstance(answer, Failed)]
    if isinstance(executor, LocalExecutor):
        assert failed == ["s3"]
    again = answers(executor, [structs.replace(tasks[name], attempt=2) for name in failed])
    assert [name for name, answer in again.items() if isinstance(answer, Failed)] == ["s3"]
    assert all(score(a) == 5 for name, a in {**found, **again}.items() if name != "s3")


@pytest.mark.parametrize(
    ("script", "sentence"),
    [("fail the sandbox broke", "the sandbox broke"), ("bug", "ZeroDivisionError: a bug of ours")],
)
def test_what_fails_says_why_and_the_rest_goes_on(open_executor: Open, script: str, sentence: str) -> None:
    found = answers(open_executor(), [task("bad", script), task("good", "score 5")])
    bad = found["bad"]
    assert isinstance(bad, Failed)
    assert bad.reason == sentence
    assert score(found["good"]) == 5


def test_what_trusted_code_prints_breaks_nothing(open_executor: Open) -> None:
    found = answers(open_executor(), [task(f"s{k}", "print\nscore 5") for k in range(4)])
    assert [score(a) for a in found.values()] == [5, 5, 5, 5]


def test_a_large_hand_in_travels(open_executor: Open) -> None:
    script = "score 5\n" + "# a comment\n" * 400_000
    assert score(answers(open_executor(), [task("large", script)])["large"]) == 5


@pytest.mark.parametrize(
    ("broken", "kind", "sentence"),
    [
        ("settings", ConfigError, r"assignment\.yaml: points: expected a number"),
        ("sandbox", NotGraded, "no sandbox on this machine"),
        ("bug", NotGraded, "a worker could not start: ZeroDivisionError: a bug"),
    ],
)
def test_workers_that_cannot_start_end_the_batch_with_the_reason(
    open_executor: Open, broken: str, kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        open_executor(broken=broken)


def test_a_batch_comes_out_the_same_as_without_processes(open_executor: Open, tmp_path: Path) -> None:
    hand_ins = tmp_path / "hand-ins"
    hand_ins.mkdir()
    for k in range(24):
        script = {3: "die_once\nscore 4", 7: "fail", 11: "fail_once\nscore 9"}.get(k, f"score {k % 11}")
        (hand_ins / f"s{k:02}.py").write_text(script)
    outs = {}
    for name, make in (
        ("inline", lambda: Inline(FakeFactory(tmp_path / "log"))),
        ("workers", open_executor),
    ):
        out = tmp_path / name
        if name == "inline":
            (hand_ins / "s03.py").write_text("score 4")  # there is no process that could die
        else:
            (hand_ins / "s03.py").write_text("die_once\nscore 4")
        tally = run(Order((str(hand_ins),), out, ("json",), "v"), make, {}, Progress(quiet=True))
        assert tally == Tally(24, 23, 0, 1)
        lines = (out / "scores.csv").read_text().splitlines()
        outs[name] = [line for line in lines if not line.startswith("s03")]
    assert outs["inline"] == outs["workers"]


# --------------------------------------------------------------------------- this machine only


def test_a_slow_hand_in_does_not_hold_the_rest(tmp_path: Path) -> None:
    executor = LocalExecutor(FakeFactory(tmp_path / "log"), 2, 60.0)
    try:
        tasks = [task("slow", "sleep 1.5"), *(task(f"s{k}", "score 5") for k in range(12))]
        assert list(answers(executor, tasks))[-1] == "slow"
    finally:
        executor.close()


def test_a_worker_that_never_ends_is_ended(tmp_path: Path) -> None:
    executor = LocalExecutor(FakeFactory(tmp_path / "log"), 2, 0.7)
    try:
        found = answers(executor, [task("hang", "hang"), *(task(f"s{k}", "score 5") for k in range(6))])
    finally:
        executor.close()
    hang = found.pop("hang")
    assert isinstance(hang, Failed)
    assert hang.reason == "the grader did not come to an end within 0.7 s"
    assert all(score(a) == 5 for a in found.values())


def test_no_more_than_two_tasks_a_worker_are_taken(tmp_path: Path) -> None:
    executor = LocalExecutor(FakeFactory(tmp_path / "log"), 2, 60.0)
    try:
        taken = 0
        while executor.room():
            executor.submit(task(f"s{taken}", "sleep 0.1"))
            taken += 1
        assert taken == 4
    finally:
        executor.close()


def test_large_hand_ins_wait_with_the_batch_and_not_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.batch.local.MOST_WAITING", 100)
    executor = LocalExecutor(FakeFactory(tmp_path / "log"), 2, 60.0)
    try:
        executor.submit(task("large", "score 5\n" + "#" * 100))
        assert not executor.room()
        executor.next()
        assert executor.room()
    finally:
        executor.close()


def test_workers_are_started_only_when_there_is_work_for_them(tmp_path: Path) -> None:
    executor = LocalExecutor(FakeFactory(tmp_path / "log"), 8, 60.0)
    try:
        assert sum(worker is not None for worker in executor._workers) == 1
    finally:
        executor.close()


def test_closing_leaves_no_process(tmp_path: Path) -> None:
    log = tmp_path / "log"
    executor = LocalExecutor(FakeFactory(log), 2, 60.0)
    executor.submit(task("a", "hang"))
    executor.submit(task("b", "hang"))
    pids = logged(log, 2)
    executor.close()
    assert not any(alive(pid) for pid in pids)


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_no_worker_outlives_a_batch_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from grader.batch.local import LocalExecutor\n"
        "from tests.batch.fakes import FakeFactory\n"
        "from tests.batch.test_executors import task\n"
        "executor = LocalExecutor(FakeFactory(pathlib.Path(sys.argv[1])), 2, 60.0)\n"
        "executor.submit(task('a', 'hang')); executor.submit(task('b', 'hang')); executor.next()\n"
    )
    log = tmp_path / "log"
    batch = subprocess.Popen([sys.executable, "-c", program, str(log)], cwd=ROOT)
    pids = logged(log, 2)
    assert all(alive(pid) for pid in pids)
    batch.kill()
    batch.wait()
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(alive(pid) for pid in pids)


def logged(log: Path, number: int) -> list[int]:
    """The processes of the first ``number`` gradings, once they have begun."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        lines = log.read_text().splitlines() if log.exists() else []
        if len(lines) >= number:
            return [int(line.split()[1]) for line in lines]
        time.sleep(0.02)
    raise AssertionError("the workers did not begin")


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be buried does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


# --------------------------------------------------------------------------- Dask only


def test_without_dask_the_option_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.batch.dask_ import connect
    from grader.errors import UsageError

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'stepgrader\[dask\]'"):
        connect("local", 1)


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed")
    from grader.batch import dask_
    from grader.errors import UsageError

    monkeypatch.setattr(dask_, "CONNECT", 1)
    with pytest.raises(UsageError, match=r"--scheduler tcp://127\.0\.0\.1:9: no Dask scheduler answers"):
        dask_.connect("tcp://127.0.0.1:9", 1)


def test_a_dask_worker_that_is_killed_mid_run_costs_nothing(cluster: Any, tmp_path: Path) -> None:
    from distributed import Client

    from grader.batch.dask_ import DaskExecutor

    hand_ins, log = tmp_path / "hand-ins", tmp_path / "log"
    hand_ins.mkdir()
    for k in range(40):
        (hand_ins / f"s{k:02}.py").write_text(f"sleep 0.02\nscore {k % 11}")
    killed: list[int] = []

    class Killing(DaskExecutor):
        def next(self) -> list[Graded | Failed]:
            found = super().next()
            if not killed and len(log.read_text().splitlines()) > 8:
                killed.append(int(log.read_text().splitlines()[-1].split()[1]))
                os.kill(killed[0], signal.SIGKILL)
            return found

    order = Order((str(hand_ins),), tmp_path / "out", ("json",), "v")
    tally = run(order, lambda: Killing(FakeFactory(log), Client(cluster)), {}, Progress(quiet=True))
    assert killed
    assert tally == Tally(40, 40, 0, 0)


def test_what_failed_before_travels_alone_when_the_rest_is_done(cluster: Any, tmp_path: Path) -> None:
    """It may end its worker, and what is there with it would be blamed as well."""
    from distributed import Client

    from grader.batch.dask_ import TOGETHER, DaskExecutor

    executor = DaskExecutor(FakeFactory(tmp_path / "log"), Client(cluster))
    try:
        assert executor.room()
        for k in range(20):
            executor.submit(task(f"s{k:02}", "score 5", attempt=2 if k in (4, 5) else 1))
        assert max(len(tasks) for tasks in executor._sent.values()) == TOGETHER
        order = []
        while executor.busy:
            order.extend(answer.key for answer in executor.next())
        assert order[-2:] == ["key of s04", "key of s05"]
        assert len(order) == 20
    finally:
        executor.close()


def test_a_worker_unlike_the_first_one_ends_the_batch(cluster: Any, tmp_path: Path) -> None:
    from distributed import Client

    from grader.batch.dask_ import DaskExecutor

    executor = DaskExecutor(FakeFactory(tmp_path / "log"), Client(cluster))
    try:
        executor._setting = {**executor._setting, "numpy": "1.x"}
        executor.submit(task("a", "score 5"))
        with pytest.raises(NotGraded, match=r"the workers are not alike: one has numpy 2\.x instead of 1\.x"):
            executor.next()
    finally:
        executor.close()


def test_a_scheduler_that_goes_away_ends_the_batch_resumable(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    from grader.batch.dask_ import DaskExecutor

    hand_ins, log = tmp_path / "hand-ins", tmp_path / "log"
    hand_ins.mkdir()
    for k in range(20):
        (hand_ins / f"s{k:02}.py").write_text(f"sleep 0.02\nscore {k % 11}")
    scheduler = Scheduler()

    class Losing(DaskExecutor):
        def next(self) -> list[Graded | Failed]:
            found = super().next()
            if len(log.read_text().splitlines()) > 6:
                scheduler.kill()
            return found

    order = Order((str(hand_ins),), tmp_path / "out", ("json",), "v")
    try:
        client = distributed.Client(scheduler.address, timeout=30)
        with pytest.raises(NotGraded, match="the Dask scheduler went away; what is graded so far is kept"):
            run(order, lambda: Losing(FakeFactory(log), client), {}, Progress(quiet=True))
    finally:
        scheduler.kill()
    before = len(log.read_text().splitlines())
    tally = run(order, lambda: Inline(FakeFactory(log)), {}, Progress(quiet=True))
    assert tally == Tally(20, 20, 0, 0)
    assert len(log.read_text().splitlines()) < before + 20, "what was graded is not graded again"


class Scheduler:
    """A scheduler and one worker, as processes of their own."""

    def __init__(self) -> None:
        cli = [sys.executable, "-W", "ignore", "-m"]
        quiet: dict[str, Any] = {"stderr": subprocess.PIPE, "cwd": ROOT, "text": True}
        self._scheduler = subprocess.Popen(
            [*cli, "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1"],
            **quiet,
        )
        assert self._scheduler.stderr is not None
        line = next(line for line in self._scheduler.stderr if "Scheduler at:" in line)
        self.address = line.split()[-1]
        self._worker = subprocess.Popen(
            [
                *cli,
                "distributed.cli.dask_worker",
                self.address,
                "--nthreads",
                "1",
                "--no-dashboard",
                "--no-nanny",
            ],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        for process in (self._scheduler, self._worker):
            process.kill()
            process.wait()
        if self._scheduler.stderr is not None:
            self._scheduler.stderr.close()
