"""The marks of the convolution pack: no right function loses a point, no wrong one keeps full marks.

The programs of the bank are our own and harmless, so most are run in this process, which is quicker;
cheats and right hand-ins go through the whole flow.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from grader import score
from grader.audit.answers import answers
from grader.cases import CaseSet
from grader.model import CaseResult, Outcome, Visibility
from grader.pack import Pack
from tests.conftest import Grade
from tests.faults.bank import Program, programs


def functions(program: Program) -> Mapping[str, Callable[..., Any]]:
    namespace: dict[str, Any] = {"__name__": "student"}
    exec(compile(program.source(), str(program.path), "exec"), namespace)
    return namespace


def graded(program: Program, pack: Pack, cases: CaseSet) -> dict[str, tuple[float, tuple[CaseResult, ...]]]:
    found = {}
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        namespace = functions(program)
        for spec in pack.functions:
            np.random.seed(0)
            results = answers(namespace[spec.name], cases.functions[spec.name], spec)
            found[spec.name] = (score.points(spec, results), results)
    return found


def wrong_details(results: tuple[CaseResult, ...]) -> list[str]:
    return [f"{r.case.name}: {r.detail}" for r in results if r.outcome is not Outcome.CORRECT]


@pytest.mark.parametrize("program", list(programs("single")), ids=lambda p: p.id)
def test_a_single_fault_loses_points_where_it_is_and_nowhere_else(
    program: Program, conv: Pack, conv_cases: CaseSet
) -> None:
    found = graded(program, conv, conv_cases)
    for spec in conv.functions:
        earned, results = found[spec.name]
        if spec.name == program.function:
            assert earned < spec.points, f"{program.id} keeps full marks"
        elif program.function not in spec.helpers:
            assert earned == spec.points, (spec.name, wrong_details(results))


@pytest.mark.parametrize("program", list(programs("compound")), ids=lambda p: p.id)
def test_two_faults_lose_points_and_pairs_that_undo_each_other_are_charged_in_the_helper(
    program: Program, conv: Pack, conv_cases: CaseSet
) -> None:
    found = graded(program, conv, conv_cases)
    for name in program.wrong:
        assert found[name][0] < conv.function(name).points, f"{program.id}: {name} keeps full marks"
    for name in program.right:
        assert found[name][0] == conv.function(name).points, wrong_details(found[name][1])


#: What is written with all public knowledge and wrong in general: the visible answers learnt by heart, shapes
#: looked up in a table, right for symmetric kernels, right for square images.
PREPARED = (
    "cheats/conv_backward__known-shapes",
    "cheats/conv_backward__square-images-only",
    "cheats/conv_backward__symmetric-kernels-only",
    "cheats/conv_forward__answers-by-shape",
    "cheats/conv_forward__first-answer-for-ever",
    "cheats/conv_forward__sizes-of-the-visible-examples",
    "cheats/conv_forward__square-images-only",
    "cheats/conv_forward__symmetric-kernels-only",
    "cheats/conv_single_step__known-number",
    "cheats/conv_single_step__symmetric-kernels-only",
    "cheats/zero_pad__square-images-only",
    "cheats/zero_pad__table-of-known-shapes",
)


@pytest.mark.full
@pytest.mark.parametrize("program", list(programs("cheats")), ids=lambda p: p.id)
def test_a_function_written_for_the_visible_examples_gets_no_hidden_points(
    program: Program, grade_source: Grade
) -> None:
    report = grade_source(program.source(), program.path.name)
    result = next(f for f in report.functions if f.name == program.function)
    assert result.score < result.max_score
    assert not result.follow_through
    hidden = [c for c in result.cases if c.case.visibility is Visibility.HIDDEN]
    earned = {c.case.name for c in hidden if c.outcome is Outcome.CORRECT}
    allowed = 0 if program.id in PREPARED else len(hidden) / 2
    assert len(earned) <= allowed, f"{program.id} is right on hidden cases: {sorted(earned)}"


def test_the_prepared_ones_are_all_there() -> None:
    assert {program.id for program in programs("cheats")} >= set(PREPARED)


def test_no_hidden_case_is_square_throughout(conv_cases: CaseSet) -> None:
    """A function that takes the height for the width must not be right anywhere by luck."""
    for name in ("zero_pad", "conv_forward", "conv_backward"):
        for prepared in conv_cases.functions[name]:
            if prepared.case.visibility is Visibility.HIDDEN:
                assert not all(map(square, prepared.case.calls)), (name, prepared.case.name)
                assert not all(map(square, prepared.expected)), (name, prepared.case.name)


def square(value: Any) -> bool:
    """Whether the first array of four axes among nested values has as many rows as columns."""
    while not isinstance(value, np.ndarray):
        value = value[0]
    return bool(value.shape[1] == value.shape[2])


@pytest.mark.parametrize("program", list(programs("right", "right_advisory")), ids=lambda p: p.id)
def test_a_right_hand_in_keeps_every_point(program: Program, grade_source: Grade) -> None:
    report = grade_source(program.source(), program.path.name)
    for function in report.functions:
        assert function.score == function.max_score, wrong_details(function.cases)
        assert not function.diagnoses
        assert not function.findings
