"""The result of a self-check as a piece of HTML inside a notebook.

It has no script, fetches nothing, and takes its colours from the notebook round it, light or dark.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from grader.checker.result import CheckResult, failed_line
from grader.model import Outcome
from grader.report.words import STATUS_WORDS, clean

if TYPE_CHECKING:
    from jinja2 import Template


def render(result: CheckResult) -> str:
    """``result`` as one ``<div>``."""
    return _template().render(result=result, Outcome=Outcome, words=STATUS_WORDS)


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["clean"] = clean
    env.filters["failed_line"] = failed_line
    return env.get_template("result.html.j2")
