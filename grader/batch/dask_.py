"""Grades on a Dask cluster: other machines, or this one's through ``LocalCluster``.

Submissions and the pack travel as bytes, every worker grades in a sandbox of its own, and what comes
back goes into the same store by the same flow. Which worker does what, and that the work of one that
died is done by another, is Dask's job. ``distributed`` is an optional dependency.

On Slurm, dask-jobqueue asks for the workers; give what is printed to ``--scheduler``::

    from dask_jobqueue import SLURMCluster
    cluster = SLURMCluster(
        cores=1, processes=1, memory="2GB", walltime="02:00:00", n_workers=0,
        scheduler_options={"dashboard_address": ":0"},
    )
    cluster.scale(jobs=100)
    print(cluster.scheduler_address)

On Kubernetes, Dask's operator makes them out of an image with grader in it; once what is printed went
through ``kubectl apply -f -``, the address inside the cluster is ``tcp://grader-scheduler:8786``::

    import json
    from dask_kubernetes.operator import make_cluster_spec
    print(json.dumps(make_cluster_spec(name="grader", image="registry.example/grader:0.1", n_workers=20)))

All workers need the same grader, Python and NumPy: one with others is refused. The course's secret
travels to them with the pack, so a scheduler that others can reach needs Dask's TLS.
"""

from __future__ import annotations

import logging
import pickle
import queue
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from grader.batch.engine import Factory, Grader, PackFiles, Recipe
from grader.batch.executor import MOST_WAITING
from grader.batch.local import MOST_AT_ONCE
from grader.batch.task import Facts, Failed, Graded, Refused, Task, decode_reply, decode_task, encode
from grader.errors import ConfigError, GraderError, NotGraded, UsageError

if TYPE_CHECKING:
    from grader.pack import Pack

#: Dask's own classes; it is not there at all where nobody needs it.
Client: TypeAlias = Any
Cluster: TypeAlias = Any
Future: TypeAlias = Any

#: Seconds for a scheduler to answer, and for a worker to be there where there is none.
CONNECT, PATIENCE = 15, 600
#: Seconds after which the workers are counted again.
RECOUNT = 2.0
#: Tasks under way for each thread, and of these the ones that travel in one message.
AHEAD, TOGETHER = 12, 4


def open_dask(recipe: Recipe, pack: Pack, address: str, jobs: int) -> DaskExecutor:
    """The executor for the scheduler at ``address``, or for ``jobs`` processes here (``local``)."""
    packed = replace(recipe, pack=PackFiles.of(pack), reference_dir=None)
    return DaskExecutor(packed, *connect(address, jobs))


def connect(address: str, jobs: int) -> tuple[Client, Cluster | None]:
    """A client of the scheduler; raises UsageError where there is none."""
    dask = _distributed()
    if address == "local":
        try:
            cluster = dask.LocalCluster(
                n_workers=jobs,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
        except (RuntimeError, OSError, TimeoutError) as error:
            raise NotGraded(f"--scheduler local: Dask cannot start its workers ({error})") from None
        return dask.Client(cluster), cluster
    try:
        return dask.Client(address, timeout=CONNECT), None
    except (OSError, ValueError, TimeoutError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"--scheduler {address}: no Dask scheduler answers there ({said})") from None


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError:
        raise UsageError("--scheduler needs Dask: pip install 'stepgrader[dask]'") from None


# --------------------------------------------------------------------------- on the workers

#: One grader for each thread of a worker process: the sandbox serves one at a time.
_warm = threading.local()


def _grader(recipe: bytes, run: str) -> Grader:
    """This thread's grader for a run; that of another run is given back."""
    if getattr(_warm, "run", None) != run:
        _forget()
        factory: Factory = pickle.loads(recipe)
        _warm.grader, _warm.run = factory(), run
    grader: Grader = _warm.grader
    return grader


def _forget() -> None:
    grader = getattr(_warm, "grader", None)
    _warm.grader = _warm.run = None
    if grader is not None:
        grader.close()


def facts_on_worker(recipe: bytes, run: str) -> bytes:
    """What the results of this worker have in common, or why it cannot work."""
    try:
        return encode(_grader(recipe, run).facts)
    except GraderError as error:
        return encode(Refused(str(error), error.exit_code))
    except Exception as error:
        return encode(Refused(f"a worker could not start: {type(error).__name__}: {error}"))


def grade_on_worker(recipe: bytes, run: str, setting: dict[str, Any], tasks: list[bytes]) -> list[bytes]:
    """The answers to some tasks; a worker that is not like the first one refuses."""
    return [_answer(recipe, run, setting, decode_task(data)) for data in tasks]


def _answer(recipe: bytes, run: str, setting: dict[str, Any], task: Task) -> bytes:
    try:
        grader = _grader(recipe, run)
        own = grader.facts.setting()
        if own != setting:
            differing = [f"{k} {own[k]} instead of {setting[k]}" for k in own if own[k] != setting[k]]
            return encode(Refused(f"the workers are not alike: one has {', '.join(differing)}"))
        return encode(grader(task))
    except Exception as error:
        _forget()  # the next submission gets a fresh sandbox
        reason = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
        return encode(Failed(task.key, reason))


# --------------------------------------------------------------------------- in the batch


class DaskExecutor:
    """Workers of a Dask cluster."""

    def __init__(self, factory: Factory, client: Client, cluster: Cluster | None = None) -> None:
        self._client, self._cluster = client, cluster
        self._done: queue.Queue[Future] = queue.Queue()
        self._sent: dict[str, tuple[Task, ...]] = {}  # by the key of their future
        self._next: list[Task] = []  # to be sent together
        self._suspects: deque[Task] = deque()  # to be sent one by one
        self._busy = self._waiting = self._number = self._threads = 0
        self._counted = self._alone_since = 0.0
        try:
            recipe = pickle.dumps(factory)
            self._run = uuid.uuid4().hex
            # The result of a task, not scattered data: Dask makes it again when its only holder dies.
            self._recipe = client.submit(bytes, recipe, key=f"grader-recipe-{self._run}")
            self.facts: Facts = self._first_facts()
        except BaseException:
            self.close()
            raise
        self._setting = self.facts.setting()

    def _first_facts(self) -> Facts:
        key = f"grader-facts-{self._run}"
        future = self._client.submit(facts_on_worker, self._recipe, self._run, key=key)
        try:
            reply = decode_reply(future.result(timeout=PATIENCE))
        except TimeoutError:
            raise NotGraded(f"no worker of the Dask cluster was ready within {PATIENCE} s") from None
        except Exception as error:
            raise NotGraded(f"the Dask cluster failed: {type(error).__name__}: {error}") from None
        if isinstance(reply, Refused):
            raise (ConfigError if reply.exit_code == ConfigError.exit_code else NotGraded)(reply.reason)
        assert isinstance(reply, Facts)
        return reply

    @property
    def busy(self) -> int:
        """How many tasks wait for an answer."""
        return self._busy

    def room(self) -> bool:
        """Whether the threads that there are now have less than enough to do ahead."""
        if time.monotonic() - self._counted > RECOUNT:
            self._counted, self._threads = time.monotonic(), self._count_threads()
        return self._busy < AHEAD * max(self._threads, 1) and self._waiting < MOST_WAITING

    def submit(self, task: Task) -> None:
        """Hand a task over; returns at once.

        Each thread gets single tasks first; what is only there to keep them busy travels together,
        because every message costs. What failed before waits until nothing else is under way, and goes
        alone: Dask blames all that a worker held when it died, and only one of them was to blame.
        """
        self._busy += 1
        self._waiting += task.size
        if task.attempt > 1:
            self._suspects.append(task)
            return
        self._next.append(task)
        if self._busy <= 2 * self._threads or len(self._next) == TOGETHER:
            self._send()

    def _send(self) -> None:
        if not self._next:
            return
        tasks, self._next = tuple(self._next), []
        self._number += 1
        key = f"grader-{self._number}-{self._run}"
        self._sent[key] = tasks
        data = [encode(task) for task in tasks]
        future = self._client.submit(
            grade_on_worker, self._recipe, self._run, self._setting, data, key=key, pure=False
        )
        future.add_done_callback(self._done.put)

    def next(self) -> list[Graded | Failed]:
        """The answers there are; waits for the first."""
        self._send()
        if not self._sent:
            self._next.append(self._suspects.popleft())
            self._send()
        futures = [self._wait()]
        while len(futures) < MOST_AT_ONCE // TOGETHER and not self._done.empty():
            futures.append(self._done.get())
        if any(future.cancelled() for future in futures):
            self._check_scheduler()
        found = zip(futures, self._gather(futures), strict=True)
        return [answer for future, data in found for answer in self._answers(future, data)]

    def _gather(self, futures: Sequence[Future]) -> list[list[bytes] | None]:
        """What the futures hold, brought in one go; None where one by one will say what is wrong."""
        if any(future.status != "finished" for future in futures):
            return [None] * len(futures)
        try:
            return list(self._client.gather(list(futures)))
        except Exception:
            return [None] * len(futures)

    def _wait(self) -> Future:
        while True:
            try:
                return self._done.get(timeout=1.0)
            except queue.Empty:
                self._check_scheduler()
                self._check_workers()

    def _answers(self, future: Future, data: list[bytes] | None) -> list[Graded | Failed]:
        tasks = self._sent.pop(future.key)
        self._busy -= len(tasks)
        self._waiting -= sum(task.size for task in tasks)
        try:
            replies = [decode_reply(one) for one in (future.result() if data is None else data)]
        except _distributed().KilledWorker:
            return [Failed(task.key, "every worker that was given it died") for task in tasks]
        except Exception as error:
            self._check_scheduler()
            return [Failed(task.key, f"{type(error).__name__}: {error}") for task in tasks]
        refused = next((r.reason for r in replies if isinstance(r, Refused)), "")
        if refused:
            raise NotGraded(refused)
        return [reply for reply in replies if isinstance(reply, (Graded, Failed))]

    def _check_scheduler(self) -> None:
        if self._client.status != "running":
            raise NotGraded("the Dask scheduler went away; what is graded so far is kept, run it again")

    def _check_workers(self) -> None:
        """Workers may come and go; that none is left for long ends the run rather than hang it."""
        now = time.monotonic()
        if self._count_threads():
            self._alone_since = 0.0
        elif not self._alone_since:
            self._alone_since = now
        elif now - self._alone_since > PATIENCE:
            raise NotGraded(f"no Dask worker is left since {PATIENCE} s; what is graded so far is kept")

    def _count_threads(self) -> int:
        threads: dict[str, int] = self._client.nthreads()
        return sum(threads.values())

    def close(self) -> None:
        """End what was submitted; a cluster that somebody else made lives on."""
        for closing in (self._client, self._cluster):
            if closing is not None:
                with suppress(Exception):  # a scheduler that is gone cannot be asked to go
                    closing.close(timeout=5)
