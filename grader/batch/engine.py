"""What a worker does with a task: grade it, render it, and boil it down for the class.

A ``Recipe`` is all that a worker needs to be told; it travels to other processes and machines. The
``Engine`` made from it holds the warm parts: the pack, the prepared cases, one sandbox.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

import grader
from grader.batch.task import CaseLine, Facts, FunctionLine, Graded, Named, Summary, Task
from grader.batch.traits import read_ahead, traits
from grader.errors import NotGraded, SubmissionError
from grader.model import Environment, Limits, Outcome, Report, Submission
from grader.pack import Pack, load_pack
from grader.report.archive import CaseValues, freeze, freeze_values, thaw

if TYPE_CHECKING:
    from grader.cases import CaseSet

#: Format -> how its file's name ends.
SUFFIXES = {
    "json": ".json",
    "html": ".html",
    "text": ".txt",
    "markdown": ".md",
    "junit": ".xml",
    "gradescope": ".gradescope.json",
    "csv": ".csv",
    "github": ".github.txt",
}

#: One letter an outcome, in a result's ``outcomes``.
LETTERS = {
    Outcome.CORRECT: "c",
    Outcome.WRONG: "w",
    Outcome.RAISED: "r",
    Outcome.TIMED_OUT: "t",
    Outcome.KILLED: "k",
    Outcome.MISSING: "m",
    Outcome.NOT_RUN: "n",
    Outcome.UNGRADED: "u",
}

#: Parts of the engine that decide no mark and say nothing that is kept.
_NOT_DECIDING = ("batch", "cli", "report", "audit", "export", "release")
_MOST_PACK_FILE = 20_000_000


class Grader(Protocol):
    """What an executor runs in its workers."""

    @property
    def facts(self) -> Facts:
        """What all its results have in common."""

    def __call__(self, task: Task) -> Graded:
        """The answer to one task; raises NotGraded where something of ours fails."""

    def close(self) -> None:
        """Give its processes back."""


class Factory(Protocol):
    """Makes the ``Grader`` of one worker; a value that pickle can send to it."""

    def __call__(self) -> Grader: ...


@dataclass(frozen=True)
class PackFiles:
    """A pack as bytes, for a machine that has no copy of it."""

    name: str
    files: tuple[tuple[str, bytes], ...] = field(repr=False)
    reference: tuple[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, pack: Pack) -> PackFiles:
        """The files that grading needs: all but the hand-ins and the notebook."""
        kept = []
        for path in sorted(pack.folder.rglob("*")):
            relative = path.relative_to(pack.folder)
            if relative.parts[0] in ("submissions", "__pycache__") or path.suffix in (".ipynb", ".pyc"):
                continue
            if path.is_file() and path.stat().st_size <= _MOST_PACK_FILE:
                kept.append((relative.as_posix(), path.read_bytes()))
        return cls(pack.name, tuple(kept), (pack.reference_path.name, pack.reference_path.read_bytes()))

    def unpack(self, folder: Path) -> Pack:
        """The same pack again, below ``folder``."""
        home = folder / "assignments" / self.name
        for relative, content in self.files:
            target = home / PurePosixPath(relative)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        reference = folder / "reference" / self.reference[0]
        reference.parent.mkdir(parents=True, exist_ok=True)
        reference.write_bytes(self.reference[1])
        return dataclasses.replace(load_pack(home, reference.parent), reference_path=reference)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a batch is graded and rendered."""

    pack: Path | PackFiles
    reference_dir: Path | None
    secret: bytes | None = field(repr=False)
    limits: Limits
    sandbox: str
    python: str | None
    formats: tuple[str, ...]
    audience: str
    hints: int

    def __call__(self) -> Engine:
        """The engine; raises what is wrong with pack or sandbox."""
        return Engine(self)

    @property
    def view(self) -> str:
        """What tells one rendering from another."""
        code = digest(_sources(("report",)))
        return f"{grader.__version__} {code} {self.audience} {self.hints} {','.join(sorted(self.formats))}"


class Engine:
    """One worker's warm parts."""

    def __init__(self, recipe: Recipe) -> None:
        from grader.sandbox import open_runner

        self._recipe = recipe
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if isinstance(recipe.pack, PackFiles):
            self._folder = tempfile.TemporaryDirectory(prefix="grader-")
            self._pack = recipe.pack.unpack(Path(self._folder.name))
        else:
            self._pack = load_pack(recipe.pack, recipe.reference_dir)
        self._runner = open_runner(
            recipe.sandbox,
            python=recipe.python,
            limits=recipe.limits,
            allowed_imports=self._pack.allowed_imports,
        )
        try:
            from grader.cases import prepare

            self._cases = prepare(self._pack, recipe.secret)
            same = not self._pack.vary_by_submission
            self._shared = _case_values(self._cases) if same else {}
            self.facts = self._facts()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the sandbox and remove what was unpacked."""
        self._runner.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _facts(self) -> Facts:
        pack, recipe = self._pack, self._recipe
        every = [p.case for prepared in self._cases.functions.values() for p in prepared]
        return Facts(
            assignment=pack.name,
            title=pack.title,
            functions=tuple((f.name, f.points, f.role == "required") for f in pack.functions),
            cases=tuple(
                CaseLine(c.function, c.name, c.group_title or c.group, c.visibility.value, c.points)
                for c in every
            ),
            fingerprint=self._cases.fingerprint,
            pack=pack.digest,
            catalogue=digest((pack.folder / "misconceptions").rglob("*")),
            engine=f"{grader.__version__} {digest(_sources(()))}",
            python=self._runner.python,
            numpy=self._runner.numpy,
            sandbox=self._runner.mode,
            limits=repr(recipe.limits),
            values=freeze_values(self._shared),
        )

    # ----------------------------------------------------------------- one task

    def __call__(self, task: Task) -> Graded:
        if task.document:
            files, problems = self._render(thaw(task.document, self._shared), task)
            return Graded(task.key, files, problems=problems)
        report, status = self._report(task)
        if report.status != "graded" and status == "graded":
            if task.attempt == 1:
                raise NotGraded(report.reason)
            status = "not_graded"
        files, problems = self._render(report, task)
        return Graded(
            task.key,
            files,
            freeze(report, self._shared),
            summary(report, status),
            traits(report, compare_values=not self._pack.vary_by_submission) if status == "graded" else (),
            problems,
        )

    def _report(self, task: Task) -> tuple[Report, str]:
        from grader.notebook import parse_submission

        name = task.names[0].name
        if task.verdict:
            return self._not_graded(_unread(name, task.sha256), task.verdict), task.status
        try:
            submission = parse_submission(name, task.raw)
        except SubmissionError as error:
            return self._not_graded(_unread(name, task.sha256), str(error)), "unreadable"
        return self._grade(submission), "graded"

    def _grade(self, submission: Submission) -> Report:
        from grader.cases import prepare
        from grader.pipeline import Options, grade

        cases = self._cases
        if self._pack.vary_by_submission:
            cases = prepare(self._pack, self._recipe.secret, submission.sha256)
        options = Options(self._recipe.limits, self._recipe.hints)
        meanwhile = partial(read_ahead, submission)
        return grade(submission, self._pack, cases, self._runner, options, meanwhile)

    def _not_graded(self, submission: Submission, reason: str) -> Report:
        from grader.pipeline import not_graded

        report = not_graded(submission, self._pack, reason)
        environment = Environment(
            self._runner.python,
            self._runner.numpy,
            self._runner.mode,
            cases=self._cases.fingerprint,
            pack=self._pack.digest,
        )
        return replace(report, environment=environment)

    # ----------------------------------------------------------------- rendering

    def _render(self, report: Report, task: Task) -> tuple[dict[str, dict[str, str]], tuple[str, ...]]:
        """Every format for every hand-in with this content, and what could not be rendered."""
        from grader.report import render_all

        files: dict[str, dict[str, str]] = {}
        problems = []
        for named in task.names:
            own = renamed(report, named, task.raw)
            texts = files[named.label] = {}
            for name in self._recipe.formats:
                try:
                    text = render_all([own], name, self._recipe.audience, hints=self._recipe.hints)
                except Exception as error:
                    if name == "json":  # the one that everything else relies on
                        raise
                    problems.append(f"{named.label}: no {name} report: {type(error).__name__}: {error}")
                else:
                    texts[SUFFIXES[name]] = text
        return files, tuple(problems)


def renamed(report: Report, named: Named, raw: bytes) -> Report:
    """``report`` for a hand-in of the same content; its submission is read again where it lacks cells.

    What could not be graded is not touched again: it may be what ended a worker.
    """
    from grader.notebook import parse_submission

    old = report.submission
    if old.name == named.name and old.cells:
        return report
    if report.status != "graded":
        reason = report.reason.replace(old.name, named.name)
        return replace(report, submission=replace(old, name=named.name), reason=reason)
    new = parse_submission(named.name, raw)
    others = tuple(note for note in report.notes if note not in old.notes)
    return replace(report, submission=new, notes=(*new.notes, *others))


def _unread(name: str, sha256: str) -> Submission:
    """A hand-in of which no cell could be read; one that was refused has no hash either."""
    return Submission(name, sha256, "unreadable", ())


def _case_values(cases: CaseSet) -> CaseValues:
    return {
        (function, p.case.name): (p.case, p.expected)
        for function, prepared in cases.functions.items()
        for p in prepared
    }


def summary(report: Report, status: str) -> Summary:
    """What the class needs of one report."""
    return Summary(
        status=status,  # type: ignore[arg-type]
        reason=report.reason,
        score=report.score,
        max_score=report.max_score,
        seconds=sum(c.seconds for f in report.functions for c in f.cases),
        functions=tuple(
            FunctionLine(
                f.name,
                f.status.value,
                f.score,
                f.max_score,
                f.follow_through,
                tuple(d.id for d in f.diagnoses),
                "".join(LETTERS[c.outcome] for c in f.cases),
            )
            for f in report.functions
        ),
    )


# --------------------------------------------------------------------------- digests


def digest(paths: Iterable[Path]) -> str:
    """A hash of these files' names and contents; folders and compiled files count for nothing."""
    total = hashlib.sha256()
    for path in sorted(paths):
        if path.is_file() and path.suffix != ".pyc":
            total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def _sources(folders: tuple[str, ...]) -> list[Path]:
    """The engine's own source: of these folders, or of all that decides a result."""
    home = Path(grader.__file__).parent
    if folders:
        return [path for name in folders for path in (home / name).rglob("*")]
    return [p for p in home.rglob("*.py") if p.relative_to(home).parts[0] not in _NOT_DECIDING]
