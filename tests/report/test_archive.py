"""The engine's own form of a report: whatever is rendered from it is what would have been rendered."""

from __future__ import annotations

import math
import typing
import zlib
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from grader.model import (
    Case,
    CaseResult,
    Cell,
    FunctionResult,
    NoValue,
    Opaque,
    Outcome,
    Raised,
    Report,
    Returned,
    Status,
)
from grader.report import archive, render_all
from grader.report.archive import (
    MOST_ARRAY,
    CaseValues,
    Unreadable,
    freeze,
    freeze_values,
    thaw,
    thaw_values,
)
from tests.report import samples

REPORTS = [samples.rich, samples.all_right, samples.followed_through, samples.unfinished, samples.not_graded]
FORMATS = ["text", "json", "html", "markdown", "junit", "gradescope", "csv", "github"]


def shared_of(report: Report) -> CaseValues:
    return {(c.case.function, c.case.name): (c.case, c.expected) for f in report.functions for c in f.cases}


def revived(report: Report, shared: CaseValues) -> Report:
    """Frozen and thawed, with the submission's cells as a batch reads them again."""
    back = thaw(freeze(report, shared), shared)
    return replace(back, submission=replace(report.submission, notes=back.submission.notes))


@pytest.mark.parametrize("make", REPORTS)
@pytest.mark.parametrize("audience", ["student", "instructor"])
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("share", [True, False], ids=["cases shared", "cases inside"])
def test_a_report_renders_the_same_from_its_archive(
    make: Callable[[], Report], audience: str, format: str, share: bool
) -> None:
    report = make()
    back = revived(report, shared_of(report) if share else {})
    assert render_all([back], format, audience) == render_all([report], format, audience)


def answer(value: Any) -> Any:
    """What is left of a wrong answer after freezing and thawing."""
    case = Case("c", "f", ((1,),), "g", samples.PUBLIC, 1.0)
    result = CaseResult(case, Outcome.WRONG, replies=(Returned(value),), expected=(None,))
    function = FunctionResult("f", Status.INCORRECT, 0.0, 1.0, (result,))
    [reply] = thaw(freeze(samples.rich(functions=(function,)), {}), {}).functions[0].cases[0].replies
    assert isinstance(reply, Returned)
    return reply.value


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        1 << 80,
        -(1 << 63),
        2.5,
        math.inf,
        1 + 2j,
        "Zoë\n",
        (),
        [],
        {},
        (1, [2, (3,)], {"a": {"b": None}}),
        Opaque("generator", "it can only be read once"),
    ],
    ids=repr,
)
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    back = answer(value)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("dtype", ["?", "i1", "u8", "f2", "f4", "f8", "c16"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3, 4)], ids=str)
def test_arrays_come_back_as_they_were(dtype: str, shape: tuple[int, ...]) -> None:
    value = np.ones(shape, dtype) * 3
    value = np.asarray(value, dtype)
    back = answer(value)
    assert isinstance(back, np.ndarray)
    assert (back.dtype, back.shape) == (value.dtype, value.shape)
    assert np.array_equal(back, value)
    back.setflags(write=True)


def test_a_scalar_of_numpy_stays_one() -> None:
    back = answer(np.float32(0.1))
    assert type(back) is np.float32
    assert back == np.float32(0.1)


def test_nan_comes_back() -> None:
    assert math.isnan(answer(math.nan))


def test_text_that_no_file_can_hold_is_made_text() -> None:
    assert answer("a\ud800b") == "a?b"


def reachable(kind: Any, found: set[type]) -> set[type]:
    """The classes of the model that an annotation can hold."""
    for part in typing.get_args(kind):
        reachable(part, found)
    if isinstance(kind, type) and kind not in found and kind.__module__ == "grader.model":
        found.add(kind)
        if issubclass(kind, msgspec.Struct):
            for hint in typing.get_type_hints(kind).values():
                reachable(hint, found)
    return found


def test_every_class_that_a_report_can_hold_can_be_kept() -> None:
    """A class that is new in the model would be left out without a word."""
    kept = set(archive._CLASSES.values()) | set(archive._ENUMS.values())
    assert reachable(Report, set()) - kept <= {Cell}, "cells are read again from the hand-in"


# --------------------------------------------------------------------------- the budget


def test_a_large_answer_is_left_out_with_a_word_about_it() -> None:
    left_out = answer(np.zeros((1000, MOST_ARRAY)))
    assert left_out == Opaque("array", f"of shape (1000, {MOST_ARRAY}), float64, too large to be kept")


def test_many_answers_share_a_budget() -> None:
    back = answer([np.ones(MOST_ARRAY // 8) for _ in range(100)])
    assert 0 < sum(isinstance(part, np.ndarray) for part in back) < 100


def test_a_flood_of_print_is_cut() -> None:
    case = Case("c", "f", ((1,),), "g", samples.PUBLIC, 1.0)
    flood = NoValue(Outcome.RAISED, "raised", raised=Raised("ValueError", "no"), printed="x" * 1_000_000)
    function = FunctionResult(
        "f", Status.INCORRECT, 0.0, 1.0, (CaseResult(case, Outcome.RAISED, replies=(flood,)),)
    )
    data = freeze(samples.rich(functions=(function,)), {})
    assert len(zlib.decompress(data)) < 50_000


def test_shared_cases_are_not_in_every_report() -> None:
    report = samples.all_right()
    assert len(freeze(report, shared_of(report))) < 0.5 * len(freeze(report, {}))


def test_shared_cases_come_back_from_their_own_bytes() -> None:
    report = samples.rich()
    shared = shared_of(report)
    again = thaw_values(freeze_values(shared))
    back = thaw(freeze(report, shared), again)
    for one, other in zip(report.functions, back.functions, strict=True):
        assert [c.case.name for c in one.cases] == [c.case.name for c in other.cases]
        assert repr(one.cases[0].case) == repr(other.cases[0].case)


# --------------------------------------------------------------------------- damage


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing",
        zlib.compress(b"\xc1"),
        zlib.compress(msgspec.msgpack.encode(["m", "os.system", {}])),
        zlib.compress(msgspec.msgpack.encode(["m", "Report", {"assignment": "x"}])),
        zlib.compress(msgspec.msgpack.encode(["a", "f8", [10], b"short"])),
        zlib.compress(msgspec.msgpack.encode(["a", "O", [1], b"12345678"])),
        zlib.compress(msgspec.msgpack.encode(["?"])),
        zlib.compress(msgspec.msgpack.encode("a text")),
    ],
)
def test_bytes_that_are_no_archive_are_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        thaw(data, {})


def test_a_report_without_its_shared_cases_is_unreadable() -> None:
    report = samples.rich()
    with pytest.raises(Unreadable, match="is not kept"):
        thaw(freeze(report, shared_of(report)), {})
