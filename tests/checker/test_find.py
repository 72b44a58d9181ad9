"""Which checks belong to a notebook: those beside it, and of several the ones that it names."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from grader.checker.find import find_checks
from grader.errors import ConfigError


@pytest.fixture
def two(checks_folder: Path, tmp_path: Path) -> Path:
    """A folder with the checks of two assignments."""
    folder = tmp_path / "checks"
    shutil.copytree(checks_folder, folder)
    data = json.loads((folder / "conv_step_by_step.json").read_text(encoding="utf-8"))
    data |= {"assignment": "padding", "functions": data["functions"][:1]}
    (folder / "padding.json").write_text(json.dumps(data), encoding="utf-8")
    shutil.copy(folder / "conv_step_by_step.npz", folder / "padding.npz")
    return folder


def test_without_any_it_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no public checks in .*checks: keep the folder 'checks'"):
        find_checks(tmp_path, {})


def test_of_several_that_fit_it_does_not_guess(two: Path) -> None:
    with pytest.raises(ConfigError, match=r"several assignments \(conv_step_by_step.json, padding.json\)"):
        find_checks(two.parent, {})
    with pytest.raises(ConfigError, match="say which file to use"):
        find_checks(two.parent, {}, None, ["zero_pad"])


def test_they_are_found_beside_the_notebook_and_above_it(checks_folder: Path) -> None:
    deep = checks_folder.parent / "a" / "b"
    deep.mkdir(parents=True)
    for start in (checks_folder.parent, deep):
        assert find_checks(start, {}).assignment == "conv_step_by_step"


def test_the_notebook_s_own_name_decides_then_the_function_asked_for(two: Path) -> None:
    named = {"grader": {"assignment": "padding"}}
    assert find_checks(two.parent, named).assignment == "padding"
    assert find_checks(two.parent, {}, None, ["conv_forward"]).assignment == "conv_step_by_step"


def test_a_file_or_a_folder_can_be_given(two: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert find_checks(elsewhere, {}, two / "padding.json").assignment == "padding"
    assert find_checks(elsewhere, {"grader": {"assignment": "padding"}}, two).assignment == "padding"
    with pytest.raises(ConfigError, match="no public checks in"):
        find_checks(two.parent, {}, elsewhere)
