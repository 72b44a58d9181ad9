"""``scores.csv``: one line a hand-in, the same columns whatever became of it, no formula in it."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from grader.batch.scores import lines
from grader.batch.task import FunctionLine, Summary, encode
from grader.store import HandIn
from tests.batch.fakes import FACTS


def hand_in(label: str, **more: str) -> HandIn:
    values = {"name": f"{label}.py", "student": label, **more}
    return HandIn(label=label, path="", member="", sha256="ab", key="k", **values)


def table(*rows: tuple[HandIn, Summary | None]) -> list[dict[str, str]]:
    text = list(lines(FACTS, ((h, encode(s) if s is not None else None) for h, s in rows)))
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in text)
    return list(csv.DictReader(text))


def summary(status: Any = "graded", score: float = 7.0, verdict: str = "partial") -> Summary:
    function = FunctionLine("f", verdict, score, 10.0, False, ("kernel-flipped", "pad-skipped"), "cw")
    return Summary(status, "because", score, 10.0, 1.25, (function,))


def test_a_graded_hand_in_has_its_points_and_diagnoses() -> None:
    [row] = table((hand_in("ada"), summary()))
    assert row == {
        "student": "ada",
        "report": "ada",
        "submission": "ada.py",
        "sha256": "ab",
        "assignment": "fake",
        "status": "graded",
        "score": "7",
        "max_score": "10",
        "percent": "70",
        "f": "7",
        "f max": "10",
        "f status": "partial",
        "f diagnosis": "kernel-flipped pad-skipped",
    }


@pytest.mark.parametrize("status", ["not_graded", "unreadable", None])
def test_what_has_no_mark_has_no_points_but_all_columns(status: str | None) -> None:
    [row] = table((hand_in("ada"), summary(status, verdict="not_graded") if status else None))
    assert row["status"] == "not_graded"
    assert row["score"] == row["percent"] == row["f"] == ""
    assert None not in row.values()


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", '=HYPERLINK("http://x")'])
def test_no_name_is_a_formula(name: str) -> None:
    [row] = table((hand_in(name, student=name), summary()))
    assert row["student"].startswith("'")
    assert row["submission"].startswith("'")


def test_names_with_commas_quotes_and_lines_stay_one_cell() -> None:
    [row] = table((hand_in("x", student='Lovelace, "Ada"\nKing'), summary()))
    assert row["student"] == 'Lovelace, "Ada" King'
