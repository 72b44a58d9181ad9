"""The page about a whole class: what was hard, what was believed, who fails alike, what to look at.

It is the instructor's alone: it names students and hidden cases. It has the look of the reports, and
like them no script and nothing from outside. Every number comes with its word; a bar is never the only
place where a value stands.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from grader.report.html.notebook import TEMPLATES
from grader.report.words import clean, points

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True, slots=True)
class Link:
    """A student's report: what it is called, and where it is, seen from the page."""

    text: str
    path: str

    @property
    def href(self) -> str:
        """The path as an address."""
        return quote(self.path)


@dataclass(frozen=True, slots=True)
class Bar:
    """One interval of the scores: from ``low`` up to but not including ``high`` (the last: including)."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """How the class did on one function; ``statuses`` counts hand-ins by status."""

    name: str
    max_score: float
    lost: float  # points that a hand-in lost on average
    statuses: tuple[tuple[str, int], ...]
    follow_through: int  # hand-ins that keep points because a helper is to blame


@dataclass(frozen=True, slots=True)
class CaseRow:
    """How the class did on one case."""

    function: str
    name: str
    group: str
    hidden: bool
    lost: float
    failed: int
    outcomes: tuple[tuple[str, int], ...]  # how it failed


@dataclass(frozen=True, slots=True)
class Examples:
    """Some of the hand-ins that have something in common."""

    count: int
    shown: tuple[Link, ...]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.shown)


@dataclass(frozen=True, slots=True)
class MisconceptionRow:
    """A misconception: in which functions it was found, how often, how often likely."""

    id: str
    title: str
    functions: tuple[str, ...]
    likely: int
    examples: Examples


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """Hand-ins whose function fails in the same way, and no known misconception says why."""

    id: str
    function: str
    name: str  # given by the instructor
    text: str
    examples: Examples


@dataclass(frozen=True, slots=True)
class AlikeRow:
    """Hand-ins that are written alike: in ``files`` different files, in ``texts`` different wordings."""

    files: int
    texts: int
    size: int  # nodes of the syntax trees
    examples: Examples

    @property
    def how(self) -> str:
        """In which way they are alike."""
        if self.files == 1:
            return "the same file"
        if self.texts == 1:
            return "the same functions"
        return "the same but for names, comments and layout"


@dataclass(frozen=True, slots=True)
class TimedRow:
    """A slow hand-in."""

    link: Link
    seconds: float


@dataclass(frozen=True, slots=True)
class UngradedRow:
    """A hand-in without marks and why."""

    link: Link
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the catalogue, as Markdown."""

    id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class ClassReport:
    """All that the page says."""

    assignment: str
    title: str
    graded: int
    max_score: float
    mean: float
    quartiles: tuple[float, float, float]
    bars: tuple[Bar, ...]
    functions: tuple[FunctionRow, ...]
    cases: tuple[CaseRow, ...]
    misconceptions: tuple[MisconceptionRow, ...]
    clusters: tuple[ClusterRow, ...]
    alike: tuple[AlikeRow, ...]
    slowest: tuple[TimedRow, ...]
    ungraded: tuple[UngradedRow, ...]
    ungraded_count: int
    pages: tuple[Page, ...]
    footer: str

    @property
    def total(self) -> int:
        """All hand-ins."""
        return self.graded + self.ungraded_count

    @property
    def tallest(self) -> int:
        """The hand-ins in the fullest interval."""
        return max((bar.count for bar in self.bars), default=0)


def render(report: ClassReport) -> str:
    """The page."""
    style = _style()
    return (
        _environment()
        .get_template("class.html.j2")
        .render(
            r=report,
            pages=[(page, _body(page)) for page in report.pages],
            known={page.id for page in report.pages},
            style=style,
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        )
    )


def _body(page: Page) -> str:
    """A page of the catalogue, its headings below those of the class page."""
    from grader.report.html.clean import Cleaner, Headings
    from grader.report.html.notebook import to_html

    return Cleaner(headings=Headings(last=2, lowest=3)).clean(to_html(page.body, {}))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["clean"] = clean
    env.filters["points"] = points
    return env


@cache
def _style() -> str:
    folder = TEMPLATES.parent
    return "".join((folder / name).read_text(encoding="utf-8") for name in ("style.css", "class.css"))
