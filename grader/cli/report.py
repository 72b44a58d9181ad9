"""``grader report``: render a saved report again."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from grader.cli.options import Target, parse_targets
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.model import Report
    from grader.store import HandIn

MOST_BYTES = 50_000_000


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE.json...", type=click.Path(path_type=Path))
@click.option(
    "--report",
    "-r",
    "reports",
    multiple=True,
    metavar="FORMAT[=FILE]",
    default=("text",),
    help="What to write, to stdout or FILE; may be repeated.",
)
@click.option(
    "--audience",
    type=click.Choice(["student", "instructor"]),
    default="student",
    help="Who reads it: a student never sees hidden cases (default).",
)
@click.option(
    "--hints", type=click.IntRange(0, 3), default=2, help="How much feedback helps, 0 (little) to 3."
)
@click.option("-v", "--verbose", count=True, help="List every check.")
def report(files: tuple[Path, ...], reports: tuple[str, ...], audience: str, hints: int, verbose: int) -> int:
    """Render the saved reports FILE.json... in other formats, without grading.

    A report in a batch's folder is rendered out of the batch's store, with all that was kept there;
    any other out of what its JSON holds.
    """
    from grader.report import render_all
    from grader.report.write import check_writable, write_atomic

    targets = parse_targets(reports)
    for target in targets:
        if target.path is not None:
            check_writable(target.path)
    found = [one for file in files for one in _read(file, targets)]
    for target in targets:
        if target.path is None:
            color = target.format == "text" and sys.stdout.isatty()
            text = render_all(found, target.format, audience, hints=hints, verbose=verbose, color=color)
            click.echo(text, nl=False)
        else:
            text = render_all(found, target.format, audience, hints=hints, verbose=verbose)
            write_atomic(target.path, text)
            click.echo(f"{target.format} report written to {target.path}", err=True)
    return 0


def _read(file: Path, targets: tuple[Target, ...]) -> tuple[Report, ...]:
    from grader.report.read import read_reports

    try:
        with file.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from None
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{file} is larger than any report")
    read = read_reports(raw, str(file))
    kept = _from_store(file, read[0]) if len(read) == 1 else None
    if kept is not None:
        return (kept,)
    if any(t.format == "html" for t in targets):
        click.echo(
            f"{file}: not in a batch's folder; the page is made of what the JSON holds, without the notebook",
            err=True,
        )
    return read


def _from_store(file: Path, read: Report) -> Report | None:
    """The whole report where the file lies in a batch's folder and is what the batch wrote."""
    from grader.report.archive import Unreadable, thaw, thaw_values
    from grader.store import read_store

    store = read_store(file.resolve().parent.parent)
    if store is None:
        return None
    with store:
        hand_in = store.hand_in(file.name.removesuffix(".json"))
        if hand_in is None or hand_in.sha256 != read.submission.sha256:
            return None
        document = store.document(hand_in.key)
        if document is None:
            return None
        try:
            kept = thaw(document, thaw_values(store.common(read.environment.cases) or b""))
        except Unreadable as error:
            click.echo(f"{file}: its store is of another version ({error})", err=True)
            return None
    return _with_notebook(replace(kept, submission=replace(kept.submission, name=hand_in.name)), hand_in)


def _with_notebook(kept: Report, hand_in: HandIn) -> Report:
    """The report with the submission's own cells, where the file is still what was graded."""
    from grader.batch.collect import Reader
    from grader.batch.engine import renamed
    from grader.batch.listing import Refused
    from grader.batch.task import Named

    if hand_in.problem:
        return kept
    try:
        with Reader() as reader:
            raw = reader.read(Path(hand_in.path), hand_in.member)
    except Refused:
        raw = b""
    if hashlib.sha256(raw).hexdigest() != hand_in.sha256:
        click.echo(f"{hand_in.path} is not what was graded any more; shown without it", err=True)
        return kept
    return renamed(kept, Named(hand_in.name, hand_in.label), raw)
