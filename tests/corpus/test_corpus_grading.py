"""Real hand-ins against independent verdicts, function by function; skipped where they are not at hand.

The verdicts (``labels.csv``) were made on another NumPy and are a second opinion, not the truth: where
grading differs for a good reason, ``EXPLAINED`` holds it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cases import prepare
from grader.errors import SubmissionError
from grader.model import FunctionResult, Report, Status
from grader.notebook import read_submission
from grader.pack import Pack
from grader.pipeline import Options, grade
from grader.sandbox import Runner

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
FUNCTIONS = ("zero_pad", "conv_single_step", "conv_forward", "conv_backward")

pytestmark = pytest.mark.skipif(
    not CORPUS.exists(), reason="the corpus of real hand-ins is not beside this checkout"
)

#: (file, function): why the two verdicts differ.
EXPLAINED = {
    ("037", "conv_single_step"): "uses np.asscalar, which the label's NumPy had lost and the pack puts back",
}
#: pad = 0 in conv_backward, where the course's own hint [pad:-pad] fails; the labels hold it apart.
NO_PADDING_POINTS = 2.0


def rows() -> list[dict[str, str]]:
    if not CORPUS.exists():
        return []
    with (CORPUS / "labels.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected_full(row: dict[str, str], function: str) -> bool:
    """Whether the label says right, with the file's own helpers or with right ones."""
    verdicts = (row[f"ref123_{function}"], row.get(f"ref123_{function}_iso") or "")
    return any(v.startswith("ok") for v in verdicts)


def has_full(result: FunctionResult) -> bool:
    allowance = NO_PADDING_POINTS if result.name == "conv_backward" else 0.0
    return result.score >= result.max_score - allowance


def agreement(row: dict[str, str], result: FunctionResult) -> str | None:
    """What is wrong with the result, or None where label and grading agree."""
    defined = row[f"def_{result.name}"]
    if expected_full(row, result.name) != has_full(result):
        return f"label {row[f'ref123_{result.name}']!r}, graded {result.status} with {result.score:g}"
    if defined == "missing" and result.status is not Status.MISSING:
        return f"the label finds no definition, graded {result.status}"
    if defined == "blank" and result.status not in (Status.BLANK, Status.CORRECT, Status.PARTIAL):
        return f"the label calls it blank, graded {result.status}"
    return None


@pytest.fixture(scope="module")
def reports(conv: Pack, runner: Runner) -> dict[str, Report | SubmissionError]:
    cases = prepare(conv, b"first secret")
    found: dict[str, Report | SubmissionError] = {}
    for row in rows():
        try:
            found[row["id"]] = grade(read_submission(CORPUS / row["file"]), conv, cases, runner)
        except SubmissionError as error:
            found[row["id"]] = error
    return found


def graded(reports: dict[str, Report | SubmissionError]) -> Iterator[tuple[dict[str, str], FunctionResult]]:
    for row in rows():
        report = reports[row["id"]]
        if isinstance(report, Report):
            for result in report.functions:
                yield row, result


def test_every_file_that_holds_python_is_graded(reports: dict[str, Report | SubmissionError]) -> None:
    refused = {name: str(r) for name, r in reports.items() if isinstance(r, SubmissionError)}
    assert all("HTML page" in message for message in refused.values()), refused
    assert len(refused) <= 2
    assert all(r.status == "graded" for r in reports.values() if isinstance(r, Report))


def test_the_verdicts_agree_function_by_function(
    reports: dict[str, Report | SubmissionError], capsys: pytest.CaptureFixture[str]
) -> None:
    total, differing = 0, {}
    for row, result in graded(reports):
        total += 1
        if (problem := agreement(row, result)) is not None:
            differing[row["id"], result.name] = problem
    with capsys.disabled():
        print(f"\ncorpus: {total - len(differing)} of {total} verdicts agree; explained: {sorted(differing)}")
    assert total > 4 * 60
    assert {k: v for k, v in differing.items() if k not in EXPLAINED} == {}


def test_no_right_function_loses_points_or_is_diagnosed(reports: dict[str, Report | SubmissionError]) -> None:
    for row, result in graded(reports):
        if not row[f"ref123_{result.name}"].startswith("ok"):
            continue
        assert has_full(result), (row["id"], result.name, result.detail)
        ids = {d.id for d in result.diagnoses}
        if result.status is Status.CORRECT:
            assert not ids, (row["id"], result.name)
        else:  # only pad = 0 was wrong
            assert ids <= {"minus-pad-slice-empty"}, (row["id"], result.name, ids)


@pytest.mark.full
def test_another_secret_gives_the_same_verdicts(
    reports: dict[str, Report | SubmissionError], conv: Pack, runner: Runner
) -> None:
    cases = prepare(conv, b"second secret")
    for row in rows():
        first = reports[row["id"]]
        if not isinstance(first, Report):
            continue
        second = grade(read_submission(CORPUS / row["file"]), conv, cases, runner, Options(diagnose=False))
        assert first.environment.cases != second.environment.cases
        assert [(f.name, f.status, f.score) for f in first.functions] == [
            (f.name, f.status, f.score) for f in second.functions
        ], row["id"]
