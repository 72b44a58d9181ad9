"""A batch from beginning to end: find, skip what is known, grade the rest, keep it, sum it up.

Everything that must be right whoever does the grading is here: nothing is graded twice, a task that
failed is tried once more in another process and then recorded as not graded, and the results are on
the disk before the next ones are waited for. The executor decides only who grades and when.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from msgspec import structs

from grader import __version__
from grader.batch import scores, summing
from grader.batch.collect import Found, Reader, collect
from grader.batch.engine import SUFFIXES
from grader.batch.executor import Executor
from grader.batch.listing import Refused
from grader.batch.output import Output
from grader.batch.progress import Progress
from grader.batch.task import Failed, Graded, Named, Task, encode
from grader.errors import NotGraded, UsageError
from grader.report import classpage
from grader.store import HandIn, Result, Store, Work, Written, key_of, open_store

#: How often a task is tried in all.
ATTEMPTS = 2
#: Hand-ins of one content whose reports are rendered in one task.
MOST_NAMES = 16
CLUSTERS = "clusters.yaml"


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for."""

    paths: tuple[str, ...]
    out: Path
    formats: tuple[str, ...]
    view: str
    regrade: bool = False
    only_failed: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How a batch ended, in numbers of hand-ins."""

    total: int
    graded: int
    unreadable: int
    not_graded: int
    pending: int = 0  # no result yet
    unrendered: int = 0  # a result, but no report


def run(
    order: Order,
    open_executor: Callable[[], Executor],
    pages: Mapping[str, classpage.Page],
    progress: Progress,
) -> Tally:
    """Grade what is not graded, and write reports, ``scores.csv`` and ``class.html``."""
    names = cluster_names(order.out / CLUSTERS)
    output = Output(order.out)
    with open_store(order.out) as store:
        executor = open_executor()
        batch = _Batch(order, store, output, executor, progress)
        try:
            batch.run()
        except KeyboardInterrupt:
            raise Interrupted(*store.count()) from None
        finally:
            executor.close()
        suffix = SUFFIXES["html" if "html" in order.formats else "json"]
        mark = store.mark(
            [__version__, suffix, sorted(names.items()), sorted(executor.facts.setting().items())]
        )
        if not output.tables_stand(store, mark):
            report = summing.sum_up(store, executor.facts, suffix, names, pages)
            table = scores.lines(executor.facts, store.scores())
            output.write_tables(store, mark, {"scores.csv": table, "class.html": [classpage.render(report)]})
        return _tally(store, batch.unrendered)


def _tally(store: Store, unrendered: int) -> Tally:
    total, done = store.count()
    status = store.count_status()
    return Tally(
        total,
        status.get("graded", 0),
        status.get("unreadable", 0),
        status.get("not_graded", 0),
        total - done,
        unrendered,
    )


def cluster_names(path: Path) -> Mapping[str, str]:
    """The names that an instructor gave to clusters; raises UsageError where the file is none of names."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path}: expected lines such as '3fa9c1d2aabb: forgets the last row'")
    return {str(key): str(value) for key, value in content.items()}


class Interrupted(Exception):
    """Somebody pressed Ctrl-C; ``done`` of ``total`` hand-ins have a result that is kept."""

    def __init__(self, total: int, done: int) -> None:
        super().__init__(total, done)
        self.total, self.done = total, done


class _Batch:
    """One run over one class."""

    def __init__(
        self, order: Order, store: Store, output: Output, executor: Executor, progress: Progress
    ) -> None:
        self._order, self._store, self._output = order, store, output
        self._executor, self._progress = executor, progress
        self._setting = executor.facts.setting()
        self._under_way: dict[str, Task] = {}
        self._again: deque[Task] = deque()
        self._reader = Reader()
        self.unrendered = 0

    def run(self) -> None:
        """Find the hand-ins, then grade until none is left."""
        order, store = self._order, self._store
        facts = self._executor.facts
        store.set_class(self._hand_ins())
        total, _ = store.count()
        if not total:
            raise UsageError(f"no submission found in {', '.join(order.paths)}")
        store.keep_common(facts.fingerprint, facts.values)
        if order.regrade:
            store.forget(("graded", "not_graded", "unreadable"))
        elif order.only_failed:
            store.forget(("not_graded",))
        self._output.check(store, order.view, frozenset(SUFFIXES[f] for f in order.formats))
        self._progress.begin(total, store.count_written(order.view))
        with self._reader:
            self._grade()

    # ----------------------------------------------------------------- the class

    def _hand_ins(self) -> Iterator[HandIn]:
        with Reader() as reader:
            for found in collect(self._order.paths, skip=self._order.out):
                yield self._hand_in(found, reader)

    def _hand_in(self, found: Found, reader: Reader) -> HandIn:
        """One row of the class: read for its hash, and forgotten again."""
        sha256, problem = "", found.problem
        if not problem:
            try:
                sha256 = hashlib.sha256(reader.read(found.path, found.member)).hexdigest()
            except Refused as error:
                problem = str(error)
        # How the name ends decides how the bytes are read; what cannot be read has no bytes to go by.
        told_by = PurePosixPath(found.name).suffix.lower() if not problem else f"{found.name}\0{problem}"
        return HandIn(
            label=found.label,
            name=_text(found.name),
            student=_text(found.student),
            path=os.path.abspath(found.path),  # noqa: PTH100 - resolve() would follow links
            member=found.member,
            sha256=sha256,
            key=key_of(sha256, _text(told_by), self._setting),
            problem=_text(problem),
        )

    # ----------------------------------------------------------------- grading

    def _grade(self) -> None:
        tasks = self._tasks()
        more = True
        while more or self._again or self._executor.busy:
            while self._executor.room() and (more or self._again):
                task = self._again.popleft() if self._again else next(tasks, None)
                if task is None:
                    more = False
                    continue
                self._under_way[task.key] = task
                self._executor.submit(task)
            if self._executor.busy:
                self._take(self._executor.next())

    def _tasks(self) -> Iterator[Task]:
        for work in self._store.work(self._order.view, MOST_NAMES, self._order.only_failed):
            task = self._task(work)
            if task is not None:
                yield task

    def _task(self, work: Work) -> Task | None:
        """The task, or None where the file is not what it was a moment ago: then the next run's."""
        hand_ins = [h for label in work.labels if (h := self._store.hand_in(label)) is not None]
        names = tuple(Named(h.name, h.label) for h in hand_ins)
        first = hand_ins[0]
        document = self._store.document(work.key) or b""
        if first.problem:
            return Task(work.key, names, document=document, verdict=first.problem)
        try:
            raw = self._reader.read(Path(first.path), first.member)
        except Refused as error:
            self._progress.say(f"grader: {first.name}: {error}")
            return None
        if hashlib.sha256(raw).hexdigest() != first.sha256:
            self._progress.say(f"grader: {first.name}: changed while the batch was running; run it again")
            return None
        return Task(work.key, names, raw, document, first.sha256)

    def _take(self, answers: Sequence[Graded | Failed]) -> None:
        """Keep what came; what failed is tried again, and the second time recorded."""
        results: list[Result] = []
        written: list[Written] = []
        done = failed = 0
        for answer in answers:
            task = self._under_way.pop(answer.key)
            if isinstance(answer, Failed):
                self._try_again(task, answer.reason)
                continue
            for problem in answer.problems:
                self._progress.say(f"grader: {problem}")
            if answer.summary is not None:
                results.append(_result(answer))
                failed += len(task.names) if answer.summary.status == "not_graded" else 0
            for label, files in answer.files.items():
                written.append(self._output.write(label, answer.key, self._order.view, files))
            done += len(task.names)
            rest = self._rest(task, answer)
            if rest is not None:
                self._again.append(rest)
        self._store.save(results, written)
        self._progress.advance(done, failed)

    def _try_again(self, task: Task, reason: str) -> None:
        """The same once more; then it is recorded, without a look at the bytes that may be to blame."""
        if task.attempt < ATTEMPTS:
            self._again.append(structs.replace(task, attempt=task.attempt + 1))
        elif task.document:  # it has its marks; what is missing is the report, until the next run
            self._progress.say(f"grader: {task.names[0].label}: its reports could not be made: {reason}")
            self.unrendered += len(task.names)
        elif task.verdict:
            raise NotGraded(f"{task.names[0].label}: not even its report could be made: {reason}")
        else:
            verdict = f"{reason} (tried {ATTEMPTS} times)"
            self._again.append(
                structs.replace(task, raw=b"", verdict=verdict, status="not_graded", attempt=1)
            )

    def _rest(self, task: Task, answer: Graded) -> Task | None:
        """Further hand-ins of the same content: rendered from what was just graded."""
        if len(task.names) < MOST_NAMES:
            return None
        done = {named.label for named in task.names}
        labels = self._store.missing(task.key, self._order.view, 2 * MOST_NAMES)
        left = tuple(label for label in labels if label not in done)[:MOST_NAMES]
        if not left:
            return None
        hand_ins = [h for label in left if (h := self._store.hand_in(label)) is not None]
        names = tuple(Named(h.name, h.label) for h in hand_ins)
        return structs.replace(task, names=names, document=answer.document or task.document, attempt=1)


def _result(answer: Graded) -> Result:
    summary = answer.summary
    assert summary is not None
    return Result(
        answer.key,
        summary.status,
        summary.score,
        summary.max_score,
        summary.seconds,
        encode(summary),
        answer.document,
        tuple(structs.astuple(trait) for trait in answer.traits),
    )


def _text(name: str) -> str:
    """A name that is no text on this file system, made one that can be written anywhere."""
    return name.encode("utf-8", "replace").decode("utf-8")
