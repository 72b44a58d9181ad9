"""Runs student code where it can do no harm and know no answer; ``open_runner`` is the way in."""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would take longer than `grader.sandbox.boot` has
if TYPE_CHECKING:
    from typing import Any

    from grader.sandbox.protocol import HARMLESS_IMPORTS
    from grader.sandbox.runner import Runner, open_runner
    from grader.sandbox.session import Session

__all__ = ["HARMLESS_IMPORTS", "Runner", "Session", "open_runner"]

_HOME = {"HARMLESS_IMPORTS": "protocol", "Runner": "runner", "Session": "session", "open_runner": "runner"}


def __getattr__(name: str) -> Any:
    """Import on first use: ``grader --help`` needs none of this."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
