"""What submissions have in common: the way they fail, and the way they are written."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from grader.batch.traits import _written, failure, read_ahead, structure, traits
from grader.extract import extract
from grader.model import Definition, DefinitionState, FunctionResult, Outcome, Place, Returned, Status
from grader.notebook import parse_submission
from grader.pack import load_pack
from tests.report import samples

ROOT = Path(__file__).resolve().parents[2]
PACK = load_pack(ROOT / "assignments" / "conv_step_by_step", ROOT / "reference")
SUBMISSIONS = PACK.folder / "submissions"

LOOP = """
def total(values, start):
    \"\"\"Add them up.\"\"\"
    result = start
    for value in values:  # one by one
        result += np.abs(value)
    return result
"""


def hashed(source: str) -> str:
    return structure([ast.parse(source)])[0]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(LOOP.replace("result", "acc").replace("value", "item"), id="other names"),
        pytest.param(LOOP.replace("  # one by one", ""), id="no comment"),
        pytest.param(LOOP.replace('    """Add them up."""\n', ""), id="no docstring"),
        pytest.param(LOOP.replace("values, start", "values: list[float], start: float = None")
                     .replace(" = None", ""), id="annotations"),
        pytest.param(LOOP.replace("result += np.abs(value)", "result += (np . abs( value ))"), id="layout"),
    ],
)  # fmt: skip
def test_what_changes_nothing_in_the_program_changes_nothing_in_its_structure(source: str) -> None:
    assert source != LOOP
    assert hashed(source) == hashed(LOOP)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(LOOP.replace("+=", "-="), id="another operator"),
        pytest.param(LOOP.replace("np.abs", "np.sqrt"), id="another function of NumPy"),
        pytest.param(LOOP.replace("return result", "return start"), id="another variable"),
        pytest.param(LOOP.replace("= start", "= 0"), id="another start"),
        pytest.param(LOOP.replace("np.abs(value)", "abs(value)"), id="a built-in function"),
        pytest.param(LOOP.replace("values, start", "start, values"), id="the arguments exchanged"),
    ],
)
def test_another_program_has_another_structure(source: str) -> None:
    assert source != LOOP
    assert hashed(source) != hashed(LOOP)


def test_the_size_is_what_there_is_to_copy() -> None:
    assert structure([ast.parse(LOOP)])[1] > structure([ast.parse("def f(x):\n    return x")])[1]


# --------------------------------------------------------------------------- failing alike


def wrong(*values: Any) -> FunctionResult:
    """A function that fails its cases with these answers."""
    cases = []
    for k, value in enumerate(values):
        case = samples.case(f"case {k}", "f", "values", samples.PUBLIC, 1.0, 1)
        result = samples.answered(case, value, 0.0, samples.Difference("values", "f is off", output="f"))
        cases.append(result)
    return FunctionResult("f", Status.INCORRECT, 0.0, 2.0, tuple(cases))


ARRAY = np.arange(12.0).reshape(3, 4) / 7


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(ARRAY, ARRAY * (1 + 1e-12), id="rounding"),
        pytest.param(ARRAY, ARRAY + 1e-14, id="noise far below the largest entry"),
        pytest.param(np.zeros(3), -np.zeros(3), id="the sign of zero"),
        pytest.param(2.5, np.float64(2.5), id="a float of Python and of NumPy"),
        pytest.param((ARRAY, {"pad": 1}), (ARRAY.copy(), {"pad": 1}), id="nested values"),
        pytest.param(np.array([np.nan, np.inf]), np.array([np.nan, np.inf]), id="NaN and infinity"),
    ],
)
def test_the_same_answers_up_to_rounding_fail_alike(one: Any, other: Any) -> None:
    assert failure(wrong(one)) == failure(wrong(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(ARRAY, ARRAY.T, id="transposed"),
        pytest.param(ARRAY, ARRAY + 0.01, id="another value"),
        pytest.param(ARRAY, ARRAY.reshape(4, 3), id="another shape"),
        pytest.param(ARRAY, None, id="nothing returned"),
        pytest.param(np.arange(3), np.arange(3) + 1, id="other integers"),
        pytest.param({"pad": 1}, {"stride": 1}, id="other keys"),
        pytest.param(1j * ARRAY, ARRAY, id="imaginary"),
    ],
)
def test_other_answers_do_not(one: Any, other: Any) -> None:
    assert failure(wrong(one)) != failure(wrong(other))
    assert failure(wrong(one), compare_values=False) == failure(wrong(other), compare_values=False)


def test_another_outcome_is_another_way_to_fail() -> None:
    one = wrong(ARRAY, ARRAY)
    slow = replace(one.cases[1], outcome=Outcome.TIMED_OUT, difference=None, replies=())
    assert failure(one) != failure(replace(one, cases=(one.cases[0], slow)))


def test_what_was_printed_or_how_long_it_took_is_no_way_to_fail() -> None:
    one = wrong(ARRAY)
    reply = one.cases[0].replies[0]
    assert isinstance(reply, Returned)
    loud = replace(one.cases[0], seconds=9.0, replies=(replace(reply, printed="debug", seconds=9.0),))
    assert failure(one) == failure(replace(one, cases=(loud,)))


# --------------------------------------------------------------------------- of a whole report


def kinds(report: Any) -> list[tuple[str, str]]:
    return [(t.kind, t.function) for t in traits(report)]


def test_a_diagnosed_function_is_a_misconception_and_no_cluster() -> None:
    report = samples.rich()
    found = kinds(report)
    assert ("misconception", "conv_single_step") in found
    assert ("failure", "conv_single_step") not in found
    assert ("failure", "conv_backward") in found
    assert ("failure", "zero_pad") not in found


def test_the_text_of_the_functions_is_compared_and_not_the_rest_of_the_notebook() -> None:
    report = samples.rich()
    cells = report.submission.cells
    first = replace(cells[0], source=cells[0].source + "\nprint('something else')")
    other = replace(report, submission=replace(report.submission, cells=(first, *cells[1:])))
    assert traits(other)[-2:] == traits(report)[-2:]
    changed = replace(cells[1], source=cells[1].source.replace("X_pad", "padded"))
    renamed = replace(report, submission=replace(report.submission, cells=(cells[0], changed, *cells[2:])))
    source, tree = traits(report)[-2:]
    assert [t.kind for t in (source, tree)] == ["source", "structure"]
    assert traits(renamed)[-2].value != source.value
    assert traits(renamed)[-1].value == tree.value


def test_what_is_written_alike_is_found_before_the_answers_are_there() -> None:
    raw = (SUBMISSIONS / "right" / "course_style.py").read_bytes()
    submission = parse_submission("a.py", raw)
    extracted = extract(submission, PACK.wanted)
    functions = tuple(
        FunctionResult(f.name, Status.CORRECT, f.points, f.points, definition=extracted.definitions[f.name])
        for f in PACK.functions
    )
    report = replace(samples.rich(), submission=submission, functions=functions)
    with_nothing_read = traits(report)
    _written.cache_clear()
    read_ahead(submission, extracted)
    assert traits(report) == with_nothing_read != ()
    assert (_written.cache_info().misses, _written.cache_info().hits) == (1, 1)


def test_functions_that_nobody_wrote_are_not_alike() -> None:
    report = samples.rich()
    blank = tuple(replace(f, status=Status.BLANK, diagnoses=()) for f in report.functions)
    assert traits(replace(report, functions=blank)) == ()


def test_functions_that_do_not_parse_still_have_their_text() -> None:
    report = samples.rich()
    broken = Definition("zero_pad", DefinitionState.BROKEN, Place(2, 1), end_line=1)
    cells = report.submission.cells
    one = (replace(report.functions[0], definition=broken, status=Status.INCORRECT),)
    text = replace(cells[1], source="def zero_pad(X, pad:")
    submission = replace(report.submission, cells=(cells[0], text, *cells[2:]))
    assert [t.kind for t in traits(replace(report, submission=submission, functions=one))][-1] == "source"
