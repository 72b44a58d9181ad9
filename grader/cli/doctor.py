"""``grader doctor``: what isolation this machine offers, what is used, what is missing."""

from __future__ import annotations

import json

import click

CANNOT_GRADE = 3


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.option("--python", metavar="PATH", help="Examine this interpreter, as `runtime.python` would name it.")
def doctor(as_json: bool, python: str | None) -> int:
    """Say how well this machine can hold student code, why not better, and what to do about it.

    Exit code 0 when grading is possible, 3 when it is not.
    """
    from grader.sandbox.doctor import examine, render

    checkup = examine(python)
    click.echo(json.dumps(checkup.as_json(), indent=2) if as_json else render(checkup))
    return 0 if checkup.grading_possible else CANNOT_GRADE
