"""The marks of the two smaller packs: no right function loses a point, no wrong one keeps full marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import yaml

from grader.audit.answers import ask
from grader.cases import CaseSet, prepare
from grader.diagnose.answers import Cell
from grader.model import Certainty, Diagnosis, Outcome, Returned, Status
from grader.notebook import read_submission
from grader.pack import Pack, load_pack
from grader.pipeline import grade
from grader.sandbox import Runner, open_runner
from grader.twin import choose, make_twin
from tests.conftest import SECRET
from tests.faults_pooling.bank import Program, diagnosed, marked, programs, read, truly

ROOT = Path(__file__).resolve().parents[2]
BANKS = {"pooling_step_by_step": "faults_pooling", "dot_or_convolution": "faults_dot"}
PACKS = {name: load_pack(ROOT / "assignments" / name) for name in BANKS}
CASES: dict[str, CaseSet] = {}


def _booleans_are_refused() -> bool:
    """Whether diagnose cannot yet compare boolean arrays: NumPy does not subtract them."""
    mask = np.array([True, False])
    try:
        return not Cell(mask, mask).matches(mask)
    except TypeError:
        return True


#: Programs whose wrong masks are boolean arrays of the right shape.
BOOLEAN = ("absolute", "divmod-by-rows", "flattened", "inverted", "isclose", "minimum")
needs_boolean_answers = pytest.mark.xfail(
    _booleans_are_refused(), strict=True, reason="grader.diagnose.answers.Cell subtracts boolean arrays"
)


class Entry(NamedTuple):
    """A program and the pack that it belongs to."""

    pack: Pack
    program: Program


def cases_of(pack: Pack) -> CaseSet:
    """The cases of a pack, drawn once for all tests."""
    if pack.name not in CASES:
        CASES[pack.name] = prepare(pack, SECRET)
    return CASES[pack.name]


def bank(kind: str, *, diagnosed: bool = False) -> Iterator[Any]:
    """The programs of both banks as parameters."""
    for name, folder in BANKS.items():
        for program in programs(ROOT / "tests" / folder, kind):
            marks = [needs_boolean_answers] if diagnosed and _answers_yes_or_no(program) else []
            yield pytest.param(Entry(PACKS[name], program), id=f"{name}/{program.id}", marks=marks)


def _answers_yes_or_no(program: Program) -> bool:
    function, _, slug = program.path.stem.partition("__")
    return function == "create_mask_from_window" and slug in BOOLEAN


def right_ones() -> Iterator[Any]:
    for name, pack in PACKS.items():
        for path in sorted((pack.folder / "submissions" / "right").glob("*.py")):
            yield pytest.param(pack, path, id=f"{name}/{path.stem}")


# ------------------------------------------------------------------------------ right and wrong


@pytest.mark.parametrize(("pack", "path"), list(right_ones()))
def test_a_right_hand_in_gets_full_marks(pack: Pack, path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# "), "its first line says what is unusual"
    for name, (points, results) in marked(
        Program(path, "", (), ()).functions(), pack, cases_of(pack)
    ).items():
        wrong = [f"{r.case.name}: {r.detail}" for r in results if r.outcome is not Outcome.CORRECT]
        assert (points, wrong) == (pack.function(name).points, []), name


@pytest.mark.parametrize("entry", [*bank("single"), *bank("compound")])
def test_a_fault_loses_points_where_it_is_and_nowhere_else(entry: Entry) -> None:
    pack, program = entry
    for name, (points, results) in marked(program.functions(), pack, cases_of(pack)).items():
        spec = pack.function(name)
        if name == program.function:
            assert points < spec.points, "keeps full marks"
        elif program.function not in spec.helpers:
            assert points == spec.points, [r.detail for r in results if r.outcome is not Outcome.CORRECT]


@pytest.mark.parametrize(("name", "least"), [("pooling_step_by_step", 60), ("dot_or_convolution", 60)])
def test_the_banks_are_large_and_name_pages_that_exist(name: str, least: int) -> None:
    pack = PACKS[name]
    found = list(programs(ROOT / "tests" / BANKS[name], "single"))
    assert len(found) >= least
    assert {program.function for program in found} == set(pack.wanted)
    for program in [*found, *programs(ROOT / "tests" / BANKS[name], "compound")]:
        assert program.names <= set(pack.misconceptions), program.id


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("# function: f\n", id="no misconception"),
        pytest.param("# misconception: none\n", id="no function"),
        pytest.param("# function: f\n# misconception: none\n# colour: red\n", id="an unknown key"),
        pytest.param("# function: f\n# function: g\n# misconception: none\n", id="a key twice"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused(tmp_path: Path, header: str) -> None:
    (tmp_path / "program.py").write_text(header + "\nx = 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"program\.py"):
        read(tmp_path / "program.py")


# ------------------------------------------------------------------------------ diagnoses


def said_of(pack: Pack, program: Program) -> tuple[Diagnosis, ...]:
    """The diagnoses of a program, worked out once for all tests."""
    return _said_of(pack.name, program)


@cache
def _said_of(name: str, program: Program) -> tuple[Diagnosis, ...]:
    return diagnosed(program, PACKS[name], cases_of(PACKS[name]))


@pytest.mark.parametrize("entry", [*bank("single", diagnosed=True), *bank("compound", diagnosed=True)])
def test_nothing_wrong_is_said_with_confidence(entry: Entry) -> None:
    pack, program = entry
    for diagnosis in said_of(pack, program):
        assert diagnosis.certainty is not Certainty.LIKELY or truly(diagnosis, program), diagnosis.id


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        pytest.param("turned-filters", "exactly what a kernel turned by 180° gives", id="not the windows"),
        pytest.param("width-before-height", "as many rows as it should have columns", id="not transposed"),
    ],
)
def test_of_conv_as_matmul_is_said_what_happened_to_filters_and_result(slug: str, sentence: str) -> None:
    pack = PACKS["dot_or_convolution"]
    program = read(ROOT / "tests" / "faults_dot" / "single" / f"conv_as_matmul__{slug}.py")
    assert sentence in said_of(pack, program)[0].summary


@pytest.mark.parametrize("name", list(PACKS))
def test_of_single_faults_with_a_name_95_in_100_are_named_first(name: str) -> None:
    pack, missed, total = PACKS[name], [], 0
    for program in programs(ROOT / "tests" / BANKS[name], "single"):
        if not program.misconceptions or (_answers_yes_or_no(program) and _booleans_are_refused()):
            continue
        total += 1
        found = said_of(pack, program)
        if not found or not truly(found[0], program):
            missed.append(program.id)
    assert len(missed) <= 0.05 * total, missed


# ------------------------------------------------------------------------------ fault models and twins


@pytest.mark.parametrize("pack", list(PACKS.values()), ids=list(PACKS))
def test_every_model_has_a_label_of_its_own_and_leaves_its_arguments_alone(pack: Pack) -> None:
    labels = Counter((model.function, model.label) for model in pack.fault_models)
    assert [label for label, count in labels.items() if count > 1] == []
    for model in pack.fault_models:
        call = cases_of(pack).functions[model.function][0].case.calls[0]
        reply = ask(model.run, call)
        assert not isinstance(reply, Returned) or reply.changed == (), model.label


@pytest.mark.parametrize("pack", list(PACKS.values()), ids=list(PACKS))
def test_every_model_shows_on_a_twin_that_is_worked_out_right(pack: Pack) -> None:
    """The sum in the sentence of a twin is the reference's own number."""
    workings = pack.module(pack.folder / "misconceptions" / "twins.py")
    worked_out = 0
    for model in pack.fault_models:
        spec, reference = pack.function(model.function), pack.reference(model.function)
        arguments = choose(model, workings.twin_cases(model.function), reference, spec.outputs)
        assert arguments is not None, f"{model.function}: no twin shows {model.label}"
        expected = reference(*arguments)
        twin = make_twin(
            model.function, spec.outputs, workings, arguments, ask(model.run, arguments), expected
        )
        assert twin is not None
        assert twin.sentence
        if twin.expected_entry is not None:
            worked_out += 1
            numbers = twin.sentence.partition("; your")[0].replace(",", " ").split()
            assert any(_is_number(n, twin.expected_entry) for n in numbers), twin.sentence
    assert worked_out > 0.4 * len(pack.fault_models)


def _is_number(text: str, value: float) -> bool:
    try:
        return abs(float(text.strip("()")) - value) <= 1e-4 * max(1.0, abs(value))
    except ValueError:
        return False


# ------------------------------------------------------------------------------ the whole flow


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Runner]:
    """The two packs allow the same modules, so one sandbox serves both."""
    (allowed,) = {pack.allowed_imports for pack in PACKS.values()}
    with open_runner("auto", allowed_imports=allowed) as opened:
        yield opened


def samples() -> Iterator[Any]:
    for name, pack in PACKS.items():
        expected = yaml.safe_load((pack.folder / "submissions" / "expected.yaml").read_text(encoding="utf-8"))
        for sample, verdicts in expected.items():
            yield pytest.param(pack, sample, verdicts, id=f"{name}/{sample}")


@pytest.mark.parametrize(("pack", "sample", "verdicts"), list(samples()))
def test_a_sample_hand_in_gets_the_report_that_is_written_beside_it(
    pack: Pack, sample: str, verdicts: dict[str, dict[str, Any]], sandbox: Runner
) -> None:
    submission = read_submission(pack.folder / "submissions" / sample)
    report = grade(submission, pack, cases_of(pack), sandbox)
    assert tuple(verdicts) == pack.wanted
    for result in report.functions:
        verdict = verdicts[result.name]
        first = result.diagnoses[0].id if result.diagnoses else None
        assert result.status is Status(verdict["status"]), result.detail
        assert result.follow_through is verdict.get("follow_through", False)
        assert "diagnosis" not in verdict or first == verdict["diagnosis"]


# ------------------------------------------------------------------------------ what the cases are made of


def test_no_window_of_the_pooling_pack_has_two_equal_largest_pixels() -> None:
    """Which of several maxima gets the gradient is left open, so it must never be asked."""
    pack = PACKS["pooling_step_by_step"]
    for secret in (SECRET, b"another", None):
        for function, prepared in prepare(pack, secret).functions.items():
            for item in prepared:
                if item.case.property_id:  # constant images and ramps have no gradient to give
                    continue
                for call in item.case.calls:
                    for window in _windows(function, call):
                        assert np.count_nonzero(window == window.max()) == 1, (function, item.case.name)


def _windows(function: str, call: tuple[Any, ...]) -> Iterator[Any]:
    if function == "create_mask_from_window":
        yield call[0]
    if function not in ("pool_forward", "pool_backward") or call[2] != "max":
        return
    A_prev, hparameters = call[1] if function == "pool_backward" else call[:2]
    f, s = hparameters["f"], hparameters["stride"]
    cut = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), axis=(1, 2))[:, ::s, ::s]
    yield from cut.reshape(-1, f, f)


@pytest.mark.parametrize("function", ["pool_forward", "pool_backward"])
@pytest.mark.parametrize("mode", ["max", "average"])
def test_in_either_mode_windows_overlap_touch_and_leave_gaps_on_images_that_are_not_square(
    function: str, mode: str
) -> None:
    seen: Counter[str] = Counter()
    for item in cases_of(PACKS["pooling_step_by_step"]).functions[function]:
        call = item.case.calls[0]
        if item.case.property_id or call[2] != mode:
            continue
        A_prev, hparameters = call[1] if function == "pool_backward" else call[:2]
        f, s = hparameters["f"], hparameters["stride"]
        (m, n_H, n_W, n_C), rest = A_prev.shape, [(side - f) % s for side in A_prev.shape[1:3]]
        assert n_H != n_W
        seen.update(
            {
                "overlap" if s < f else "touch" if s == f else "gap": 1,
                "left over on both axes": all(rest),
                "one image, one channel": m == n_C == 1,
                "integers": A_prev.dtype.kind == "i",
                "all negative": bool((A_prev < 0).all()),
                "zeros": bool(np.count_nonzero(A_prev == 0) > 3),
            }
        )
    assert seen["overlap"]
    assert seen["gap"]
    assert seen["left over on both axes"]
    assert seen["one image, one channel"] or (function, mode) == ("pool_forward", "average")
    assert seen["integers"]
    assert seen["all negative"] or (function, mode) == ("pool_backward", "average")
    assert seen["touch"] or (function, mode) == ("pool_forward", "max")
    assert seen["zeros"] or (function, mode) != ("pool_forward", "average")


@pytest.mark.parametrize("function", ["correlate2d_valid", "correlate2d_same", "convolve2d_valid"])
def test_no_kernel_looks_the_same_after_a_turn_or_a_flip(function: str) -> None:
    """A symmetric kernel cannot tell a convolution from a correlation."""
    for secret in (SECRET, b"another", None):
        for item in prepare(PACKS["dot_or_convolution"], secret).functions[function]:
            kernel = item.case.calls[0][1]
            if item.case.property_id:
                continue
            turned = [kernel[::-1, ::-1], kernel[::-1], kernel[:, ::-1]]
            turned += [kernel.T] if kernel.shape[0] == kernel.shape[1] else []
            for other in turned:
                same_by_shape = 1 in kernel.shape and not np.array_equal(kernel.ravel(), other.ravel()[::-1])
                assert not np.array_equal(kernel, other) or same_by_shape, item.case.name
            assert kernel.sum() != 0
