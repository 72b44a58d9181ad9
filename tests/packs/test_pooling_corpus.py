"""Real hand-ins against independent verdicts, for the four pooling functions; skipped where not at hand.

The verdicts (``labels.csv``) were made on another NumPy, with float images only, and are a second opinion:
every difference was read, and is explained here. So were the diagnoses of everything that is wrong.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cases import prepare
from grader.errors import SubmissionError
from grader.model import Certainty, FunctionResult, Report, Status
from grader.notebook import read_submission
from grader.pack import load_pack
from grader.pipeline import grade
from grader.sandbox import open_runner
from tests.conftest import SECRET

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / ".." / "shared" / "corpus"
PACK = load_pack(ROOT / "assignments" / "pooling_step_by_step")

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real hand-ins is not beside this checkout"
)

#: (file, function): why we say something else than the label.
EXPLAINED = {
    ("183", "pool_backward"): (
        "np.zeros_like(A_prev) is an array of integers for an image of integers, and cannot take a gradient;"
        " the label has tried float images only"
    ),
}

#: What is wrong, found by reading the function; None where the catalogue has no name for it.
READ: dict[tuple[str, str], str | None] = {
    ("016", "pool_backward"): "stride-ignored",  # starts without the stride, ends with it
    ("021", "pool_backward"): "stride-ignored",
    ("021", "pool_forward"): "window-walks-the-diagonal",
    ("031", "pool_forward"): "window-walks-the-diagonal",
    ("037", "distribute_value"): "sides-added",
    ("037", "pool_backward"): "stride-ignored",
    ("039", "create_mask_from_window"): "mask-is-the-maximum",
    ("069", "distribute_value"): "divided-by-the-value",
    ("069", "pool_forward"): "width-taken-from-height",
    ("072", "pool_backward"): None,  # the horizontal start is the channel
    ("081", "pool_backward"): "stride-ignored",
    ("089", "pool_backward"): "height-and-width-swapped",
    ("089", "pool_forward"): "height-and-width-swapped",
    ("093", "pool_backward"): "stride-ignored",
    ("093", "pool_forward"): "pooled-over-all-channels",
    ("098", "pool_forward"): "height-and-width-swapped",  # and stride-ignored
    ("099", "pool_backward"): "stride-ignored",
    ("101", "pool_backward"): "stride-ignored",
    ("116", "pool_backward"): "count-hard-coded",  # repeats 2 x 2, whatever f is
    ("118", "pool_backward"): "count-hard-coded",
    ("120", "pool_backward"): "stride-ignored",
    ("130", "pool_backward"): "stride-ignored",
    ("141", "pool_forward"): "pooled-over-all-channels",
    ("152", "pool_backward"): "stride-ignored",
    ("152", "pool_forward"): "stride-ignored",
    ("153", "pool_backward"): "stride-ignored",
    ("153", "pool_forward"): "stride-ignored",
    ("158", "pool_backward"): "stride-ignored",
    ("181", "distribute_value"): "sides-added",
    ("183", "pool_backward"): "values-truncated",
}


def rows() -> list[dict[str, str]]:
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "labels.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    cases, found = prepare(PACK, SECRET), {}
    with open_runner("auto", allowed_imports=PACK.allowed_imports) as runner:
        for row in rows():
            try:
                submission = read_submission(CORPUS / row["file"])
            except SubmissionError:
                assert row["container"] == "html_as_ipynb"
                continue
            found[row["id"]] = grade(submission, PACK, cases, runner)
    return found


def results(reports: dict[str, Report]) -> Iterator[tuple[dict[str, str], FunctionResult]]:
    for row in rows():
        if row["id"] in reports:
            yield from ((row, result) for result in reports[row["id"]].functions)


def label_says_right(row: dict[str, str], function: str) -> bool:
    """With the file's own helpers, or with right ones."""
    return any(row.get(f"ref123_{function}{end}", "").startswith("ok") for end in ("", "_iso"))


def test_the_verdicts_agree_function_by_function(
    reports: dict[str, Report], capsys: pytest.CaptureFixture[str]
) -> None:
    total, differing = 0, {}
    for row, result in results(reports):
        total += 1
        if label_says_right(row, result.name) is not (result.status is Status.CORRECT):
            label = row[f"ref123_{result.name}"]
            differing[row["id"], result.name] = f"label {label!r}, graded {result.status}: {result.detail}"
    with capsys.disabled():
        print(f"\npooling corpus: {total - len(differing)} of {total} verdicts agree")
    assert total >= 4 * 60
    assert {place: said for place, said in differing.items() if place not in EXPLAINED} == {}
    assert set(EXPLAINED) <= set(differing), "an explanation that is no longer needed"


def test_what_is_not_written_is_called_blank_or_missing(reports: dict[str, Report]) -> None:
    for row, result in results(reports):
        if row[f"def_{result.name}"] == "missing":
            assert result.status is Status.MISSING, (row["id"], result.name)
        if result.status in (Status.BLANK, Status.MISSING):
            assert row[f"def_{result.name}"] in ("blank", "missing", "partial"), (row["id"], result.name)


def test_every_wrong_function_was_read_and_what_is_said_of_it_is_true(reports: dict[str, Report]) -> None:
    named, wrong = 0, 0
    for row, result in results(reports):
        if result.status not in (Status.PARTIAL, Status.INCORRECT) or row[f"def_{result.name}"] != "solved":
            continue
        wrong += 1
        truth = READ[row["id"], result.name]
        said = [(d.id, d.certainty) for d in result.diagnoses]
        assert not any(certainty is Certainty.LIKELY for _, certainty in said[:1]) or said[0][0] == truth, (
            row["id"],
            result.name,
        )
        named += bool(said) and said[0][0] == truth
    assert wrong >= 28
    assert named >= 0.85 * wrong


def test_nothing_is_diagnosed_in_a_function_that_is_right(reports: dict[str, Report]) -> None:
    for row, result in results(reports):
        assert result.status is not Status.CORRECT or not result.diagnoses, (row["id"], result.name)
