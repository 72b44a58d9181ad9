"""Grades step-by-step NumPy assignments: isolated, compared with a reference, and explained."""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would take longer than starting the sandbox does
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """``from grader import check``, for a student's notebook; imported only there."""
    if name == "check":
        from importlib import import_module

        return import_module("grader.checker.kernel").check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
