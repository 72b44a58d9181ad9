"""What a diagnosis may say and when: the rules, on a function so small that every answer can be seen.

``line(x, slope, offset)`` is slope * x + offset. A wrong confident diagnosis is worse than none, so most of
these tests are about what must not be said.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from grader.diagnose import Evidence, diagnose
from grader.diagnose.answers import Cell, failure, likeness, same
from grader.diagnose.pairs import PAIRS_A_SECOND
from grader.model import Certainty, Diagnosis, FaultModel, NoValue, Outcome, Raised, Reply, Returned

LIKELY, POSSIBLE = Certainty.LIKELY, Certainty.POSSIBLE


# ------------------------------------------------------------------------------ a small world


def line_with(settings: dict[str, Any], x: Any, slope: float, offset: float) -> Any:
    """The line by somebody with these beliefs."""
    if settings.get("raises") and offset < 0:
        raise ValueError(f"operands could not be broadcast together with shapes (2,{len(x)}) (3,3)")
    x = x[::-1] if settings.get("order") == "reversed" else x
    x = x[: settings.get("first", len(x))]
    slope = {"squared": slope * slope, "negative": -slope}.get(settings.get("slope", ""), slope)
    y = slope * x
    times = settings.get("offset", 1)
    y = y + times * offset
    y = y[::-1] - 0.125 if settings.get("answers") == "reversed-and-lower" else y
    if settings.get("shape") == "column":
        y = y[:, None]
    return np.zeros_like(y) if settings.get("zeros") else y


def model(misconception: str, variant: str = "", **settings: Any) -> FaultModel:
    return FaultModel(
        misconception,
        "line",
        lambda *args: line_with(settings, *args),
        variant,
        settings=settings,
        run_with=line_with,
    )


MODELS = [
    model("offset-missing", offset=0),
    model("offset-twice", offset=2),
    model("slope-squared", slope="squared"),
    model("slope-negative", slope="negative"),
    model("reversed", order="reversed"),
    model("column", shape="column"),
    model("first-two", first=2),
    model("fails-below-zero", raises=True),
]

#: (x, slope, offset); the reference is slope * x + offset
CALLS: list[tuple[Any, float, float]] = [
    (np.array([1.0, 2.0, 5.0]), 3.0, 0.5),
    (np.array([4.0, -1.0]), 2.0, 7.0),
    (np.array([0.5, 3.0, 1.0, 2.0]), -1.5, 2.0),
    (np.array([2.0, 7.0, 1.0]), 0.25, 1.0),
]


def right(x: Any, slope: float, offset: float) -> Any:
    return slope * x + offset


@dataclass(frozen=True)
class Page:
    """A page of the catalogue."""

    id: str
    title: str = "A belief"
    question: str = "Why?"

    def say(self, function: str, variant: str = "") -> str:
        return f"{function}: {self.id}" + (f" ({variant})" if variant else "")


class Catalogue(dict[str, Page]):
    """A page for every id."""

    def __missing__(self, key: str) -> Page:
        return Page(key)

    def __contains__(self, key: object) -> bool:
        return True

    def get(self, key: str, default: Any = None) -> Any:
        return self[key]


PAGES = Catalogue()


def evidence(
    student: Callable[..., Any],
    calls: Iterable[tuple[Any, ...]] = CALLS,
    reference: Callable[..., Any] = right,
) -> list[Evidence]:
    """What the student's function does with the calls."""
    found = []
    for number, call in enumerate(calls):
        expected = reference(*call)
        reply: Reply
        try:
            value = student(*call)
            reply, correct = Returned(value), same(value, expected)
        except Exception as error:
            raised = Raised(type(error).__name__, str(error))
            reply, correct = NoValue(Outcome.RAISED, str(error), raised=raised), False
        found.append(Evidence(f"case {number}", call, reply, expected, correct))
    return found


def named(found: Sequence[Diagnosis]) -> list[tuple[str, Certainty]]:
    return [(d.id, d.certainty) for d in found]


def found(
    student: Callable[..., Any], models: Sequence[FaultModel] = MODELS, **more: Any
) -> list[tuple[str, Certainty]]:
    """The diagnoses of a student's function."""
    return named(diagnose("line", evidence(student, **more), models, PAGES))


# ------------------------------------------------------------------------------ what must not be said


def test_a_right_function_gets_no_diagnosis_and_no_model_is_run() -> None:
    def never(*args: Any) -> Any:
        raise AssertionError("a model was run for a right function")

    assert diagnose("line", evidence(right), [replace(MODELS[0], run=never)], PAGES) == ()


def test_what_no_model_gives_is_not_named() -> None:
    assert found(lambda x, slope, offset: slope * x**3 - offset) == []


def test_a_model_that_gives_all_but_one_answer_is_not_named() -> None:
    def student(x: Any, slope: float, offset: float) -> Any:
        return slope * x + (0 if len(x) != 4 else 17.0)

    assert found(student) == []


def test_a_model_that_spoils_what_the_student_has_right_is_not_named() -> None:
    def student(x: Any, slope: float, offset: float) -> Any:
        return slope * x + (0 if len(x) == 3 else offset)

    assert ("offset-missing", LIKELY) not in found(student)
    assert found(student) == []


def test_two_values_are_not_enough_to_be_sure() -> None:
    assert found(lambda x, slope, offset: slope * x, calls=CALLS[:2]) == [("offset-missing", POSSIBLE)]


def test_values_without_numbers_are_not_enough_to_be_sure() -> None:
    """All zeros come out of many mistakes."""
    zeros = model("exception-swallowed", zeros=True)
    student = lambda x, slope, offset: np.zeros_like(x)  # noqa: E731
    assert found(student, [*MODELS, zeros]) == [("exception-swallowed", POSSIBLE)]


def test_a_vague_model_is_never_more_than_possible() -> None:
    vague = replace(model("offset-missing", offset=0), telling=False)
    assert found(lambda x, slope, offset: slope * x, [vague]) == [("offset-missing", POSSIBLE)]


def test_exceptions_alone_are_never_more_than_possible() -> None:
    def student(x: Any, slope: float, offset: float) -> Any:
        raise ValueError("no")

    always = FaultModel("always-raises", "line", student)
    assert found(student, [*MODELS, always]) == [("always-raises", POSSIBLE)]


def test_exceptions_of_another_type_explain_nothing() -> None:
    def student(x: Any, slope: float, offset: float) -> Any:
        raise TypeError("no")

    def other(*args: Any) -> Any:
        raise ValueError("no")

    assert found(student, [FaultModel("always-raises", "line", other)]) == []


def test_many_beliefs_that_all_raise_are_no_diagnosis() -> None:
    def student(*args: Any) -> Any:
        raise ValueError("no")

    assert found(student, [FaultModel(f"belief-{k}", "line", student) for k in range(6)]) == []


def test_where_two_beliefs_give_the_answers_neither_is_sure() -> None:
    twin = replace(model("offset-forgotten", offset=0))
    assert found(lambda x, slope, offset: slope * x, [*MODELS, twin]) == [
        ("offset-forgotten", POSSIBLE),
        ("offset-missing", POSSIBLE),
    ]


def test_more_than_three_beliefs_that_fit_equally_well_are_no_diagnosis() -> None:
    look_alikes = [model(f"belief-{k}", offset=0) for k in range(4)]
    assert found(lambda x, slope, offset: slope * x, look_alikes) == []


def test_at_most_two_are_named() -> None:
    look_alikes = [model(f"belief-{k}", offset=0) for k in range(3)]
    assert len(found(lambda x, slope, offset: slope * x, look_alikes)) == 2


def test_where_the_model_raises_something_else_the_diagnosis_is_not_sure() -> None:
    def student(x: Any, slope: float, offset: float) -> Any:
        if offset < 0:
            raise KeyError("offset")
        return -slope * x + offset

    calls = [*CALLS, (np.array([1.0, 2.0]), 3.0, -1.0)]
    settings = {"slope": "negative", "raises": True}
    both = FaultModel("slope-negative-and-fails", "line", lambda *args: line_with(settings, *args))
    assert found(student, [both], calls=calls) == [("slope-negative-and-fails", POSSIBLE)]


def test_time_outs_say_nothing() -> None:
    late = [
        dataclasses.replace(e, reply=NoValue(Outcome.TIMED_OUT, "too slow"), correct=False)
        for e in evidence(lambda x, slope, offset: slope * x)
    ]
    assert diagnose("line", late, MODELS, PAGES) == ()


# ------------------------------------------------------------------------------ what is said


@pytest.mark.parametrize("fault", MODELS[:7], ids=lambda m: m.misconception)
def test_a_model_that_alone_gives_every_answer_is_likely(fault: FaultModel) -> None:
    assert found(fault.run) == [(fault.misconception, LIKELY)]


def test_the_words_are_the_pages() -> None:
    [diagnosis] = diagnose("line", evidence(MODELS[0].run), [replace(MODELS[0], variant="plain")], PAGES)
    assert diagnosis.summary == "line: offset-missing (plain)"
    assert (diagnosis.title, diagnosis.question, diagnosis.tried) == ("A belief", "Why?", 1)


def test_variants_of_one_belief_are_one_diagnosis() -> None:
    other = model("offset-missing", "another way", offset=0)
    assert found(MODELS[0].run, [*MODELS, other]) == [("offset-missing", LIKELY)]


def test_declared_synonyms_are_one_sure_finding() -> None:
    one = replace(model("offset-missing", offset=0), synonyms=("offset-forgotten",))
    other = replace(model("offset-forgotten", offset=0), synonyms=("offset-missing",))
    [diagnosis] = diagnose("line", evidence(one.run), [one, other], PAGES)
    assert diagnosis.certainty is LIKELY
    assert {diagnosis.id, *diagnosis.synonyms} == {"offset-missing", "offset-forgotten"}


def test_an_exception_that_the_model_does_not_raise_leaves_the_values_their_say() -> None:
    """Another mistake of the student's; the rule asks for every call that returned a value."""

    def student(x: Any, slope: float, offset: float) -> Any:
        if offset < 0:
            raise KeyError("offset")
        return -slope * x + offset

    assert found(student, calls=[*CALLS, (np.array([1.0, 2.0]), 3.0, -1.0)]) == [("slope-negative", LIKELY)]


def test_where_many_exceptions_stay_unexplained_the_diagnosis_is_not_sure() -> None:
    def student(x: Any, slope: float, offset: float) -> Any:
        if len(x) == 2:
            raise NotImplementedError("not for two numbers")
        return slope * x

    two = [(np.array([1.0, float(k)]), 2.0, 1.0) for k in range(2)]
    assert found(student) == [("offset-missing", LIKELY)]
    assert found(student, calls=[*CALLS, *two]) == [("offset-missing", POSSIBLE)]


def test_shapes_in_a_message_tell_exceptions_apart() -> None:
    def of_shape(text: str) -> Callable[..., Any]:
        def run(x: Any, slope: float, offset: float) -> Any:
            raise ValueError(f"operands could not be broadcast together with shapes {text}")

        return run

    models = [FaultModel(f"belief-{k}", "line", of_shape(f"(2,{k}) (3,3)")) for k in range(6)]
    assert found(of_shape("(3,3) (2,4) "), models) == [("belief-4", POSSIBLE)]


def test_a_scalar_answer_may_come_in_any_shape_of_size_one() -> None:
    def reference(x: Any, slope: float, offset: float) -> float:
        return float(right(x, slope, offset).sum())

    models = [FaultModel("total-doubled", "line", lambda *args: 2 * reference(*args))]

    def student(x: Any, slope: float, offset: float) -> Any:
        return np.full((1, 1, 1), 2 * reference(x, slope, offset))

    assert found(student, models, reference=reference) == [("total-doubled", LIKELY)]


def fails_below_zero(x: Any, slope: float, offset: float) -> Any:
    """Two wrong values, of which nothing is known, and exceptions like those of a model."""
    if offset < 0:
        raise IndexError("index 3 is out of bounds")
    return slope * x**3 if len(x) == 2 else right(x, slope, offset)


BELOW_ZERO = [*CALLS, *((x, slope, -offset) for x, slope, offset in CALLS)]


def test_exceptions_beside_values_that_nothing_explains_are_not_enough() -> None:
    def run(x: Any, slope: float, offset: float) -> Any:
        if offset < 0:
            raise IndexError("index 3 is out of bounds")
        return right(x, slope, offset)

    assert found(fails_below_zero, [FaultModel("fails", "line", run)], calls=BELOW_ZERO) == []


def test_exceptions_that_are_the_same_to_the_shape_are_named_beside_unexplained_values() -> None:
    def student(x: Any, slope: float, offset: float) -> Any:
        line_with({"raises": True}, x, slope, offset)
        return fails_below_zero(x, slope, offset)

    assert found(student, calls=BELOW_ZERO) == [("fails-below-zero", POSSIBLE)]


# ------------------------------------------------------------------------------ two beliefs at once


def test_two_beliefs_together_are_found() -> None:
    student = lambda *args: line_with({"offset": 0, "order": "reversed"}, *args)  # noqa: E731
    assert {name for name, _ in found(student)} == {"offset-missing", "reversed"}


def test_a_pair_that_alone_gives_the_answers_is_likely() -> None:
    student = lambda *args: line_with({"slope": "squared", "order": "reversed"}, *args)  # noqa: E731
    assert sorted(found(student)) == [("reversed", LIKELY), ("slope-squared", LIKELY)]


def test_a_pair_of_which_one_undoes_the_other_is_only_possible() -> None:
    models = [*MODELS, model("answers-reversed-and-lower", answers="reversed-and-lower")]
    calls = [*CALLS, (np.array([3.0, 8.0, -2.0, 5.0]), 1.25, 4.0)]
    lower = found(lambda x, slope, offset: slope * x + offset - 0.125, models, calls=calls)
    assert {*lower} == {("reversed", POSSIBLE), ("answers-reversed-and-lower", POSSIBLE)}


def test_a_pair_on_fewer_than_three_wrong_values_is_only_possible() -> None:
    student = lambda *args: line_with({"slope": "squared", "order": "reversed"}, *args)  # noqa: E731
    certainties = {certainty for _, certainty in found(student, calls=[*CALLS[:2], *CALLS[2:3]][:3])}
    assert certainties == {LIKELY}
    two_wrong = [CALLS[0], CALLS[1], (np.array([2.0, 2.0]), 1.0, 1.0)]
    assert {certainty for _, certainty in found(student, calls=two_wrong)} == {POSSIBLE}


def test_the_first_of_a_pair_is_the_one_that_explains_more() -> None:
    """The reversed order alone gives all answers but those in which the offset matters."""

    def student(x: Any, slope: float, offset: float) -> Any:
        return line_with({"order": "reversed", "offset": 2}, x, slope, offset)

    calls = [(x, slope, 0.0) for x, slope, _ in CALLS[:3]] + CALLS[3:]
    assert [name for name, _ in found(student, calls=calls)] == ["reversed", "offset-twice"]


def test_without_time_no_pair_is_tried() -> None:
    student = evidence(lambda *args: line_with({"slope": "squared", "order": "reversed"}, *args))
    assert diagnose("line", student, MODELS, PAGES, seconds=0) == ()


def test_two_beliefs_whose_effects_add_up_are_tried_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.diagnose.pairs.PATIENCE", 1e9)  # one pair, however long it takes
    student = evidence(lambda *args: line_with({"slope": "squared", "offset": 2}, *args))
    at_once = diagnose("line", student, MODELS, PAGES, seconds=1 / PAIRS_A_SECOND)
    assert {d.id for d in at_once} == {"slope-squared", "offset-twice"}


def test_settings_that_contradict_each_other_are_no_pair() -> None:
    ran: list[dict[str, Any]] = []

    def run_with(settings: dict[str, Any], *args: Any) -> Any:
        ran.append(settings)
        return line_with(settings, *args)

    models = [replace(m, run_with=run_with) for m in MODELS[:4]]
    assert found(lambda x, slope, offset: x, models) == []
    assert all(len(settings) == 2 for settings in ran)
    assert len(ran) == 4  # two offsets with two slopes: one call shows that none of them fits


def test_the_same_evidence_gives_the_same_diagnosis() -> None:
    student = evidence(lambda *args: line_with({"slope": "squared", "first": 2}, *args))
    once, again = (diagnose("line", student, MODELS, PAGES) for _ in range(2))
    assert once == again != ()


# ------------------------------------------------------------------------------ several outputs


def test_an_output_that_one_belief_explains_is_possible_where_nothing_explains_the_other() -> None:
    def both(settings: dict[str, Any], x: Any, slope: float, offset: float) -> Any:
        return line_with(settings, x, slope, offset), x.sum()

    def student(x: Any, slope: float, offset: float) -> Any:
        return slope * x, x.max() + 3

    models = [replace(m, run=lambda *args, s=m.settings: both(s, *args), run_with=both) for m in MODELS[:4]]
    assert found(student, models, reference=lambda *args: both({}, *args)) == [("offset-missing", POSSIBLE)]


def test_a_belief_that_spoils_an_output_that_is_right_is_not_named_for_another() -> None:
    def both(settings: dict[str, Any], x: Any, slope: float, offset: float) -> Any:
        return line_with(settings, x, slope, offset), x.sum() + settings.get("offset", 1)

    def student(x: Any, slope: float, offset: float) -> Any:
        return right(x, slope, offset), x.sum()

    models = [replace(m, run=lambda *args, s=m.settings: both(s, *args), run_with=both) for m in MODELS[:4]]
    assert found(student, models, reference=lambda *args: both({}, *args)) == []


def test_only_the_outputs_that_a_case_asks_for_count() -> None:
    def reference(x: Any, slope: float, offset: float) -> Any:
        return right(x, slope, offset), "cache"

    def student(x: Any, slope: float, offset: float) -> Any:
        return slope * x, "something else"

    asked = [dataclasses.replace(e, outputs=(0,)) for e in evidence(student, reference=reference)]
    models = [FaultModel("offset-missing", "line", lambda x, slope, offset: (slope * x, "cache"))]
    assert named(diagnose("line", asked, models, PAGES)) == [("offset-missing", LIKELY)]


# ------------------------------------------------------------------------------ behaviour


def test_another_answer_to_the_same_call_is_kept_state_where_some_answers_are_right() -> None:
    memory: list[float] = []

    def student(x: Any, slope: float, offset: float) -> Any:
        memory.append(offset)
        return slope * x + sum(memory)

    assert found(student, calls=[CALLS[0], CALLS[1], CALLS[0]]) == [("state-between-calls", POSSIBLE)]


def test_another_answer_to_the_same_call_is_chance_where_none_is_right() -> None:
    rng = np.random.default_rng(1)
    student = lambda x, slope, offset: slope * x + rng.normal()  # noqa: E731
    assert found(student, calls=[CALLS[0], CALLS[1], CALLS[0]]) == [("random-answer", POSSIBLE)]


def test_an_answer_that_chance_cannot_spoil_does_not_make_it_kept_state() -> None:
    rng = np.random.default_rng(1)
    student = lambda x, slope, offset: (slope * x + offset) * rng.uniform(2, 3)  # noqa: E731
    calls = [CALLS[0], CALLS[1], CALLS[0], (np.zeros(3), 1.0, 0.0)]
    assert found(student, calls=calls) == [("random-answer", POSSIBLE)]


def test_what_is_kept_shows_in_any_of_several_outputs() -> None:
    memory: dict[float, Any] = {}

    def student(x: Any, slope: float, offset: float) -> Any:
        return slope * x, memory.setdefault(slope, slope * x + offset)

    def both(x: Any, slope: float, offset: float) -> Any:
        return slope * x, slope * x + offset

    calls = [CALLS[0], CALLS[1], (CALLS[0][0], CALLS[0][1], 9.0), CALLS[0]]
    items = evidence(student, calls, both)
    assert named(diagnose("line", items, [], PAGES)) == [("state-between-calls", POSSIBLE)]


def test_an_output_that_is_right_for_two_calls_is_not_kept_where_another_is_wrong() -> None:
    both = lambda x, slope, offset: (slope * x, slope * x + offset)  # noqa: E731
    student = lambda x, slope, offset: (slope * x, slope * x + offset**2)  # noqa: E731
    calls = [CALLS[0], (CALLS[0][0], CALLS[0][1], 9.0), CALLS[0]]
    assert diagnose("line", evidence(student, calls, both), [], PAGES) == ()


def test_what_was_answered_before_the_other_call_was_not_kept_from_it() -> None:
    x, slope, offset = CALLS[0]
    other = (x, slope, 9.0)
    calls = [other, (x, slope, offset), other]  # the offset of the second is hard-coded
    assert found(lambda x, slope, _: slope * x + offset, MODELS[:0], calls=calls) == []


def test_one_answer_for_all_calls_is_the_answer_of_the_example() -> None:
    example = right(*CALLS[0])
    assert found(lambda *args: example) == [("answer-for-the-visible-example", POSSIBLE)]


def test_a_changed_argument_explains_right_values() -> None:
    changed = [dataclasses.replace(e, reply=Returned(e.expected, changed=(0,))) for e in evidence(right)]
    assert named(diagnose("line", changed, MODELS, PAGES)) == [("input-changed", LIKELY)]


def test_a_behaviour_without_a_page_is_not_reported() -> None:
    changed = [dataclasses.replace(e, reply=Returned(e.expected, changed=(0,))) for e in evidence(right)]
    assert diagnose("line", changed, MODELS, {}) == ()


def test_numbers_that_are_none_are_seen() -> None:
    student = lambda x, slope, offset: slope * x / np.where(x == x[0], np.nan, 1.0)  # noqa: E731
    assert found(student) == [("not-a-number", POSSIBLE)]


# ------------------------------------------------------------------------------ the same answer


@pytest.mark.parametrize(
    ("value", "other", "alike"),
    [
        pytest.param(np.ones(3), np.ones(3), True, id="equal arrays"),
        pytest.param(np.ones(3), np.ones(3) + 1e-12, True, id="within the tolerance"),
        pytest.param(np.ones(3), np.ones(3) + 1e-6, False, id="beyond the tolerance"),
        pytest.param(np.full(3, 1e6), np.full(3, 1e6) + 1e-4, True, id="it grows with the numbers"),
        pytest.param(np.ones(3), np.ones((1, 3)), False, id="another shape is not stretched"),
        pytest.param(np.ones(3), 1.0, False, id="a number is not an array of it"),
        pytest.param(np.ones(3), None, False, id="None is nothing"),
        pytest.param(None, None, True, id="None is None"),
        pytest.param(np.array([np.nan, 1.0]), np.array([np.nan, 1.0]), True, id="nan in the same places"),
        pytest.param(np.array([np.nan, 1.0]), np.array([1.0, np.nan]), False, id="nan in other places"),
        pytest.param(np.ones(0), np.ones(0), True, id="empty arrays"),
    ],
)
def test_cells(value: Any, other: Any, alike: bool) -> None:
    assert Cell(value, np.ones(3)).matches(other) is alike


@pytest.mark.parametrize(
    ("seen", "modelled", "expected"),
    [
        pytest.param("shapes (2,3) (3,3)", "shapes (3,3) (2,3)", 1.0, id="in any order"),
        pytest.param("shapes (5,2,3) (3,3)", "shapes (2,3) (3,3)", 0.75, id="a batch in front"),
        pytest.param("shapes (6,) and (9,) not aligned", "shapes (2,3) (3,3)", 0.75, id="flattened"),
        pytest.param("shapes (1,3) (3,3)", "shapes (2,3) (3,3)", -0.5, id="another window"),
        pytest.param("no numbers", "shapes (2,3) (3,3)", 0.0, id="nothing to compare"),
        pytest.param("index 3 of 3", "index 3 of 3", 0.5, id="the same index, which says less"),
        pytest.param("index 3 of 3", "index 4 of 4", -1.0, id="another index"),
    ],
)
def test_exceptions_are_alike_by_what_they_say(seen: str, modelled: str, expected: float) -> None:
    assert likeness(failure("ValueError", seen), failure("ValueError", modelled)) == expected


def test_an_index_beyond_a_short_window_is_the_same_failure_as_a_refused_product() -> None:
    refused = failure("ValueError", "operands could not be broadcast together with shapes (2,3) (3,3)")
    beyond = failure("IndexError", "index 2 is out of bounds for axis 0 with size 2")
    elsewhere = failure("IndexError", "index 2 is out of bounds for axis 1 with size 2")
    assert likeness(beyond, refused) == 0.75
    assert likeness(elsewhere, refused) is None
