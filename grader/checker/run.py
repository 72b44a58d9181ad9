"""Runs public checks on a submission with the engine's own pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checker.public import PublicChecks
from grader.checker.result import CheckResult, FunctionCheck
from grader.errors import NotGraded, UsageError
from grader.model import Submission
from grader.pipeline import Options, grade
from grader.sandbox import Runner


def run_checks(
    submission: Submission, checks: PublicChecks, runner: Runner, functions: Sequence[str] = ()
) -> CheckResult:
    """What holds of ``functions`` (default: all of them) in ``submission``.

    Raises UsageError for a function without public checks, NotGraded where something of ours fails.
    """
    for name in functions:
        if name not in checks.names:
            known = ", ".join(checks.names)
            raise UsageError(f"there are no public checks for {name!r} (there are: {known})")
    wanted = tuple(functions) or checks.names
    names = checks.reached(wanted)
    report = grade(submission, checks.pack(names), checks.cases(names), runner, Options(checks.limits))
    if report.status != "graded":
        raise NotGraded(report.reason)
    found = [FunctionCheck(f, checks.function(f.name)) for f in report.functions]
    return CheckResult(
        functions=tuple(f for f in found if f.name in wanted),
        helpers=tuple(f for f in found if not f.holds),
        notes=tuple(n for n in report.notes if n.function is None or n.function in wanted),
    )
