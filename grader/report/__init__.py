"""One report, many formats; each is a pure function from a Report to text."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from grader.model import Report

#: Format -> (module below grader.report, file ending).
FORMATS = {
    "text": ("text", "txt"),
    "json": ("json", "json"),
    "html": ("html", "html"),
    "markdown": ("markdown", "md"),
    "junit": ("junit", "xml"),
    "gradescope": ("gradescope", "json"),
    "csv": ("csv_", "csv"),
    "github": ("github", "txt"),
}
