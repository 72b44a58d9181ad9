"""A headless Chromium for the tests of pages, and what it saw of one.

Set up by the test environment, and skipped with a reason where it is missing:

* Chromium: ``apt-get install chromium`` (or ``CHROMIUM`` names another binary);
* Playwright's Python package (its own browsers are not needed);
* axe-core: ``npm install --prefix DIR axe-core``, and ``GRADER_AXE_DIR=DIR``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PHONE, DESKTOP = 360, 1280


@dataclass
class Visit:
    """What happened while a page was open."""

    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    title: str = ""
    pwned: object = None
    overflow: int = 0
    violations: list[str] = field(default_factory=list)


class Browser:
    """One Chromium for a whole test module."""

    def __init__(self, chromium: Any, axe: str | None) -> None:
        self._chromium, self._axe = chromium, axe
        self._contexts: dict[tuple[bool, bool], Any] = {}

    def visit(
        self, path: Path, *widths: int, dark: bool = False, policy: bool = True, axe: bool = False
    ) -> Visit:
        """Open the page, unfold everything, go through it at each width, click nothing that leaves it.

        Without ``policy`` the page's content security policy is not enforced: what then keeps it
        harmless is that nothing harmful is in it.
        """
        visit = Visit()
        page = self._context(dark, policy).new_page()
        page.set_viewport_size({"width": widths[0], "height": 800})
        page.on("console", lambda message: visit.console.append(message.text))
        page.on("pageerror", lambda error: visit.console.append(str(error)))
        page.on("dialog", lambda dialog: (visit.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: visit.requests.append(request.url))
        page.goto(path.as_uri(), wait_until="load")
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        focusable = "a, summary, input, button, [tabindex], [autofocus]"
        page.evaluate(f"document.querySelectorAll('{focusable}').forEach(e => e.focus())")
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
            wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            visit.overflow = max(visit.overflow, wider)
        visit.title = page.title()
        visit.pwned = page.evaluate("window.pwned ?? null")
        if axe:
            visit.violations = self._violations(page)
        page.close()
        visit.requests = [
            url for url in visit.requests if url != path.as_uri() and not url.startswith("data:")
        ]
        return visit

    def _context(self, dark: bool, policy: bool) -> Any:
        if (dark, policy) not in self._contexts:
            self._contexts[dark, policy] = self._chromium.new_context(
                color_scheme="dark" if dark else "light", bypass_csp=not policy
            )
        return self._contexts[dark, policy]

    def _violations(self, page: Any) -> list[str]:
        if self._axe is None:
            pytest.skip("axe-core is not installed: npm install --prefix DIR axe-core, GRADER_AXE_DIR=DIR")
        page.evaluate(self._axe)
        found = page.evaluate(
            "axe.run(document, {resultTypes: ['violations'], preload: false, iframes: false})"
        )
        return [
            f"{v['impact']}: {v['id']} at {v['nodes'][0]['html'][:200]}"
            for v in found["violations"]
            if v["impact"] in ("serious", "critical")
        ]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """The browser, or a skip that says what is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    binary = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        pytest.skip("no Chromium: apt-get install chromium, or set CHROMIUM")
    script = Path(os.environ.get("GRADER_AXE_DIR", "")) / "node_modules" / "axe-core" / "axe.min.js"
    axe = script.read_text(encoding="utf-8") if script.is_file() else None
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield Browser(chromium, axe)
        finally:
            chromium.close()
