"""Shared by all tests: the bundled pack, its cases for a test secret, and one warm sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.cases import CaseSet, prepare
from grader.model import Report
from grader.notebook import parse_submission
from grader.pack import Pack, load_pack
from grader.pipeline import grade
from grader.sandbox import Runner, open_runner

ROOT = Path(__file__).resolve().parents[1]
SECRET = b"a secret of the tests, not of any course"

Grade = Callable[..., Report]

#: What takes minutes and is left to CI: below the root of the checkout.
FULL = (
    "tests/attacks",
    "tests/faults",
    "tests/faults_pooling",
    "tests/packs/test_dot",
    "tests/packs/test_pooling",
    "tests/new",
    "tests/export",
    "tests/release",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is not part of the core."""
    for item in items:
        if item.path.relative_to(ROOT).as_posix().startswith(FULL):
            item.add_marker(pytest.mark.full)


@pytest.fixture(scope="session")
def conv() -> Pack:
    """The pack that the package grew up with."""
    return load_pack(ROOT / "assignments" / "conv_step_by_step", ROOT / "reference")


@pytest.fixture(scope="session")
def conv_cases(conv: Pack) -> CaseSet:
    """Its cases."""
    return prepare(conv, SECRET)


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    """A sandbox of the best tier that this machine offers."""
    with open_runner("auto") as opened:
        yield opened


@pytest.fixture(scope="session")
def grade_source(conv: Pack, conv_cases: CaseSet, runner: Runner) -> Grade:
    """Grades the text of a .py file against the convolution pack."""

    def run(source: str, name: str = "hand_in.py") -> Report:
        return grade(parse_submission(name, source.encode()), conv, conv_cases, runner)

    return run
