"""``grader export``: what Gradescope, GitHub Classroom and nbgrader take."""

from __future__ import annotations

from pathlib import Path

import click

from grader import config
from grader.errors import UsageError


@click.group()
def export() -> None:
    """Make what Gradescope, GitHub Classroom or nbgrader take."""


@export.command()
@click.argument("pack", metavar="NAME|PATH")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The zip to write."
)
@click.option(
    "--hidden-cases",
    type=click.Choice(["visible", "hidden", "after_due_date", "after_published"]),
    default="visible",
    help="When students see the anonymous results of the hidden cases.",
)
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Use this config.yaml.")
def gradescope(pack: str, out: Path, hidden_cases: str, config_path: Path | None) -> int:
    """An autograder zip. It holds the reference and the secret seed: keep it to yourself."""
    from grader.export.gradescope import autograder_zip, write_zip
    from grader.report.write import check_writable

    check_writable(out)
    settings = config.load_settings(config_path)
    write_zip(out, autograder_zip(config.find_pack(settings, pack), settings, hidden_cases))
    click.echo(f"grader: {out} written; upload it as the assignment's autograder", err=True)
    if settings.secret is None:
        click.echo("grader: no hidden_seed is set: anybody can compute the hidden cases", err=True)
    return 0


@export.command("github-classroom")
@click.argument("pack", metavar="NAME|PATH")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write."
)
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Use this config.yaml.")
def github_classroom(pack: str, out: Path, config_path: Path | None) -> int:
    """A template repository: the hand-out, and a workflow that gives the points of the public checks."""
    from grader.export.classroom import PATTERNS, repository
    from grader.release.build import build, write

    settings = config.load_settings(config_path)
    loaded = config.find_pack(settings, pack)
    write(repository(build(loaded, settings), loaded), out)
    click.echo(f"grader: {out} written; make it the template repository of the assignment", err=True)
    click.echo(f"grader: protected file paths for Classroom: {', '.join(PATTERNS)}", err=True)
    return 0


@export.command()
@click.argument("batch", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The CSV to write."
)
@click.option(
    "--assignment", metavar="NAME", help="What nbgrader calls the assignment (default: the pack's name)."
)
def nbgrader(batch: Path, out: Path, assignment: str | None) -> int:
    """The scores in BATCH (made by grader batch) in nbgrader's columns."""
    from grader.export.nbgrader import grades
    from grader.report.write import write_atomic

    if not (batch / "scores.csv").exists():
        raise UsageError(f"{batch} is no batch: there is no scores.csv in it; 'grader batch --out' makes one")
    write_atomic(out, grades(batch, assignment))
    return 0
