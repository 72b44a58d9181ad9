"""The student's page of every hand-in of every assignment, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cases import CaseSet, prepare
from grader.notebook import read_submission
from grader.pack import Pack, load_pack
from grader.pipeline import grade
from grader.report.audience import Audience
from grader.report.html import render
from grader.sandbox import Runner, open_runner

from .browser import DESKTOP, PHONE, Browser, open_browser

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
HAND_INS = sorted(
    path
    for path in (ROOT / "assignments").glob("*/submissions/**/*")
    if path.suffix in (".ipynb", ".py", ".md") and path.is_file()
)

#: axe takes longer than all the rest, and the right programs of a bank get the same page, full marks
#: over other code: of those it sees two of each folder.
WITH_AXE = {
    path
    for path in HAND_INS
    if not path.parent.name.startswith("right")
    or path in [other for other in HAND_INS if other.parent == path.parent][:2]
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def packs() -> dict[str, tuple[Pack, CaseSet]]:
    found = {}
    for name in {path.relative_to(ROOT / "assignments").parts[0] for path in HAND_INS}:
        pack = load_pack(ROOT / "assignments" / name, ROOT / "reference")
        found[name] = (pack, prepare(pack, b"a secret of the tests"))
    return found


@pytest.fixture(scope="module")
def runners(packs: dict[str, tuple[Pack, CaseSet]]) -> Iterator[dict[tuple[str, ...], Runner]]:
    opened: dict[tuple[str, ...], Runner] = {}
    try:
        for pack, _ in packs.values():
            if pack.allowed_imports not in opened:
                runner = open_runner("auto", allowed_imports=pack.allowed_imports)
                opened[pack.allowed_imports] = runner.__enter__()
        yield opened
    finally:
        for runner in opened.values():
            runner.close()


@pytest.mark.parametrize("path", HAND_INS, ids=lambda p: str(p.relative_to(ROOT / "assignments")))
def test_its_page_is_quiet_fits_and_can_be_used_by_everybody(
    path: Path,
    browser: Browser,
    packs: dict[str, tuple[Pack, CaseSet]],
    runners: dict[tuple[str, ...], Runner],
    tmp_path: Path,
) -> None:
    pack, cases = packs[path.relative_to(ROOT / "assignments").parts[0]]
    report = grade(read_submission(path), pack, cases, runners[pack.allowed_imports])
    page = tmp_path / "page.html"
    page.write_text(render(report, Audience.STUDENT), encoding="utf-8")
    visit = browser.visit(page, PHONE, DESKTOP)
    assert (visit.console, visit.requests) == ([], [])
    assert visit.overflow <= 0
    if path in WITH_AXE:
        assert browser.visit(page, PHONE, policy=False, axe=True).violations == []
