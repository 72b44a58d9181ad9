"""What a real browser makes of the pages: nothing runs, nothing leaves, nothing is cut off."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from grader.model import Report
from grader.report.audience import Audience
from grader.report.html import render

from .browser import DESKTOP, PHONE, Browser, open_browser
from .hostile import HOSTILE, JS
from .samples import all_right, followed_through, not_graded, rich, unfinished

pytestmark = pytest.mark.browser

SAMPLES: dict[str, Callable[[], Report]] = {
    "mistakes of every kind": rich,
    "everything right": all_right,
    "followed through": followed_through,
    "unfinished": unfinished,
    "not graded": not_graded,
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "page.html"
    path.write_text(text, encoding="utf-8", errors="replace")
    return path


#: Every sample as a student gets it, and the one that holds everything as an instructor does.
PAGES = [pytest.param(make, Audience.STUDENT, id=name) for name, make in SAMPLES.items()]
PAGES.append(pytest.param(rich, Audience.INSTRUCTOR, id="mistakes of every kind, for an instructor"))


@pytest.mark.parametrize(("sample", "audience"), PAGES)
def test_a_page_is_quiet_and_fits_a_phone_and_a_desk(
    sample: Callable[[], Report], audience: Audience, browser: Browser, tmp_path: Path
) -> None:
    visit = browser.visit(written(tmp_path, render(sample(), audience)), PHONE, DESKTOP)
    assert (visit.console, visit.requests) == ([], [])
    assert visit.overflow <= 0


@pytest.mark.parametrize(
    ("width", "dark"), [(PHONE, True), (DESKTOP, False)], ids=["phone in the dark", "desktop by day"]
)
@pytest.mark.parametrize(("sample", "audience"), PAGES)
def test_axe_finds_nothing_serious(
    sample: Callable[[], Report], audience: Audience, width: int, dark: bool, browser: Browser, tmp_path: Path
) -> None:
    # axe is a script: it can only be run where the page's policy is not enforced.
    visit = browser.visit(
        written(tmp_path, render(sample(), audience)), width, dark=dark, policy=False, axe=True
    )
    assert visit.violations == []


def test_axe_does_find_what_is_serious(browser: Browser, tmp_path: Path) -> None:
    page = render(rich(), Audience.STUDENT).replace("</main>", "<img src='data:,'><button></button></main>")
    visit = browser.visit(written(tmp_path, page), DESKTOP, policy=False, axe=True)
    assert len(visit.violations) == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_notebook_runs_nothing(name: str, browser: Browser, tmp_path: Path) -> None:
    """Neither under the page's policy, which then has nothing to complain of, nor without it."""
    page = written(tmp_path, render(rich(submission=HOSTILE[name]()), Audience.INSTRUCTOR))
    for policy in (True, False):
        visit = browser.visit(page, PHONE, policy=policy)
        assert (visit.dialogs, visit.pwned, visit.console, visit.requests) == ([], None, [], [])
        assert visit.title.startswith("36 of 100 points")
        assert visit.overflow <= 0


def test_hostile_texts_of_a_report_run_nothing(browser: Browser, tmp_path: Path) -> None:
    evil = f"</title></style></code><script>{JS}</script><img src=x onerror='{JS}'>" + "w" * 3_000
    report = rich()
    functions = tuple(
        replace(f, detail=evil, cases=tuple(replace(r, detail=evil) for r in f.cases))
        for f in report.functions
    )
    report = replace(report, title=evil, functions=functions)
    for audience in Audience:
        visit = browser.visit(written(tmp_path, render(report, audience)), PHONE, policy=False)
        assert (visit.dialogs, visit.pwned, visit.console, visit.requests) == ([], None, [], [])
        assert visit.overflow <= 0


def test_the_same_attack_works_on_a_page_without_defence(browser: Browser, tmp_path: Path) -> None:
    """Else the tests above would prove nothing."""
    page = f"<!doctype html><title>x</title><img src=x onerror={json.dumps(JS)}>"
    visit = browser.visit(written(tmp_path, page), PHONE)
    assert visit.dialogs == ["1"]
    assert visit.pwned == 1
    assert "https://evil.example/" in visit.requests
