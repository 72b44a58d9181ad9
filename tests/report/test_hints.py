"""Hints: each level adds to the one before, and the marks never change."""

from __future__ import annotations

import pytest

from grader.model import Report
from grader.report.hints import with_hints
from tests.report import samples


def amounts(report: Report) -> tuple[int, int, int, int]:
    functions = report.functions
    return (
        sum(len(f.diagnoses) for f in functions),
        sum(d.twin is not None for f in functions for d in f.diagnoses),
        sum(len(f.findings) for f in functions),
        sum(n.place is not None for f in functions for n in f.findings),
    )


def test_each_level_adds_and_the_last_holds_everything() -> None:
    full = samples.rich()
    levels = [amounts(with_hints(full, hints)) for hints in range(4)]
    assert levels[0] == (0, 0, 0, 0)
    assert levels[1][0] > 0
    assert levels[1][1:] == (0, 0, 0)
    assert levels[2][1] > 0
    assert levels[2][3] == 0
    assert levels[3] == amounts(full)


@pytest.mark.parametrize("hints", range(4))
def test_marks_do_not_depend_on_hints(hints: int) -> None:
    full = samples.rich()
    assert with_hints(full, hints).score == full.score
