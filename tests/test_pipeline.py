"""The whole flow on small hand-ins: what is charged, where, and what is said."""

from __future__ import annotations

import textwrap

import pytest

from grader.cases import CaseSet
from grader.model import FunctionResult, Limits, Outcome, Report, Status, Visibility
from grader.notebook import parse_submission
from grader.pack import Pack
from grader.pipeline import Options, grade
from grader.sandbox import Runner
from tests.conftest import Grade

RIGHT = {
    "zero_pad": """
        def zero_pad(X, pad):
            return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    """,
    "conv_single_step": """
        def conv_single_step(a, W, b):
            return np.sum(a * W) + b.item()
    """,
    "conv_forward": """
        def conv_forward(A_prev, W, b, hparameters):
            s, p = hparameters["stride"], hparameters["pad"]
            f, n_C = W.shape[0], W.shape[3]
            P = zero_pad(A_prev, p)
            n_H, n_W = (P.shape[1] - f) // s + 1, (P.shape[2] - f) // s + 1
            Z = np.zeros((len(A_prev), n_H, n_W, n_C))
            for i, h, w, c in np.ndindex(*Z.shape):
                Z[i, h, w, c] = conv_single_step(P[i, h*s:h*s+f, w*s:w*s+f], W[..., c], b[..., c])
            return Z, (A_prev, W, b, hparameters)
    """,
    "conv_backward": """
        def conv_backward(dZ, cache):
            A_prev, W, b, hparameters = cache
            s, p = hparameters["stride"], hparameters["pad"]
            f = W.shape[0]
            P = zero_pad(A_prev, p)
            dP, dW = np.zeros(P.shape), np.zeros(W.shape)
            for i, h, w, c in np.ndindex(*dZ.shape):
                dP[i, h*s:h*s+f, w*s:w*s+f] += W[..., c] * dZ[i, h, w, c]
                dW[..., c] += P[i, h*s:h*s+f, w*s:w*s+f] * dZ[i, h, w, c]
            n_H, n_W = A_prev.shape[1:3]
            return dP[:, p:p+n_H, p:p+n_W], dW, dZ.sum(axis=(0, 1, 2), keepdims=True)
    """,
}


def hand_in(**changed: str | None) -> str:
    """A right hand-in with some functions replaced (None: left out)."""
    parts = {**RIGHT, **changed}
    return "import numpy as np\n" + "\n".join(textwrap.dedent(p) for p in parts.values() if p)


def of(report: Report, name: str) -> FunctionResult:
    return next(f for f in report.functions if f.name == name)


def scores(report: Report) -> dict[str, float]:
    return {f.name: f.score for f in report.functions}


FULL = {"zero_pad": 10.0, "conv_single_step": 15.0, "conv_forward": 35.0, "conv_backward": 40.0}


def test_a_right_hand_in_gets_full_marks(grade_source: Grade) -> None:
    report = grade_source(hand_in())
    assert scores(report) == FULL
    assert (report.score, report.max_score, report.status) == (100.0, 100.0, "graded")
    assert not any(f.diagnoses for f in report.functions)


def test_an_empty_hand_in_gets_nothing(grade_source: Grade) -> None:
    report = grade_source("x = 1\n")
    assert {f.status for f in report.functions} == {Status.MISSING}
    assert report.score == 0.0


# --------------------------------------------------------------------------- follow-through

DOUBLED = "def zero_pad(X, pad):\n    return np.pad(X, ((0, 0), (2*pad, 2*pad), (2*pad, 2*pad), (0, 0)))\n"
BIAS_INSIDE = "def conv_single_step(a, W, b):\n    return np.sum(a * W + b)\n"


@pytest.mark.parametrize(
    "helper", [DOUBLED, "def zero_pad(X, pad):\n    pass\n", None], ids=["wrong", "blank", "missing"]
)
def test_a_mistake_in_a_helper_is_charged_once(grade_source: Grade, helper: str | None) -> None:
    report = grade_source(hand_in(zero_pad=helper))
    assert scores(report) == {**FULL, "zero_pad": scores(report)["zero_pad"]}
    assert scores(report)["zero_pad"] <= 1.0
    for name in ("conv_forward", "conv_backward"):
        assert of(report, name).follow_through
        assert of(report, name).blamed == ("zero_pad",)
    assert not of(report, "conv_single_step").follow_through


def test_two_wrong_helpers_are_both_named(grade_source: Grade) -> None:
    report = grade_source(hand_in(zero_pad=DOUBLED, conv_single_step=BIAS_INSIDE))
    forward = of(report, "conv_forward")
    assert (forward.score, forward.blamed) == (35.0, ("zero_pad", "conv_single_step"))


def test_a_caller_that_undoes_its_helpers_mistake_keeps_its_marks(grade_source: Grade) -> None:
    forward = RIGHT["conv_forward"].replace("zero_pad(A_prev, p)", "zero_pad(A_prev, p)[:, p:, p:]")
    forward = forward.replace(
        "(P.shape[1] - f) // s + 1, (P.shape[2] - f) // s + 1",
        "(P.shape[1] - p - f) // s + 1, (P.shape[2] - p - f) // s + 1",
    )
    report = grade_source(hand_in(zero_pad=DOUBLED, conv_forward=forward))
    assert of(report, "conv_forward").score == 35.0
    assert not of(report, "conv_forward").follow_through
    assert of(report, "zero_pad").status is not Status.CORRECT


def test_a_function_that_is_wrong_with_right_helpers_too_is_charged_itself(grade_source: Grade) -> None:
    forward = RIGHT["conv_forward"].replace("W[..., c]", "W[::-1, ::-1, :, c]")
    report = grade_source(hand_in(conv_single_step=BIAS_INSIDE, conv_forward=forward))
    assert of(report, "conv_forward").score < 10
    assert not of(report, "conv_forward").follow_through


def test_a_copied_mistake_that_calls_no_helper_is_its_own(grade_source: Grade) -> None:
    forward = RIGHT["conv_forward"].replace(
        "conv_single_step(P[i, h*s:h*s+f, w*s:w*s+f], W[..., c], b[..., c])",
        "np.sum(P[i, h*s:h*s+f, w*s:w*s+f] * W[..., c] + b[..., c])",
    )
    report = grade_source(hand_in(conv_single_step=BIAS_INSIDE, conv_forward=forward))
    assert of(report, "conv_forward").score < 10


def test_an_alias_of_a_helper_is_replaced_with_it(grade_source: Grade) -> None:
    forward = RIGHT["conv_forward"].replace("zero_pad(", "my_pad(")
    source = hand_in(zero_pad=DOUBLED + "my_pad = zero_pad\n", conv_forward=forward)
    assert of(grade_source(source), "conv_forward").score == 35.0


def test_a_right_helper_cannot_be_used_up(grade_source: Grade) -> None:
    forward = RIGHT["conv_forward"].replace(
        "P = zero", "\n            while True: zero_pad(A_prev, 0)\n            P = zero"
    )
    report = grade_source(hand_in(zero_pad=DOUBLED, conv_forward=forward))
    assert of(report, "conv_forward").score == 0.0
    assert of(report, "conv_single_step").score == 15.0


def test_a_right_helper_asked_for_nonsense_costs_the_grader_nothing(grade_source: Grade) -> None:
    forward = RIGHT["conv_forward"].replace("zero_pad(A_prev, p)", "zero_pad(A_prev, 10**6)")
    report = grade_source(hand_in(zero_pad=DOUBLED, conv_forward=forward))
    assert of(report, "conv_forward").score == 0.0
    assert of(report, "conv_backward").follow_through


# --------------------------------------------------------------------------- limits and order


def test_a_hang_is_charged_once_and_the_rest_is_graded(grade_source: Grade) -> None:
    report = grade_source(hand_in(conv_single_step="def conv_single_step(a, W, b):\n    while True: pass\n"))
    step = of(report, "conv_single_step")
    outcomes = [c.outcome for c in step.cases]
    assert outcomes.count(Outcome.TIMED_OUT) == 1
    assert set(outcomes) == {Outcome.TIMED_OUT, Outcome.NOT_RUN}
    assert of(report, "conv_forward").follow_through
    assert scores(report) == {**FULL, "conv_single_step": 0.0}


def test_an_exit_costs_only_the_function_that_exits(grade_source: Grade) -> None:
    report = grade_source(hand_in(zero_pad="import os\ndef zero_pad(X, pad):\n    raise SystemExit(0)\n"))
    assert scores(report) == {**FULL, "zero_pad": 0.0}


def test_public_cases_of_all_functions_run_before_any_hidden_one(grade_source: Grade) -> None:
    spy = """
        calls = []
        def zero_pad(X, pad):
            calls.append(X.shape)
            return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
        def conv_backward(dZ, cache):
            return len(calls)
    """
    report = grade_source(hand_in(zero_pad=spy, conv_backward=None))
    shown = [c for c in of(report, "conv_backward").cases if c.case.visibility is Visibility.PUBLIC]
    hidden = [c for c in of(report, "zero_pad").cases if c.case.visibility is Visibility.HIDDEN]
    assert shown
    assert hidden
    public_calls = sum(
        len(c.case.calls) for c in of(report, "zero_pad").cases if c.case.visibility is Visibility.PUBLIC
    )
    assert max(c.replies[0].value for c in shown) < public_calls + len(hidden) + 40  # type: ignore[union-attr]
    assert all(len(c.replies) >= 1 for c in shown)


# --------------------------------------------------------------------------- arguments and state


def test_changing_an_argument_costs_the_arguments_group_only(grade_source: Grade) -> None:
    report = grade_source(
        hand_in(zero_pad=RIGHT["zero_pad"].replace("return", "Y = X.copy(); X *= 0; X = Y; return"))
    )
    assert of(report, "zero_pad").score == 9.0
    detail = next(c.detail for c in of(report, "zero_pad").cases if c.case.group == "arguments")
    assert "changed its argument X" in detail


CHANGED_SOMEWHERE = [
    pytest.param("zero_pad", "if X.dtype.kind == 'i': X *= 2", id="integer images only"),
    pytest.param("conv_single_step", "if a.shape[2] == 1: b[:] = 0", id="one channel only"),
    pytest.param("conv_backward", "if cache[3]['stride'] > 2: cache[1][:] = 0", id="large strides only"),
    pytest.param("conv_backward", "if cache[3]['pad'] == 0: cache[3].pop('pad')", id="a setting, if it is 0"),
]


@pytest.mark.parametrize(("name", "change"), CHANGED_SOMEWHERE)
def test_an_argument_that_is_changed_in_any_case_costs_the_arguments_group(
    name: str, change: str, grade_source: Grade
) -> None:
    """The change is made when the right answer is there, so nothing else can be wrong."""
    source = hand_in() + textwrap.dedent(f"""
        right = {name}
        def {name}(*arguments):
            {RIGHT[name].strip().partition("(")[2].partition(")")[0]} = arguments
            answer = right(*arguments)
            {change}
            return answer
    """)
    found = of(grade_source(source), name)
    assert {c.case.group for c in found.cases if c.outcome is not Outcome.CORRECT} == {"arguments"}
    assert [d.id for d in found.diagnoses] == ["input-changed"]


SHARED = [
    pytest.param(
        "def f(like, kept={}):\n    return kept.setdefault(like.shape, np.empty(like.shape))", id="by shape"
    ),
    pytest.param(
        "big = np.empty(99999)\ndef f(like):\n    return big[:like.size].reshape(like.shape)", id="a view"
    ),
]


@pytest.mark.parametrize("name", ["zero_pad", "conv_forward", "conv_backward"])
@pytest.mark.parametrize("place", SHARED)
def test_one_array_for_all_answers_costs_the_arguments_group(
    place: str, name: str, grade_source: Grade
) -> None:
    """A right answer, which the next call writes over."""
    source = hand_in() + textwrap.dedent(f"""
        right = {name}
        def {name}(*arguments):
            answer = right(*arguments)
            first, *rest = answer if isinstance(answer, tuple) else [answer]
            place = f(first)
            place[...] = first
            return (place, *rest) if rest else place
    """)
    found = of(grade_source(source + place), name)
    wrong = [c for c in found.cases if c.outcome is not Outcome.CORRECT]
    assert {c.case.group for c in wrong} == {"arguments"}
    assert "returned the same array twice" in wrong[0].detail
    assert [d.id for d in found.diagnoses] == ["state-between-calls"]


KEPT_AND_RIGHT = [
    pytest.param("memory.append(answer)\n    return answer", id="every answer is kept"),
    pytest.param(
        "return memory.setdefault(repr(arguments), answer)", id="the same answer to the same question"
    ),
    pytest.param(
        "return arguments[0] if arguments[-1] == 0 else answer", id="an argument, where nothing is to do"
    ),
]


@pytest.mark.parametrize("ending", KEPT_AND_RIGHT)
def test_an_answer_that_stays_what_it_was_may_be_kept(ending: str, grade_source: Grade) -> None:
    memory = "[]" if "append" in ending else "{}"
    source = (
        f"right, memory = zero_pad, {memory}\ndef zero_pad(*arguments):\n    answer = right(*arguments)\n    "
    )
    assert of(grade_source(f"{hand_in()}\n{source}{ending}\n"), "zero_pad").status is Status.CORRECT


def test_an_answer_that_depends_on_the_call_before_is_found(grade_source: Grade) -> None:
    remembers = """
        total = [0.0]
        def conv_single_step(a, W, b):
            total[0] += float(np.sum(a * W) + b.item())
            return total[0]
    """
    report = grade_source(hand_in(conv_single_step=remembers))
    assert of(report, "conv_single_step").score < 5.0


def test_chance_does_not_give_the_same_answer_twice(grade_source: Grade) -> None:
    report = grade_source(
        hand_in(conv_single_step=RIGHT["conv_single_step"].replace("+ b", "+ np.random.rand() + b"))
    )
    assert of(report, "conv_single_step").status is not Status.CORRECT


def test_the_same_hand_in_gets_the_same_report_twice(grade_source: Grade) -> None:
    from msgspec.structs import replace

    from grader.report.json import document

    source = hand_in(zero_pad=DOUBLED, conv_single_step=BIAS_INSIDE)

    def timeless(report: Report) -> object:
        functions = tuple(
            replace(f, cases=tuple(replace(c, seconds=0.0) for c in f.cases)) for f in report.functions
        )
        return document(replace(report, functions=functions))

    assert timeless(grade_source(source)) == timeless(grade_source(source))


# --------------------------------------------------------------------------- what the student forgot


def test_a_name_that_only_a_test_cell_defines_does_not_work_by_accident(grade_source: Grade) -> None:
    backward = RIGHT["conv_backward"].replace("= cache", "= cache_conv")
    source = hand_in(conv_backward=backward) + "\nnp.random.seed(1)\nA = np.random.randn(2, 3, 3, 1)\n"
    source += "W, b = np.ones((2, 2, 1, 1)), np.zeros((1, 1, 1, 1))\n"
    source += "Z, cache_conv = conv_forward(A, W, b, {'stride': 1, 'pad': 0})\n"
    report = grade_source(source)
    assert of(report, "conv_backward").score == 0.0
    said = " ".join(n.message for n in (*report.notes, *of(report, "conv_backward").findings))
    assert "cache_conv" in said


def test_a_syntax_error_in_one_function_costs_only_that_one(grade_source: Grade) -> None:
    report = grade_source(
        hand_in(conv_single_step="def conv_single_step(a, W, b):\n    return np.sum(a * W + b\n")
    )
    assert of(report, "conv_single_step").status is Status.INCORRECT
    assert scores(report) == {**FULL, "conv_single_step": 0.0}


def test_loading_a_program_again_after_every_crash_uses_up_its_time(
    conv: Pack, conv_cases: CaseSet, runner: Runner
) -> None:
    """Otherwise sixty crashes, each after a slow load, would keep a server busy for minutes."""
    source = (
        "import numpy as np, time\nfrom numpy.lib.stride_tricks import as_strided\nT = [time.sleep(0.2)]\n"
        "def zero_pad(X, pad):\n    return as_strided(np.zeros(1), (1 << 16,), (1 << 30,)).sum() + len(T)\n"
    )
    options = Options(limits=Limits(seconds_per_submission=0.5))
    report = grade(parse_submission("a.py", source.encode()), conv, conv_cases, runner, options)
    outcomes = [case.outcome for case in of(report, "zero_pad").cases]
    assert outcomes.count(Outcome.KILLED) <= 4
    assert Outcome.NOT_RUN in outcomes
