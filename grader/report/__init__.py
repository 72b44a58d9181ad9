"""One report, many formats; each is a pure function from a Report to text."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from grader.errors import UsageError
from grader.model import Report

#: Format -> module of this package. ``render(report, audience, **options)`` renders one report;
#: ``render_many(reports, audience, **options)``, where there is one, puts several into one document.
MODULES = {
    "text": "text",
    "json": "json",
    "html": "html",
    "markdown": "markdown",
    "junit": "junit",
    "gradescope": "gradescope",
    "csv": "csv_",
    "github": "github",
}

#: Formats of which several can simply follow each other.
_JOINED = ("text", "markdown", "github")


def render_all(reports: Sequence[Report], format: str, audience: str, **options: Any) -> str:
    """``reports`` in ``format`` as one text, for ``audience`` ("student" or "instructor").

    ``hints`` (0 to 3) says how much a student's report helps.

    Raises UsageError where several reports cannot be one file of this format.
    """
    from grader.report.audience import Audience
    from grader.report.hints import MOST, with_hints

    module = importlib.import_module(f"grader.report.{MODULES[format]}")
    reader = Audience(audience)
    hints = MOST if reader is Audience.INSTRUCTOR else int(options.pop("hints", MOST))
    reports = [with_hints(report, hints) for report in reports]
    if len(reports) != 1 and hasattr(module, "render_many"):
        return str(module.render_many(reports, reader, **options))
    if len(reports) > 1 and format not in _JOINED:
        raise UsageError(f"a {format} report holds one submission; there are {len(reports)}")
    return "\n".join(str(module.render(report, reader, **options)) for report in reports)
