"""The command ``grader``: reads what was typed, calls the engine, writes what came out.

Subcommands are imported when they are called, so that ``grader run`` never waits for what only
``grader batch`` needs.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys

import click

from grader import __version__
from grader.errors import GraderError

#: Subcommand -> module that defines a click command of the same name.
COMMANDS = {
    "run": "grader.cli.run",
    "check": "grader.cli.check",
    "batch": "grader.cli.batch",
    "report": "grader.cli.report",
    "explain": "grader.cli.explain",
    "audit": "grader.cli.audit",
    "release": "grader.cli.release",
    "export": "grader.cli.export",
    "new": "grader.cli.new",
    "doctor": "grader.cli.doctor",
}

NOT_GRADED = 3
INTERRUPTED = 130


class _Lazy(click.Group):
    """A group whose commands are modules, imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, module in COMMANDS.items() if _exists(module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        if module is None or not _exists(module):
            return None
        command = getattr(importlib.import_module(module), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _SUMMARIES[name]) for name in self.list_commands(ctx)])


#: Said here as well as in the commands, so that ``grader --help`` imports none of them.
_SUMMARIES = {
    "run": "Grade one or a few submissions and print the report.",
    "check": "A student's self-check: public checks only.",
    "batch": "Grade a class: parallel, resumable, cached.",
    "report": "Render a saved report again, without grading.",
    "explain": "The page of a misconception; without ID the catalogue.",
    "audit": "Is the assignment itself sound?",
    "release": "Make the hand-out for students.",
    "export": "Make what Gradescope, GitHub Classroom or nbgrader take.",
    "new": "Start a new assignment from a template.",
    "doctor": "What isolation this machine offers.",
}


def _exists(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grader")
def cli() -> None:
    """Grade step-by-step NumPy assignments, in isolation, and say which misconception explains a mistake."""


def main() -> None:
    """Entry point: every error of ours is one sentence on stderr and an exit code."""
    try:
        code = cli.main(standalone_mode=False)
    except GraderError as error:
        click.echo(f"grader: {error}", err=True)
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("grader: interrupted", err=True)
        code = INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away, e.g. head
        code = 0
    except Exception as error:
        if os.environ.get("GRADER_DEBUG"):
            raise
        click.echo(
            f"grader: internal error: {type(error).__name__}: {error}"
            " (with GRADER_DEBUG=1 in the environment it is shown in full)",
            err=True,
        )
        code = NOT_GRADED
    sys.exit(code if isinstance(code, int) else 0)
