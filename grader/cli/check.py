"""``grader check``: a student's self-check; needs the hand-out and nothing else."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click

BELOW = 1


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.argument("functions", nargs=-1, metavar="[FUNCTION]...")
@click.option(
    "--checks",
    type=click.Path(path_type=Path),
    help="The public checks: a .json file, or the folder (default: 'checks' beside the notebook).",
)
@click.option("--fail-under", type=click.FloatRange(0, 100), help="Exit with 1 below this percentage.")
@click.option(
    "--sandbox",
    type=click.Choice(["auto", "strict", "standard", "portable"]),
    default="portable",
    help="How the code is confined. portable (default) runs everywhere and is for your own code.",
)
@click.option("-q", "--quiet", is_flag=True, help="Only the last line.")
@click.option("-v", "--verbose", count=True, help="List what holds too.")
def check(
    notebook: Path,
    functions: tuple[str, ...],
    checks: Path | None,
    fail_under: float | None,
    sandbox: str,
    quiet: bool,
    verbose: int,
) -> int:
    """Run the public checks on NOTEBOOK: all of them, or those of FUNCTION...

    Hidden checks decide the grade. Exit code: 0 checked, 1 below --fail-under, 2 unreadable file or no
    checks found, 3 it could not be run.
    """
    from grader.checker.find import find_checks
    from grader.checker.run import run_checks
    from grader.notebook import read_submission
    from grader.sandbox import open_runner

    if isinstance(sys.stdout, io.TextIOWrapper):  # a pipe on Windows may know no ✓
        sys.stdout.reconfigure(errors="replace")
    submission = read_submission(notebook)
    found = find_checks(notebook.parent, submission.metadata, checks, functions)
    with open_runner(sandbox, limits=found.limits, allowed_imports=found.allowed_imports) as runner:
        result = run_checks(submission, found, runner, functions)
    click.echo(result.summary if quiet else result.text(verbose=bool(verbose)))
    share = 100.0 * result.holding / result.total if result.total else 100.0
    return BELOW if fail_under is not None and share < fail_under else 0
