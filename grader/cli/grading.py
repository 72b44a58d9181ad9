"""What one command needs to grade: settings, packs, cases and sandboxes, each made once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from grader import config
from grader.errors import GraderError, NotGraded

if TYPE_CHECKING:
    from grader.cases import CaseSet
    from grader.model import Report, Submission
    from grader.pack import Pack
    from grader.sandbox import Runner


class Grading:
    """The settings, packs, cases and sandboxes of one command, each made once and when needed."""

    def __init__(self, config_path: Path | None, sandbox: str | None, hints: int | None = None) -> None:
        self.settings = config.load_settings(config_path)
        self._sandbox = sandbox or self.settings.file.sandbox
        self._hints = self.settings.file.hints if hints is None else hints
        self._stack = ExitStack()
        self._runners: dict[tuple[str, ...], Runner] = {}
        self._packs: dict[str, Pack] = {}
        self._cases: dict[str, CaseSet] = {}

    def __enter__(self) -> Grading:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def grade(self, path: Path, assignments: Sequence[str] = ()) -> Iterator[Report]:
        """The reports on one file, one an assignment."""
        from grader.notebook import read_submission

        if assignments:  # the sandbox boots while the submission is read and NumPy is imported
            packs = [self.pack(name) for name in assignments]
            self.runner(packs[0])
        elif self.settings.file.assignment:
            self.runner(self.pack(self.settings.file.assignment))
        submission = read_submission(path)
        if not assignments:
            packs = [self.pack(config.choose_assignment(self.settings, submission.metadata))]
        for pack in packs:
            yield self.grade_one(submission, pack)

    def grade_one(self, submission: Submission, pack: Pack) -> Report:
        """The report on one submission against one pack.

        A failure of ours, foreseen or not, becomes a report that says "not graded".
        """
        from grader.pipeline import not_graded

        try:
            return self._grade_one(submission, pack)
        except NotGraded as error:
            return not_graded(submission, pack, str(error))
        except GraderError:
            raise
        except Exception as error:
            if os.environ.get("GRADER_DEBUG"):
                raise
            import traceback

            last = traceback.extract_tb(error.__traceback__)[-1]
            reason = (
                f"internal error: {type(error).__name__}: {error}"
                f" ({Path(last.filename).name}, line {last.lineno});"
                " with GRADER_DEBUG=1 in the environment it is shown in full"
            )
            return not_graded(submission, pack, reason)

    def _grade_one(self, submission: Submission, pack: Pack) -> Report:
        runner = self.runner(pack)
        from grader.cases import prepare
        from grader.pipeline import Options, grade

        key = pack.name
        if pack.vary_by_submission:
            cases = prepare(pack, self.settings.secret, submission.sha256, ahead=False)
        else:
            if key not in self._cases:
                self._cases[key] = prepare(pack, self.settings.secret, ahead=False)
            cases = self._cases[key]
        limits = config.limits(pack.limits, self.settings.file.limits)
        return grade(submission, pack, cases, runner, Options(limits, self._hints))

    def pack(self, name: str) -> Pack:
        """The pack called ``name``, loaded once."""
        if name not in self._packs:
            self._packs[name] = config.find_pack(self.settings, name)
        return self._packs[name]

    def runner(self, pack: Pack) -> Runner:
        """A sandbox for this pack's import policy, started once."""
        if pack.allowed_imports not in self._runners:
            from grader.sandbox import open_runner

            runner = open_runner(
                self._sandbox,
                python=self.settings.file.runtime.python,
                limits=config.limits(pack.limits, self.settings.file.limits),
                allowed_imports=pack.allowed_imports,
            )
            self._runners[pack.allowed_imports] = self._stack.enter_context(runner)
        return self._runners[pack.allowed_imports]
