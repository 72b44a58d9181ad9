"""Grades what is about to be handed out with the real pipeline: nothing must earn something, and all all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from grader.cases import CaseSet
from grader.checker.public import load
from grader.checker.run import run_checks
from grader.errors import NotGraded
from grader.model import Report, Submission
from grader.notebook import parse_submission, read_submission
from grader.pack import Pack
from grader.pipeline import Options, grade
from grader.release.handout import NOTEBOOK, HandOut
from grader.sandbox import Runner


def problems(
    hand_out: HandOut, pack: Pack, cases: CaseSet, runner: Runner, options: Options
) -> Iterator[str]:
    """Why the hand-out must not be handed out, in sentences."""
    instructors = read_submission(pack.folder / NOTEBOOK)
    report = _graded(instructors, pack, cases, runner, options)
    for function in report.functions:
        if function.score < function.max_score:
            yield (
                f"{pack.folder / NOTEBOOK}: {function.name} gets {function.score:g} of {function.max_score:g}"
                f" points, expected all of them ({function.detail or function.status})"
            )
    yield from earned(hand_out, pack, cases, runner, options)
    yield from _checks_hold(hand_out, instructors, runner)


def earned(hand_out: HandOut, pack: Pack, cases: CaseSet, runner: Runner, options: Options) -> Iterator[str]:
    """What the hand-out earns as it is given."""
    submission = parse_submission(hand_out.notebook, hand_out.files[hand_out.notebook])
    for function in _graded(submission, pack, cases, runner, options).functions:
        if function.score > 0:
            got = f"{function.name} gets {function.score:g} points as handed out"
            yield f"{hand_out.notebook}: {got}, expected 0"


def _graded(submission: Submission, pack: Pack, cases: CaseSet, runner: Runner, options: Options) -> Report:
    report = grade(submission, pack, cases, runner, options)
    if report.status != "graded":
        raise NotGraded(f"{submission.name}: {report.reason}")
    return report


def _checks_hold(hand_out: HandOut, instructors: Submission, runner: Runner) -> Iterator[str]:
    """The public checks, read back from the files that students get, must hold for the solutions."""
    with TemporaryDirectory() as folder:
        for name, content in hand_out.files.items():
            if name.startswith("checks/"):
                (Path(folder) / Path(name).name).write_bytes(content)
        path = next(Path(folder).glob("*.json"))
        result = run_checks(instructors, load(path), runner)
    for function in result.functions:
        for failed in function.failed:
            yield f"{function.name}: the solution fails public check {failed.case.name!r}: {failed.detail}"
