"""The public checks of a hand-out: all that is visible, nothing that is hidden, no code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from grader.cases import CaseSet, Prepared
from grader.checker.public import PublicChecks, dump, load
from grader.checker.values import read_npz
from grader.errors import ConfigError, PackError
from grader.model import Difference, Visibility
from grader.pack import Pack


def edited(folder: Path, to: Path, **changes: Any) -> Path:
    """A copy of the checks with other values for some keys."""
    data = json.loads((folder / "conv_step_by_step.json").read_text(encoding="utf-8"))
    (to / "conv_step_by_step.json").write_text(json.dumps(data | changes), encoding="utf-8")
    (to / "conv_step_by_step.npz").write_bytes((folder / "conv_step_by_step.npz").read_bytes())
    return to / "conv_step_by_step.json"


# --------------------------------------------------------------------------- damaged files


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"schema": "grader.checks/9"}, "another version", id="another schema"),
        pytest.param({"title": 3}, "title: expected", id="a title that is a number"),
        pytest.param({"secret": 1}, "secret: unknown key", id="a key that nobody knows"),
        pytest.param(
            {"functions": [{"name": "f"}]}, r"functions\[.*\].signature: missing", id="half a function"
        ),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_the_field(
    checks_folder: Path, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load(edited(checks_folder, tmp_path, **changes))


def test_half_a_download_is_refused(checks_folder: Path, tmp_path: Path) -> None:
    path = edited(checks_folder, tmp_path)
    arrays = path.with_suffix(".npz")
    arrays.write_bytes(arrays.read_bytes()[:1000])
    with pytest.raises(ConfigError, match="downloaded completely"):
        load(path)
    arrays.unlink()
    with pytest.raises(ConfigError, match=r"npz: there is no such file"):
        load(path)
    path.write_text(path.read_text(encoding="utf-8")[:500], encoding="utf-8")
    with pytest.raises(ConfigError, match="downloaded completely"):
        load(path)


def test_arrays_of_another_assignment_are_noticed(checks_folder: Path, tmp_path: Path) -> None:
    path = edited(checks_folder, tmp_path)
    with path.with_suffix(".npz").open("wb") as file:
        np.savez(file, a=np.zeros(3))
    with pytest.raises(ConfigError, match="there is no array"):
        load(path)


def test_a_public_case_with_a_judge_of_its_own_cannot_be_handed_out(conv: Pack, conv_cases: CaseSet) -> None:
    def judge(_: object) -> Difference | None:
        return None

    cases = dict(conv_cases.functions)
    first, *others = cases["zero_pad"]
    cases["zero_pad"] = (
        Prepared(first.visibility, lambda: replace(first.case, judge=judge), lambda _: first.answers),
        *others,
    )
    with pytest.raises(PackError, match="judged by code of its own"):
        dump(conv, replace(conv_cases, functions=cases))


# --------------------------------------------------------------------------- what is in them


def test_they_hold_every_public_case_and_no_hidden_one(checks: PublicChecks, conv_cases: CaseSet) -> None:
    for function in checks.functions:
        shown = [p.case.name for p in function.cases]
        assert shown == [
            p.case.name for p in conv_cases.functions[function.name] if p.case.visibility is Visibility.PUBLIC
        ]
        assert len(set(shown)) == len(shown) > 0


def test_inputs_and_expected_answers_come_back_exactly(checks: PublicChecks, conv_cases: CaseSet) -> None:
    for function in checks.functions:
        made = {p.case.name: p for p in conv_cases.functions[function.name]}
        for prepared in function.cases:
            np.testing.assert_equal(prepared.case.calls, made[prepared.case.name].case.calls)
            if prepared.case.judge is None:
                np.testing.assert_equal(prepared.expected, made[prepared.case.name].expected)
            assert prepared.case.unchanged == made[prepared.case.name].case.unchanged
            assert prepared.case.outputs == made[prepared.case.name].case.outputs


def test_a_property_judges_as_it_did_before_it_was_written(checks: PublicChecks, conv_cases: CaseSet) -> None:
    """On right and on wrong answers, word for word."""
    compared = 0
    for function in checks.functions:
        made = {p.case.name: p for p in conv_cases.functions[function.name]}
        for prepared in function.cases:
            if prepared.case.judge is None:
                continue
            before = made[prepared.case.name]
            assert before.case.judge is not None
            assert prepared.case.judge(before.expected) is None
            spoilt = tuple(_spoilt(answer, k) for k, answer in enumerate(before.expected, start=2))
            found = prepared.case.judge(spoilt)
            assert found is not None
            assert found == before.case.judge(spoilt)
            compared += 1
    assert compared > 10


def _spoilt(answer: Any, factor: int) -> Any:
    """The answer with other numbers, others for each call: no longer what any property asks for."""
    if isinstance(answer, tuple):
        return tuple(_spoilt(a, factor) for a in answer)
    if isinstance(answer, np.ndarray):
        return answer * factor + np.arange(answer.size).reshape(answer.shape)
    return answer * factor + 1 if isinstance(answer, (int, float)) else answer


def test_a_check_counts_one_and_says_nothing_of_how_points_are_shared(checks_folder: Path) -> None:
    checks = load(checks_folder / "conv_step_by_step.json")
    for function in checks.functions:
        assert function.spec.points == len(function.cases) == sum(g.points for g in function.spec.groups)
    text = (checks_folder / "conv_step_by_step.json").read_text(encoding="utf-8")
    assert "hidden" not in text
    assert "weight" not in text.replace('"weights"', "").replace("each weight once", "")


def test_anybody_can_open_the_arrays_with_numpy_alone(checks_folder: Path) -> None:
    arrays = read_npz(checks_folder / "conv_step_by_step.npz")
    assert arrays["conv_forward/1/A_prev"].shape == (1, 3, 4, 1)
    assert arrays["conv_forward/1/expected.0"].shape == (1, 2, 3, 1)


def test_the_same_cases_give_the_same_files(conv: Pack, conv_cases: CaseSet) -> None:
    assert dump(conv, conv_cases) == dump(conv, conv_cases)


def test_the_functions_below_one_are_reached_in_the_order_of_the_rubric(checks: PublicChecks) -> None:
    assert checks.reached(["conv_forward"]) == ("zero_pad", "conv_single_step", "conv_forward")
    assert checks.reached(["conv_backward"]) == ("zero_pad", "conv_backward")
    assert checks.reached(["zero_pad"]) == ("zero_pad",)
