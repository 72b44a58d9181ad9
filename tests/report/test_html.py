"""The page: what it says, where it says it, and what it must never hold."""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from msgspec.structs import replace

from grader.model import (
    Cell,
    Definition,
    DefinitionState,
    Diagnosis,
    Level,
    Note,
    Place,
    Report,
    Submission,
)
from grader.report.audience import Audience
from grader.report.html import render

from .hostile import HOSTILE, JS, PNG, displayed, huge_outputs, with_cells
from .samples import (
    FORWARD,
    HIDDEN,
    SINGLE_STEP,
    ZERO_PAD,
    alice,
    all_right,
    followed_through,
    not_graded,
    rich,
    unfinished,
)

STUDENT, INSTRUCTOR = Audience.STUDENT, Audience.INSTRUCTOR

#: Every element that a page may hold.
ALLOWED = frozenset(
    {
        *("html", "head", "meta", "title", "link", "style", "body", "header", "main", "footer", "section"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "span", "a", "b", "i", "em", "strong", "s", "u"),
        *("code", "kbd", "pre", "mark", "sub", "sup", "del", "small", "br", "hr", "blockquote", "img"),
        *("ul", "ol", "li", "dl", "dt", "dd", "figure", "figcaption", "details", "summary"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    }
)
HANDLERS = ("style", "srcset", "srcdoc", "action", "formaction", "ping", "background")


class Page(HTMLParser):
    """A page taken apart: its elements with their attributes, headings, and text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[int, str]] = []
        self.words: list[str] = []
        self._heading = 0
        self._style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._style = tag == "style"
        if re.fullmatch("h[1-6]", tag):
            self._heading = int(tag[1])
            self.headings.append((self._heading, ""))

    def handle_endtag(self, tag: str) -> None:
        self._style = False
        if re.fullmatch("h[1-6]", tag):
            self._heading = 0

    def handle_data(self, data: str) -> None:
        if self._style:
            return
        self.words.append(data)
        if self._heading:
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]


def page(report: Report, audience: Audience = STUDENT) -> Page:
    return Page(render(report, audience))


def assert_harmless(found: Page) -> None:
    """No element, attribute or address beyond those the page itself needs."""
    assert {tag for tag, _ in found.elements} <= ALLOWED
    assert len(found.all("style")) == len(found.all("link")) == len(found.all("title")) == 1
    assert len(found.all("meta")) == 6
    for tag, attributes in found.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("style", "srcset", "srcdoc", "action", "formaction", "ping", "background"), (
                tag
            )
            if name == "href" and tag == "a":
                assert re.match(r"(https?://|mailto:|#(feedback-\w+|cell-\d+|first)$)", value or ""), value
            if name == "src":
                assert re.match(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=]*$", value or ""), value


# --------------------------------------------------------------------------- untrusted content


@pytest.fixture(scope="module")
def hostile_pages() -> dict[str, str]:
    return {name: render(rich(submission=make()), STUDENT) for name, make in HOSTILE.items()}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_notebook_leaves_nothing_in_the_page(name: str, hostile_pages: dict[str, str]) -> None:
    assert_harmless(Page(hostile_pages[name]))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_notebook_is_shown_as_a_notebook_and_graded_like_any(
    name: str, hostile_pages: dict[str, str]
) -> None:
    """It did not make us fall back to showing the code alone, and all feedback is in the page."""
    found = Page(hostile_pages[name])
    ids = [a.get("id") for _, a in found.elements]
    for function in ("zero_pad", "conv_single_step", "conv_forward", "conv_backward"):
        assert ids.count(f"feedback-{function}") == 1
    assert (
        "without a graded function" in found.text
        or 'class="cell foreign"' in hostile_pages[name]
        or (ids.count("cell-6") == 1)
    )


def test_the_check_for_harmless_pages_does_find_harm() -> None:
    good = render(rich(), STUDENT)
    for harm in (
        f"<script>{JS}</script>",
        "<p onclick='x'>",
        "<a href='javascript:x'>",
        "<img src='https://x.org/'>",
    ):
        with pytest.raises(AssertionError):
            assert_harmless(Page(good.replace("</main>", f"{harm}</main>")))


def test_every_text_of_a_report_is_escaped() -> None:
    evil = f"</code></p><script>{JS}</script><img src=x onerror='{JS}'>`<b>`"
    report = rich()
    functions = tuple(
        replace(
            f,
            detail=evil,
            blamed=(evil,),
            follow_through=True,
            findings=(Note(Level.INFO, evil),),
            diagnoses=tuple(
                replace(d, summary=evil, title=evil, question=evil, id=evil, variant=evil)
                for d in f.diagnoses
            ),
            cases=tuple(
                replace(r, detail=evil, case=replace(r.case, name=evil, group=evil, meaning=evil))
                for r in f.cases
            ),
        )
        for f in report.functions
    )
    environment = replace(report.environment, python=evil, mechanisms=(evil,), platform=evil, pack=evil)
    report = replace(
        report,
        functions=functions,
        title=evil,
        notes=(Note(Level.ERROR, evil, Place(1, 1)),),
        environment=environment,
        submission=replace(report.submission, name=evil),
    )
    for audience in Audience:
        assert_harmless(page(report, audience))
    assert_harmless(page(replace(report, status="not_graded", reason=evil), INSTRUCTOR))


def test_a_notebook_cannot_dress_up_as_feedback() -> None:
    found = render(rich(submission=HOSTILE["style"]()), STUDENT)
    assert found.count('class="feedback correct"') == 1  # zero_pad's own
    ids = [
        a["id"]
        for _, a in Page(render(rich(submission=HOSTILE["clobbering"]()), STUDENT)).elements
        if "id" in a
    ]
    assert len(ids) == len(set(ids))


def test_a_picture_of_the_notebook_is_shown() -> None:
    found = page(rich(submission=displayed({"image/png": PNG, "text/plain": "<Figure>"})))
    assert [a["src"] for a in found.all("img")] == [f"data:image/png;base64,{PNG}"] * 2


def test_the_one_attachment_that_is_a_picture_is_shown() -> None:
    found = page(rich(submission=HOSTILE["attachments"]()))
    assert [(a["src"], a["alt"]) for a in found.all("img")] == [(f"data:image/png;base64,{PNG}", "ok")]
    assert "[picture not shown: d]" in found.text


# --------------------------------------------------------------------------- the page itself


def test_the_page_allows_itself_nothing_but_its_own_style() -> None:
    text = render(rich(), STUDENT)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    (policy,) = (a["content"] for a in Page(text).all("meta") if "http-equiv" in a)
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("sample", [rich, all_right, followed_through, unfinished, not_graded])
@pytest.mark.parametrize("audience", list(Audience))
def test_headings_are_in_order(sample: object, audience: Audience) -> None:
    levels = [level for level, _ in page(sample(), audience).headings]  # type: ignore[operator]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_score_praise_and_the_first_thing_come_before_the_notebook() -> None:
    found = page(rich())
    assert [text for level, text in found.headings if level == 2] == [
        "At a glance",
        "What is right",
        "The first thing to look at",
        "Notes",
        "Your notebook, with feedback in its place",
    ]
    assert "36 of 100 points" in found.text
    assert "zero_pad: all 5 checks right" in found.text
    assert "conv_forward: shape and padding are right" in found.text


def test_feedback_stands_after_the_cell_of_its_function() -> None:
    text = render(rich(), STUDENT)
    order = [
        text.index(part)
        for part in (
            'id="cell-2"', 'id="feedback-zero_pad"', 'id="cell-3"', 'id="cell-4"',
            'id="feedback-conv_single_step"', 'id="cell-5"', 'id="feedback-conv_forward"', 'id="cell-6"',
            'id="feedback-conv_backward"',
        )
    ]  # fmt: skip
    assert order == sorted(order)


def test_the_line_that_is_pointed_at_has_a_sign_and_a_word() -> None:
    text = render(rich(), STUDENT)
    assert text.count("pointed at: ") == 3
    assert re.search(r"<mark>.*▸</span>3</span>.*bias inside the sum", text)


def test_a_diagnosis_comes_with_its_question_and_its_picture() -> None:
    text = page(rich()).text
    grids = "the window 01 012 134 × the kernel W 01 010 12−1 = their products 01 010 16−4 sum = the sum"
    assert "The bias is added before the sum Likely cause · bias-added-before-sum" in text
    assert "Question: Feed a window of zeros" in text
    assert grids in text
    assert "expected Z13 your Z✗ 43" in text


def test_hidden_checks_that_went_alike_share_a_line_for_a_student() -> None:
    assert "7 hidden checks of “gradients” ✗ exception: raised IndexError" in page(rich()).text


def test_an_instructor_sees_hidden_cases_prints_places_times_and_the_environment() -> None:
    report = rich()
    step = report.functions[1]
    cases = tuple(
        replace(r, replies=tuple(replace(reply, printed="secret print") for reply in r.replies))
        if r.case.visibility is HIDDEN
        else r
        for r in step.cases
    )
    report = replace(
        report, functions=(report.functions[0], replace(step, cases=cases), *report.functions[2:])
    )
    staff, student = page(report, INSTRUCTOR).text, page(report, STUDENT).text
    for part in (
        "Instructor’s copy.",
        "backward number 9 hidden",
        "float64: [[[[-1.5, -4. ], [-2. , -2.5]], [[ 4. , -3.5], [ 2.5, 2. ]]]]",
        "secret print",
        "Raised at (cell 6, line 12)",
        "2.1 ms",
        "87 fault models compared, variant “rows and columns”",
        "isolation: namespaces, seccomp, rlimits",
        "5c" * 32,
    ):
        assert part in staff
        assert part not in student


def test_when_everything_is_right_there_is_nothing_to_look_at() -> None:
    text = page(all_right()).text
    assert "100 of 100 points (100 %)" in text
    assert "Nothing left to look at Every function is right." in text


def test_follow_through_says_whose_mistake_it_is() -> None:
    assert "with a right conv_single_step in place of yours" in page(followed_through()).text


def test_what_is_not_found_is_said_above_the_notebook() -> None:
    report = unfinished()
    found = page(report)
    headings = [text for level, text in found.headings if level == 2]
    assert headings.index("Not found in the notebook") < headings.index(
        "Your notebook, with feedback in its place"
    )
    assert "There is conv_foward in cell 5." in found.text


def test_a_report_that_is_not_graded_shows_no_points() -> None:
    text = page(not_graded()).text
    assert "Not graded" in text
    assert "0 of" not in text


def test_what_stands_in_backticks_is_code_and_nothing_else_is_markup() -> None:
    text = render(rich(notes=(Note(Level.INFO, "`np.float` is <gone>"),)), STUDENT)
    assert "<code>np.float</code> is &lt;gone&gt;" in text


def test_the_same_report_gives_the_same_page() -> None:
    assert render(rich(), STUDENT) == render(rich(), STUDENT)


# --------------------------------------------------------------------------- other files than notebooks


def test_a_python_file_is_shown_as_code_with_feedback_after_each_function() -> None:
    source = "\n".join(
        ["import numpy as np", "", ZERO_PAD, "", SINGLE_STEP, "", FORWARD, "", "print('done')"]
    )
    lines = source.split("\n")

    def definition(name: str) -> Definition:
        start = lines.index(next(line for line in lines if line.startswith(f"def {name}"))) + 1
        node = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == name)
        return Definition(name, DefinitionState.DEFINED, Place(None, start), end_line=node.end_lineno)

    report = rich()
    functions = tuple(replace(f, definition=definition(f.name), diagnoses=()) for f in report.functions[:3])
    plain = Submission("a.py", "", "py", (Cell(source, None, 0),), raw=source.encode())
    report = replace(report, functions=functions, submission=plain, notes=())
    text = render(report, STUDENT)
    names = ("zero_pad", "conv_single_step", "conv_forward")
    order = [text.index(part) for name in names for part in (f"{name}</span>", f'id="feedback-{name}"')]
    order.append(text.index("done"))
    assert order == sorted(order)
    found = page(report)
    assert "Your code, with feedback in its place" in found.text
    numbers = re.findall(r'<span class="ln"> +(\d+)</span>', text)
    empty = {k for k, line in enumerate(lines, start=1) if not line}
    assert {int(n) for n in numbers} >= set(range(1, len(lines) + 1)) - empty
    assert [int(n) for n in numbers] == sorted({int(n) for n in numbers})
    assert_harmless(found)


def test_a_python_file_in_cells_gets_each_functions_feedback_after_its_own_cell() -> None:
    cells = (
        Cell("import numpy as np", None, 0, 2),
        Cell(ZERO_PAD, None, 1, 4),
        Cell(SINGLE_STEP, None, 2, 11),
    )
    cells += (Cell("print('done')", None, 3, 17),)
    file = Submission("a.py", "", "percent", cells, raw=b"# %%")
    report = rich()
    pad, step = (
        replace(
            f, diagnoses=(), definition=Definition(f.name, DefinitionState.DEFINED, Place(None, line), end)
        )
        for f, line, end in zip(report.functions[:2], (5, 12), (8, 15), strict=True)
    )
    text = render(replace(report, functions=(pad, step), submission=file, notes=()), STUDENT)
    parts = ["zero_pad</span>", 'id="feedback-zero_pad"', "conv_single_step</span>"]
    parts += ['id="feedback-conv_single_step"', "done"]
    order = [text.index(part) for part in parts]
    assert order == sorted(order)


def test_a_file_that_is_no_notebook_any_more_is_shown_as_its_code() -> None:
    broken = replace(alice(), raw=b"{not json")
    found = page(rich(submission=broken))
    assert "X_pad = np.pad(X" in found.text
    assert_harmless(found)


def test_a_notebook_of_the_third_version_is_shown() -> None:
    code = {"cell_type": "code", "input": ZERO_PAD, "language": "python", "outputs": [], "collapsed": False}
    old = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [
            {"cells": [{"cell_type": "heading", "level": 1, "source": "Old title"}, code], "metadata": {}}
        ],
    }
    notebook = Submission("old.ipynb", "", "ipynb", (Cell(ZERO_PAD, 1, 1),), raw=json.dumps(old).encode())
    report = rich()
    function = replace(
        report.functions[0], definition=Definition("zero_pad", DefinitionState.DEFINED, Place(1, 2))
    )
    text = render(replace(report, functions=(function,), submission=notebook, notes=()), STUDENT)
    assert text.index("Old title") < text.index('id="cell-1"') < text.index('id="feedback-zero_pad"')


# --------------------------------------------------------------------------- size


def test_twenty_megabytes_of_outputs_give_a_page_below_two(hostile_pages: dict[str, str]) -> None:
    assert len(huge_outputs().raw) > 20_000_000
    text = hostile_pages["huge outputs"]
    assert len(text.encode()) < 2_000_000
    assert "parts of this notebook left out here" in text
    assert "[the rest of this output is left out]" in text
    assert "200 more outputs are left out" in text


def test_graded_functions_are_shown_however_much_stands_before_them() -> None:
    filler = [{"cell_type": "markdown", "source": "word " * 3_000, "metadata": {}} for _ in range(200)]
    notebook = with_cells(*filler)
    content = json.loads(notebook.raw)
    functions, rest = content["cells"][1:5], content["cells"][5:]
    content["cells"] = [content["cells"][0], *rest, *functions]
    cells = (notebook.cells[0], *(replace(c, index=c.index + 200) for c in notebook.cells[1:]))
    moved = replace(notebook, raw=json.dumps(content).encode(), cells=cells)
    text = render(rich(submission=moved), STUDENT)
    assert len(text) < 2_000_000
    assert "parts of this notebook left out here" in text
    assert 'id="feedback-conv_backward"' in text
    assert "bias inside the sum" in text


def test_the_instructors_page_stays_readable_with_many_hidden_cases() -> None:
    report = rich()
    backward = report.functions[3]
    many = tuple(
        replace(r, case=replace(r.case, name=f"{r.case.name} {k}")) for k in range(30) for r in backward.cases
    )
    text = render(replace(report, functions=(replace(backward, cases=many),)), INSTRUCTOR)
    assert len(text) < 1_000_000


def test_a_diagnosis_without_a_twin_or_a_title_is_shown() -> None:
    report = rich()
    bare = Diagnosis("some-id", report.functions[1].diagnoses[0].certainty, "What is wrong.", "Why?")
    text = page(replace(report, functions=(replace(report.functions[1], diagnoses=(bare,)),))).text
    assert "What is wrong." in text
    assert "Question: Why?" in text
