"""``grader batch``: grade a class."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import config
from grader.cli.options import FORMATS, grading_options, parse_targets
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.batch.engine import Recipe
    from grader.batch.executor import Executor
    from grader.batch.flow import Tally
    from grader.pack import Pack
    from grader.report.classpage import Page

NOT_GRADED, INTERRUPTED = 3, 130
#: A task may take this many times what a submission may, and this many seconds more for what is ours.
PATIENCE, OURS = 3, 60.0


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The batch's folder."
)
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Worker processes (default: one a core).")
@click.option(
    "--scheduler",
    metavar="ADDRESS|local",
    help="Grade on a Dask cluster, e.g. tcp://host:8786 (needs distributed).",
)
@click.option("--regrade", is_flag=True, help="Grade everything again.")
@click.option("--only-failed", is_flag=True, help="Grade again only what could not be graded.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")
@grading_options
def batch(
    paths: tuple[str, ...],
    out: Path,
    jobs: int | None,
    scheduler: str | None,
    regrade: bool,
    only_failed: bool,
    quiet: bool,
    assignments: tuple[str, ...],
    config: Path | None,
    reports: tuple[str, ...],
    audience: str | None,
    sandbox: str | None,
    hints: int | None,
) -> int:
    """Grade the submissions in PATH... (files, folders, or a zip from Moodle, Canvas or Gradescope).

    Into the folder --out come reports/, scores.csv, class.html and the store of results. Broken off and
    called again, it goes on where it stopped. Formats given with --report are written beside the JSON.

    Exit code: 0 all graded, 2 wrong settings, 3 something was not graded through no fault of the
    student, 130 interrupted.
    """
    from grader.batch.flow import Interrupted, Order, run
    from grader.batch.progress import Progress

    recipe, pack = _recipe(assignments, config, reports, audience, sandbox, hints)
    if regrade and only_failed:
        raise UsageError("--regrade and --only-failed exclude each other")
    order = Order(paths, out, recipe.formats, recipe.view, regrade, only_failed)
    try:
        with Progress(quiet=quiet) as progress:
            tally = run(order, _executor(recipe, pack, jobs, scheduler, config), _Pages(pack), progress)
    except Interrupted as stop:
        click.echo(
            f"grader: interrupted; {stop.done} of {stop.total} submissions are graded and kept, and the"
            " same command goes on from there",
            err=True,
        )
        return INTERRUPTED
    if not quiet:
        click.echo(f"grader: {_said(tally)}; see {out / 'class.html'} and {out / 'scores.csv'}", err=True)
    return NOT_GRADED if tally.not_graded or tally.pending or tally.unrendered else 0


#: What two of the shared options mean for a class.
_MEANING = {
    "reports": ("FORMAT", f"Write this too for every student; may be repeated. One of {', '.join(FORMATS)}."),
    "assignments": ("NAME|PATH", "Grade against this assignment (default: config.yaml's, or the only one)."),
}
for _option in batch.params:
    if isinstance(_option, click.Option) and _option.name in _MEANING:
        _option.metavar, _option.help = _MEANING[_option.name]


def _said(tally: Tally) -> str:
    parts = [f"{tally.graded} of {tally.total} submissions graded"]
    if tally.unreadable:
        parts.append(f"{tally.unreadable} cannot be read")
    if tally.not_graded:
        parts.append(f"{tally.not_graded} not graded (--only-failed tries them again)")
    if tally.pending:
        parts.append(f"{tally.pending} not graded yet (the same command goes on)")
    if tally.unrendered:
        parts.append(f"{tally.unrendered} without a report (the same command tries again)")
    return ", ".join(parts)


def _recipe(
    assignments: tuple[str, ...],
    config_path: Path | None,
    reports: tuple[str, ...],
    audience: str | None,
    sandbox: str | None,
    hints: int | None,
) -> tuple[Recipe, Pack]:
    from grader.batch.engine import Recipe

    settings = config.load_settings(config_path)
    if len(assignments) > 1:
        raise UsageError("a batch has one --assignment; grade the others into folders of their own")
    name = assignments[0] if assignments else config.choose_assignment(settings, {})
    pack = config.find_pack(settings, name)
    recipe = Recipe(
        pack=pack.folder.resolve(),
        reference_dir=settings.reference_dir.resolve(),
        secret=settings.secret,
        limits=config.limits(pack.limits, settings.file.limits),
        sandbox=sandbox or settings.file.sandbox,
        python=settings.file.runtime.python,
        formats=_formats(reports),
        audience=audience or settings.file.audience,
        hints=settings.file.hints if hints is None else hints,
    )
    return recipe, pack


def _formats(reports: tuple[str, ...]) -> tuple[str, ...]:
    """JSON and what was asked for; the files' names are the students', so none can be given."""
    for text in reports:
        if "=" in text:
            raise UsageError(
                f"--report {text}: in a batch every report is named after its student; give only the format"
            )
        parse_targets((text,))
    return tuple(dict.fromkeys(("json", *reports)))


def _executor(
    recipe: Recipe, pack: Pack, jobs: int | None, scheduler: str | None, config_path: Path | None
) -> Callable[[], Executor]:
    number = jobs or config.load_settings(config_path).file.jobs or _cores()
    seconds = PATIENCE * recipe.limits.seconds_per_submission + OURS
    if scheduler is None:
        from grader.batch.local import LocalExecutor

        return lambda: LocalExecutor(recipe, number, seconds)
    from grader.batch.dask_ import open_dask

    return lambda: open_dask(recipe, pack, scheduler, number)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


class _Pages(Mapping[str, "Page"]):
    """The catalogue's pages for the class page, read when they are asked for."""

    def __init__(self, pack: Pack) -> None:
        self._pages = pack.misconceptions

    def __getitem__(self, page_id: str) -> Page:
        from grader.report.classpage import Page

        page = self._pages[page_id]
        return Page(page.id, page.title, f"{page.body}\n**To think about:** {page.question}\n")

    def __contains__(self, page_id: object) -> bool:
        return page_id in self._pages

    def __iter__(self) -> Iterator[str]:
        return iter(self._pages)

    def __len__(self) -> int:
        return len(self._pages)
