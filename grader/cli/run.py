"""``grader run``: grade one or a few submissions and print the report."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.grading import Grading
from grader.cli.options import Target, grading_options, parse_targets
from grader.errors import GraderError, UsageError

if TYPE_CHECKING:
    from grader.model import Report

BELOW, NOT_GRADED = 1, 3


@click.command()
@click.argument("submissions", nargs=-1, required=True, type=click.Path(path_type=Path))
@grading_options
@click.option("--fail-under", type=click.FloatRange(0, 100), help="Exit with 1 below this percentage.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")
@click.option("-v", "--verbose", count=True, help="List every check.")
def run(
    submissions: tuple[Path, ...],
    assignments: tuple[str, ...],
    config: Path | None,
    reports: tuple[str, ...],
    audience: str | None,
    sandbox: str | None,
    hints: int | None,
    fail_under: float | None,
    quiet: bool,
    verbose: int,
) -> int:
    """Grade SUBMISSIONS (notebooks, .py or .md files) and print the report.

    Exit code: 0 graded, 1 below --fail-under, 2 unreadable file or wrong settings, 3 not graded
    through no fault of the student.
    """
    grading = Grading(config, sandbox, hints)
    targets = parse_targets(reports or grading.settings.file.reports)
    _check_paths(targets)
    _load_ahead(target.format for target in targets)
    done: list[Report] = []
    code = 0
    with grading:
        for path in submissions:
            try:
                done.extend(grading.grade(path, assignments))
            except GraderError as error:
                click.echo(f"grader: {error}", err=True)
                code = max(code, error.exit_code)
    reader = audience or grading.settings.file.audience
    hints = grading.settings.file.hints if hints is None else hints
    options = {
        "hints": hints,
        "verbose": verbose,
        "path": str(submissions[0]) if len(submissions) == 1 else "",
    }
    _write(done, targets, reader, quiet, options)
    limit = fail_under if fail_under is not None else grading.settings.file.fail_under
    return max([code, *(_code(report, limit, reader) for report in done)])


def _code(report: Report, fail_under: float | None, audience: str) -> int:
    from grader.report.audience import Audience, for_audience
    from grader.report.words import percent

    if report.status != "graded":
        reason = for_audience(report, Audience(audience)).reason
        click.echo(f"grader: {report.submission.name}: not graded: {reason}", err=True)
        return NOT_GRADED
    return BELOW if fail_under is not None and percent(report) < fail_under else 0


#: What a format needs and takes long to import.
_HEAVY = {"text": ("rich.console", "rich.padding", "rich.text")}


def _load_ahead(formats: Iterable[str]) -> None:
    """Import what the report will need while the grader waits for the student's process."""
    modules = [module for name in formats for module in _HEAVY.get(name, ())]
    if modules:
        threading.Thread(target=lambda: [importlib.import_module(m) for m in modules], daemon=True).start()


def _check_paths(targets: Sequence[Target]) -> None:
    paths = [t.path for t in targets if t.path is not None]
    if not paths:
        return
    from grader.report.write import check_writable

    for path in paths:
        if paths.count(path) > 1:
            raise UsageError(f"--report: two reports would be written to {path}")
        check_writable(path)


def _write(
    reports: Sequence[Report],
    targets: Sequence[Target],
    audience: str,
    quiet: bool,
    options: dict[str, Any],
) -> None:
    from grader.report import render_all

    for target in targets:
        if target.path is None:
            color = target.format == "text" and sys.stdout.isatty()
            click.echo(render_all(reports, target.format, audience, color=color, **options), nl=False)
        else:
            from grader.report.write import write_atomic

            write_atomic(target.path, render_all(reports, target.format, audience, **options))
            if not quiet:
                click.echo(f"{target.format} report written to {target.path}", err=True)
        if target.format == "github":
            _step_summary(reports, audience)


def _step_summary(reports: Sequence[Report], audience: str) -> None:
    """On GitHub the page of a run shows what is appended to the file that this variable names."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        from grader.report import github
        from grader.report.audience import Audience

        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(github.summary(report, Audience(audience)) + "\n" for report in reports)
