"""Options that several commands share, and how report formats are named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from grader.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])

#: Format -> module of grader.report that renders it.
FORMATS = ("text", "json", "html", "markdown", "junit", "gradescope", "csv", "github")


def grading_options(command: F) -> F:
    """The options of every command that grades."""
    for option in reversed(
        (
            click.option(
                "--assignment",
                "-a",
                "assignments",
                multiple=True,
                metavar="NAME|PATH",
                help="Grade against this assignment (default: the notebook's own); may be repeated.",
            ),
            click.option("--config", type=click.Path(path_type=Path), help="Use this config.yaml."),
            click.option(
                "--report",
                "-r",
                "reports",
                multiple=True,
                metavar="FORMAT[=FILE]",
                help=f"What to write, to stdout or FILE; may be repeated. One of {', '.join(FORMATS)}.",
            ),
            click.option(
                "--audience",
                type=click.Choice(["student", "instructor"]),
                help="Who reads it: a student never sees hidden cases (default).",
            ),
            click.option(
                "--sandbox",
                type=click.Choice(["auto", "strict", "standard", "portable"]),
                help="How student code is confined. portable is no isolation: only for files you trust.",
            ),
            click.option(
                "--hints", type=click.IntRange(0, 3), help="How much feedback helps, 0 (little) to 3."
            ),
        )
    ):
        command = option(command)
    return command


class Target(Struct, frozen=True):
    """One ``--report FORMAT[=FILE]``."""

    format: str
    path: Path | None


def parse_targets(reports: tuple[str, ...]) -> tuple[Target, ...]:
    """The targets of ``--report``.

    Raises UsageError for an unknown format or two reports on stdout.
    """
    targets = []
    for text in reports:
        name, equals, path = text.partition("=")
        if name not in FORMATS:
            raise UsageError(f"--report {text}: unknown format {name!r} (known: {', '.join(FORMATS)})")
        if equals and not path:
            raise UsageError(f"--report {text}: expected a file name after '='")
        targets.append(Target(name, Path(path) if path else None))
    on_stdout = [t.format for t in targets if t.path is None and t.format != "github"]
    if len(on_stdout) > 1:
        raise UsageError(
            f"--report {' and '.join(on_stdout)} would both go to stdout; give all but one a file, e.g."
            f" --report {on_stdout[-1]}=report.{on_stdout[-1]}"
        )
    return tuple(targets)
