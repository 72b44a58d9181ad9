"""How much the feedback helps, from 0 to 3: each step adds to the one before.

    0  which checks failed, and on which rung (shape, values, …)
    1  and what that looks like: the misconception and its question
    2  and a small case that shows it, worked out by hand; what the source shows
    3  and where in the code

Less can teach more: a student who finds the line alone keeps it. The pedagogy is in Hao et al. (2021) and
Singh, Gulwani and Solar-Lezama (2013): what failed and a concrete gap help; a canned hint does not.
"""

from __future__ import annotations

from msgspec.structs import replace

from grader.model import FunctionResult, Report

MOST = 3


def with_hints(report: Report, hints: int) -> Report:
    """``report`` with no more help than ``hints`` allows."""
    if hints >= MOST:
        return report
    return replace(report, functions=tuple(_less(f, hints) for f in report.functions))


def _less(function: FunctionResult, hints: int) -> FunctionResult:
    if hints <= 0:
        return replace(function, diagnoses=(), findings=())
    diagnoses = tuple(replace(d, place=None, twin=d.twin if hints >= 2 else None) for d in function.diagnoses)
    findings = tuple(replace(n, place=None) for n in function.findings) if hints >= 2 else ()
    return replace(function, diagnoses=diagnoses, findings=findings)
