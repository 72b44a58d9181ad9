"""What a student may see of a report, and what is gone."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from grader.model import (
    CaseResult,
    Difference,
    FunctionResult,
    Level,
    Note,
    NoValue,
    Outcome,
    Place,
    Raised,
    Report,
    Returned,
    Status,
    Visibility,
)
from grader.report.audience import Audience, first_look, for_audience

from .samples import HIDDEN, PUBLIC, case, failed, followed_through, not_graded, rich, unfinished


def hidden_cases(report: Report) -> list[CaseResult]:
    return [r for f in report.functions for r in f.cases if r.case.visibility is HIDDEN]


def public_cases(report: Report) -> list[CaseResult]:
    return [r for f in report.functions for r in f.cases if r.case.visibility is PUBLIC]


def with_one_case(result: CaseResult, status: Status = Status.INCORRECT) -> Report:
    return rich(functions=(FunctionResult("conv_forward", status, 0.0, 10.0, (result,)),))


def test_an_instructor_gets_the_report_itself() -> None:
    report = rich()
    assert for_audience(report, Audience.INSTRUCTOR) is report


def test_public_cases_stay_as_they_are() -> None:
    report = rich()
    assert public_cases(for_audience(report, Audience.STUDENT)) == public_cases(report)


def test_a_hidden_case_keeps_its_group_its_outcome_and_its_points() -> None:
    before, after = hidden_cases(rich()), hidden_cases(for_audience(rich(), Audience.STUDENT))
    assert len(before) == len(after) == 19
    for old, new in zip(before, after, strict=True):
        assert (new.case.group, new.outcome) == (old.case.group, old.outcome)
        assert (new.score, new.case.points) == (old.score, old.case.points)


def test_a_hidden_case_loses_everything_else() -> None:
    for result in hidden_cases(for_audience(rich(), Audience.STUDENT)):
        assert result.case.inputs == ()
        assert result.case.judge is None
        assert result.case.meaning == result.case.property_id == ""
        assert result.expected == ()
        assert result.seconds == 0.0
        assert all(isinstance(r, NoValue) and r.printed == "" and r.seconds == 0 for r in result.replies)
        if result.difference is not None:
            assert result.difference.index is None
            assert result.difference.count == result.difference.size == 0


def test_hidden_cases_are_numbered_within_their_group() -> None:
    seen = for_audience(rich(), Audience.STUDENT)
    assert [r.case.name for r in seen.functions[0].cases if r.case.visibility is HIDDEN] == [
        "hidden check 1 of group shape",
        "hidden check 1 of group values",
        "hidden check 2 of group values",
    ]


@pytest.mark.parametrize(
    ("rung", "sentence"),
    [
        pytest.param("arity", "wrong number of returned values", id="number of values"),
        pytest.param("shape", "wrong shape", id="shape"),
        pytest.param("finite", "NaN or infinity in the result", id="not finite"),
        pytest.param("values", "wrong values", id="values"),
        pytest.param("secret 7919", "wrong answer", id="a rung that nobody knows is not quoted"),
    ],
)
def test_a_wrong_hidden_answer_is_described_by_its_rung_alone(rung: str, sentence: str) -> None:
    difference = Difference(rung, "Z[0, 1] is 7919, expected 6841", (0, 1), "", 3, 9)
    result = CaseResult(
        case("c", "conv_forward", "values", HIDDEN, 1.0, np.ones(2)),
        Outcome.WRONG,
        difference.message,
        difference=difference,
    )
    seen = for_audience(with_one_case(result), Audience.STUDENT).functions[0].cases[0]
    assert seen.detail == sentence


@pytest.mark.parametrize(
    ("type_name", "detail"),
    [
        pytest.param("IndexError", "raised IndexError", id="a common exception is named"),
        pytest.param("Secret7919", "raised an exception", id="a class of the student's is not"),
        pytest.param("BufferError", "raised an exception", id="nor a rare one that was chosen"),
        pytest.param("", "raised an exception", id="nor one without a name"),
    ],
)
def test_of_a_hidden_exception_at_most_a_common_name_is_shown(type_name: str, detail: str) -> None:
    raised = Raised(type_name, "value was 7919", (3, 4), (Place(1, 4),))
    result = failed(
        case("c", "conv_forward", "values", HIDDEN, 1.0, 1),
        NoValue(Outcome.RAISED, "raised: 7919", 0.3, raised, "7919"),
    )
    seen = for_audience(with_one_case(result), Audience.STUDENT).functions[0].cases[0]
    assert seen.detail == detail
    assert all(r.raised is None or r.raised.places == r.raised.lines == () for r in seen.replies)  # type: ignore[union-attr]
    assert "7919" not in repr(seen)


def test_the_name_of_an_output_is_shown_if_the_student_knows_it_anyway() -> None:
    difference = Difference("values", "dW[0] is 1", (0,), "dW")
    asked = replace(case("c", "conv_backward", "g", HIDDEN, 1.0, 1), outputs=("dW",))
    result = CaseResult(asked, Outcome.WRONG, "x", difference=difference)
    seen = for_audience(with_one_case(result), Audience.STUDENT).functions[0].cases[0]
    assert seen.detail == "dW: wrong values"


def test_the_name_of_an_output_that_only_a_hidden_case_knows_is_not_shown() -> None:
    difference = Difference("values", "secret7919[0] is 1", (0,), "secret7919")
    result = CaseResult(
        case("c", "conv_backward", "g", HIDDEN, 1.0, 1), Outcome.WRONG, "x", difference=difference
    )
    seen = for_audience(with_one_case(result), Audience.STUDENT).functions[0].cases[0]
    assert seen.detail == "wrong values"
    assert "7919" not in repr(seen)


@pytest.mark.parametrize("sample", [rich, unfinished, not_graded, followed_through])
def test_a_second_pass_changes_nothing(sample: object) -> None:
    once = for_audience(sample(), Audience.STUDENT)  # type: ignore[operator]
    assert repr(for_audience(once, Audience.STUDENT)) == repr(once)


def test_why_something_was_not_graded_is_for_the_instructor() -> None:
    seen = for_audience(not_graded(), Audience.STUDENT)
    assert "7919" not in seen.reason
    assert "no fault of yours" in seen.reason


def test_the_number_of_fault_models_is_for_the_instructor() -> None:
    seen = for_audience(rich(), Audience.STUDENT)
    assert {d.tried for f in seen.functions for d in f.diagnoses} == {0}


# --------------------------------------------------------------------------- notes


def test_a_note_from_a_hidden_case_is_left_out() -> None:
    note = Note(Level.INFO, "the third hidden input is 7919", visibility=Visibility.HIDDEN)
    report = rich(notes=(note,))
    report = replace(
        report, functions=tuple(replace(f, findings=(*f.findings, note)) for f in report.functions)
    )
    assert "7919" not in repr(for_audience(report, Audience.STUDENT))


def test_a_note_that_quotes_what_only_a_hidden_case_said_is_left_out_unmarked_or_not() -> None:
    question = case("c", "conv_forward", "g", HIDDEN, 1.0, 1)
    result = failed(question, NoValue(Outcome.RAISED, "", raised=Raised("E", "inputs: 7919")))
    report = replace(with_one_case(result), notes=(Note(Level.INFO, "it says “inputs: 7919” twice"),))
    assert for_audience(report, Audience.STUDENT).notes == ()


def test_a_note_that_quotes_what_a_public_case_said_too_stays() -> None:
    def raising(visibility: Visibility) -> CaseResult:
        question = case(f"c {visibility}", "conv_forward", "g", visibility, 1.0, 1)
        return failed(question, NoValue(Outcome.RAISED, "", raised=Raised("ValueError", "shapes differ")))

    function = FunctionResult("conv_forward", Status.INCORRECT, 0, 1, (raising(PUBLIC), raising(HIDDEN)))
    notes = (Note(Level.INFO, "it says “shapes differ” twice"),)
    assert for_audience(rich(functions=(function,), notes=notes), Audience.STUDENT).notes == notes


# --------------------------------------------------------------------------- the first thing to look at


def test_the_sentence_on_a_function_is_made_anew_from_what_a_student_may_see() -> None:
    result = CaseResult(
        case("c", "conv_forward", "values", HIDDEN, 1.0, 1),
        Outcome.WRONG,
        "Z[0] is 7919",
        replies=(Returned(7919.0),),
        difference=Difference("values", "Z[0] is 7919"),
    )
    report = with_one_case(result)
    report = replace(report, functions=(replace(report.functions[0], detail="Z[0] is 7919"),))
    seen = for_audience(report, Audience.STUDENT).functions[0]
    assert seen.detail == "hidden check 1 of group values: wrong values"


def test_the_first_look_prefers_a_public_case_to_a_hidden_one() -> None:
    seen = for_audience(rich(), Audience.STUDENT)
    assert seen.functions[3].detail == "raised IndexError: index 2 is out of bounds for axis 3 with size 2"


def test_the_first_look_at_an_unfinished_submission() -> None:
    assert [first_look(f) for f in unfinished().functions] == [
        "",
        "conv_single_step is still to be written.",
        "No function named conv_forward was found. There is conv_foward in cell 5.",
        "conv_backward could not be graded, through no fault of yours.",
    ]
