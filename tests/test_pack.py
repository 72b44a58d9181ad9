"""Packs: a folder becomes a checked, typed rubric, or a sentence says which field is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader.cases import prepare
from grader.errors import ConfigError, PackError
from grader.model import Visibility
from grader.pack import load_pack, read_page

RUBRIC = """
title: Doubling
functions:
  - name: double
    signature: double(x)
    points: 10
    returns: [{name: y}]
    groups: [{name: values, points: 7}, {name: seen, points: 3}]
"""
CASES = """
from grader.pack import hidden, public
def double_cases():
    yield public("one", lambda rng: (1.0,), "seen")
    yield hidden("some", lambda rng: (rng.random(3),), "values", weight=6)
    yield hidden("more", lambda rng: [(rng.random(2),), (rng.random(2),)], "values", weight=1)
"""


def make(
    folder: Path, rubric: str = RUBRIC, cases: str = CASES, reference: str = "def double(x): return 2 * x"
) -> Path:
    pack = folder / "assignments" / "doubling"
    pack.mkdir(parents=True)
    (pack / "assignment.yaml").write_text(rubric, encoding="utf-8")
    (pack / "cases.py").write_text(cases, encoding="utf-8")
    (folder / "reference").mkdir()
    (folder / "reference" / "doubling.py").write_text(reference, encoding="utf-8")
    return pack


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("points: 10", "point: 10", "functions[0].point: unknown key; did you mean 'points'?"),
        ("    points: 10\n", "", "functions[0].points: missing"),
        ("points: 10", "points: -1", "functions[0].points: expected"),
        ("points: 3}", "points: 4}", "functions[0].groups: the groups' points add up to 11, expected 10"),
        ("returns: [{name: y}]", "returns: []", "functions[0].returns: expected at least one output"),
        ("returns:", "helpers: [triple]\n    returns:", "functions[0].helpers: 'triple' is not a function"),
        ("name: double\n", "name: not a name\n", "functions[0].name: 'not a name' is not a Python name"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_pack(make(tmp_path, RUBRIC.replace(old, new)))
    assert says in str(raised.value)
    assert "assignment.yaml" in str(raised.value)


def test_a_folder_without_a_rubric_is_no_assignment(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected a file assignment\.yaml"):
        load_pack(tmp_path)


@pytest.mark.parametrize(
    ("cases", "kind", "says"),
    [
        ("", ConfigError, "expected a function called double_cases"),
        (CASES.replace('"seen"', '"sen"'), ConfigError, "in group 'sen'"),
        (CASES.replace('"more"', '"some"'), PackError, "two cases have one name"),
        (CASES.replace("rng.random(3)", "rng.nonsense(3)"), PackError, "case 'some': AttributeError"),
        ("1/0", PackError, "ZeroDivisionError"),
    ],
)
def test_a_faulty_case_file_is_the_packs_error(tmp_path: Path, cases: str, kind: type, says: str) -> None:
    with pytest.raises(kind) as raised:
        prepare(load_pack(make(tmp_path, cases=cases)), None)
    assert says in str(raised.value)


def test_a_failing_reference_is_the_packs_error(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="the reference: ValueError: no"):
        prepare(load_pack(make(tmp_path, reference="def double(x): raise ValueError('no')")), None)


def test_points_follow_group_and_weight(tmp_path: Path) -> None:
    prepared = prepare(load_pack(make(tmp_path)), None).functions["double"]
    assert [p.case.points for p in prepared] == [3.0, 6.0, 1.0]


def test_values_depend_on_secret_and_variation_but_public_ones_do_not(tmp_path: Path) -> None:
    pack = load_pack(make(tmp_path))
    sets = [prepare(pack, b"a"), prepare(pack, b"b"), prepare(pack, b"a", "x"), prepare(pack, b"a")]
    some = [s.functions["double"][1].case.inputs[0] for s in sets]
    assert not np.array_equal(some[0], some[1])
    assert not np.array_equal(some[0], some[2])
    assert np.array_equal(some[0], some[3])
    assert [s.functions["double"][0].case.inputs for s in sets] == [(1.0,)] * 4
    assert len({s.fingerprint for s in sets}) == 2


def test_a_hidden_case_does_not_show_its_inputs_when_printed(tmp_path: Path) -> None:
    for prepared in prepare(load_pack(make(tmp_path)), None).functions["double"]:
        hidden = prepared.case.visibility is Visibility.HIDDEN
        assert ("<hidden>" in repr(prepared.case)) == hidden


def test_the_digest_follows_what_decides_a_mark(tmp_path: Path) -> None:
    folder = make(tmp_path)
    before = load_pack(folder).digest
    (folder / "cases.py").write_text(CASES + "\n# changed", encoding="utf-8")
    assert load_pack(folder).digest != before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no header", "expected a header between two lines of ---"),
        ("---\nid: [\n---\nbody", "not valid YAML"),
        (
            "---\nid: other\ntitle: t\nidea: i\nfunctions: []\nsummary: s\nquestion: q\n---\nbody",
            "expected 'page'",
        ),
        ("---\nid: page\n---\nbody", "title: missing"),
    ],
)
def test_a_wrong_page_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"page\.md") as raised:
        read_page(path)
    assert says in str(raised.value)
