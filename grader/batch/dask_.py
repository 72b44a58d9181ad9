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

import hashlib
import logging
import pickle
import queue
import threading
import time
import uuid
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
#: Tasks under way for each thread: an answer and the next task take their time through the scheduler.
AHEAD = 4


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

#: One grader for each thread of a worker process and each recipe: the sandbox serves one at a time.
_warm = threading.local()


def _grader(recipe: bytes) -> Grader:
    """This thread's grader; another batch's is given back."""
    mark = hashlib.sha256(recipe).hexdigest()
    if getattr(_warm, "mark", None) != mark:
        _forget()
        factory: Factory = pickle.loads(recipe)
        _warm.grader, _warm.mark = factory(), mark
    grader: Grader = _warm.grader
    return grader


def _forget() -> None:
    grader = getattr(_warm, "grader", None)
    _warm.grader = _warm.mark = None
    if grader is not None:
        grader.close()


def facts_on_worker(recipe: bytes) -> bytes:
    """What the results of this worker have in common, or why it cannot work."""
    try:
        return encode(_grader(recipe).facts)
    except GraderError as error:
        return encode(Refused(str(error), error.exit_code))
    except Exception as error:
        return encode(Refused(f"a worker could not start: {type(error).__name__}: {error}"))


def grade_on_worker(recipe: bytes, setting: dict[str, Any], data: bytes) -> bytes:
    """The answer to one task; a worker that is not like the first one refuses."""
    task = decode_task(data)
    try:
        grader = _grader(recipe)
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
        self._tasks: dict[str, Task] = {}  # by the key of their future
        self._waiting = self._number = self._threads = 0
        self._counted = self._alone_since = 0.0
        try:
            recipe = pickle.dumps(factory)
            self._run = f"{hashlib.sha256(recipe).hexdigest()[:12]}-{uuid.uuid4().hex[:12]}"
            # The result of a task, not scattered data: Dask makes it again when its only holder dies.
            self._recipe = client.submit(bytes, recipe, key=f"grader-recipe-{self._run}")
            self.facts: Facts = self._first_facts()
        except BaseException:
            self.close()
            raise
        self._setting = self.facts.setting()

    def _first_facts(self) -> Facts:
        future = self._client.submit(facts_on_worker, self._recipe, key=f"grader-facts-{self._run}")
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
        return len(self._tasks)

    def room(self) -> bool:
        """For each thread that there is now one task to do, one beside it, and two that wait for both."""
        if time.monotonic() - self._counted > RECOUNT:
            self._counted, self._threads = time.monotonic(), self._count_threads()
        return len(self._tasks) < max(AHEAD * self._threads, AHEAD) and self._waiting < MOST_WAITING

    def submit(self, task: Task) -> None:
        """Hand a task over; returns at once."""
        self._number += 1
        key = f"grader-{self._number}-{task.key[:12]}-{self._run}"
        self._tasks[key] = task
        self._waiting += task.size
        future = self._client.submit(
            grade_on_worker, self._recipe, self._setting, encode(task), key=key, pure=False
        )
        future.add_done_callback(self._done.put)

    def next(self) -> list[Graded | Failed]:
        """The answers there are; waits for the first."""
        futures = [self._wait()]
        while len(futures) < MOST_AT_ONCE and not self._done.empty():
            futures.append(self._done.get())
        if any(future.cancelled() for future in futures):
            self._check_scheduler()
        return [
            self._answer(future, data) for future, data in zip(futures, self._gather(futures), strict=True)
        ]

    def _gather(self, futures: Sequence[Future]) -> list[bytes | None]:
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

    def _answer(self, future: Future, data: bytes | None) -> Graded | Failed:
        task = self._tasks.pop(future.key)
        self._waiting -= task.size
        try:
            reply = decode_reply(future.result() if data is None else data)
        except _distributed().KilledWorker:
            return Failed(task.key, "every worker that was given it died")
        except Exception as error:
            self._check_scheduler()
            return Failed(task.key, f"{type(error).__name__}: {error}")
        if isinstance(reply, (Graded, Failed)):
            return reply
        raise NotGraded(reply.reason if isinstance(reply, Refused) else "a worker did not answer its task")

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
