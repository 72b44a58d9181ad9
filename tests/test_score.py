"""Points: shares of groups, rounded once, never up to full marks while a case is wrong."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from grader import score
from grader.model import Case, CaseResult, Outcome, Output, Status, Visibility
from grader.pack import FunctionSpec, Group

GROUPS = (Group("seen", 3.0, "seen"), Group("values", 7.0, "values"))
SPEC = FunctionSpec("f", 10.0, "f(x)", (Output("y"),), GROUPS)


def result(group: str, outcome: Outcome, points: float = 1.0) -> CaseResult:
    case = Case(f"{group} {id(outcome)}", "f", ((1,),), group, Visibility.HIDDEN, points)
    return CaseResult(case, outcome)


def results(*outcomes: tuple[str, Outcome]) -> list[CaseResult]:
    counts = {g: sum(1 for name, _ in outcomes if name == g) for g in ("seen", "values")}
    full = {g.name: g.points for g in GROUPS}
    return [result(g, o, full[g] / counts[g]) for g, o in outcomes]


OK, BAD, UNGRADED = Outcome.CORRECT, Outcome.WRONG, Outcome.UNGRADED


@pytest.mark.parametrize(
    ("outcomes", "points", "status"),
    [
        pytest.param([("seen", OK), ("values", OK), ("values", OK)], 10.0, Status.CORRECT, id="all right"),
        pytest.param([("seen", OK), ("values", BAD), ("values", BAD)], 3.0, Status.PARTIAL, id="one group"),
        pytest.param(
            [("seen", BAD), ("values", OK), ("values", BAD)], 3.5, Status.PARTIAL, id="half a group"
        ),
        pytest.param([("seen", BAD), ("values", BAD)], 0.0, Status.INCORRECT, id="all wrong"),
        pytest.param(
            [("seen", OK), ("values", OK), ("values", UNGRADED)],
            10.0,
            Status.CORRECT,
            id="ungraded costs nothing",
        ),
        pytest.param(
            [("seen", BAD), ("values", OK), ("values", UNGRADED)],
            7.0,
            Status.PARTIAL,
            id="ungraded gives nothing",
        ),
        pytest.param(
            [("seen", UNGRADED), ("values", UNGRADED)], 10.0, Status.NOT_GRADED, id="nothing was graded"
        ),
    ],
)
def test_outcomes_become_points(outcomes: list[tuple[str, Outcome]], points: float, status: Status) -> None:
    cases = results(*outcomes)
    assert score.points(SPEC, cases) == points
    assert score.status(points, 10.0, cases) is status


def test_a_wrong_case_never_rounds_up_to_full_marks() -> None:
    tiny = replace(SPEC, groups=(Group("seen", 9.999, "seen"), Group("values", 0.001, "values")))
    cases = [result("seen", OK, 9.999), result("values", BAD, 0.001)]
    assert score.points(tiny, cases) == 9.99


def test_all_or_nothing() -> None:
    strict = replace(SPEC, groups=(GROUPS[0], replace(GROUPS[1], all_or_nothing=True)))
    assert score.points(strict, results(("seen", OK), ("values", OK), ("values", BAD))) == 3.0


def test_below_the_minimum_there_is_no_credit() -> None:
    spec = replace(SPEC, minimum_for_credit=0.4)
    assert score.points(spec, results(("seen", OK), ("values", BAD))) == 0.0
    assert score.points(spec, results(("seen", BAD), ("values", OK))) == 7.0


def test_a_group_without_points_changes_nothing_but_the_verdict() -> None:
    spec = replace(SPEC, groups=(*GROUPS, Group("properties", 0.0, "properties")))
    cases = [*results(("seen", OK), ("values", OK)), result("properties", BAD, 0.0)]
    assert score.points(spec, cases) == 9.99
    assert score.status(9.99, 10.0, cases) is Status.PARTIAL
