"""The catalogues of the two smaller packs keep the rules of the first one's: complete, true, and no answers.

What a page must look like, and how its arithmetic is worked out again, is defined beside the first catalogue.
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from grader.pack import Misconception, Pack, load_pack
from tests.packs.test_conv_catalogue import (
    GIVEN_AWAY,
    IDEA_SECTIONS,
    SECTIONS,
    equations,
    prose,
    sections,
)

ROOT = Path(__file__).resolve().parents[2]
PACKS = [load_pack(ROOT / "assignments" / name) for name in ("pooling_step_by_step", "dot_or_convolution")]
#: What the engine can report without a model, where the pack has the page.
BEHAVIOURS = {
    "input-changed",
    "state-between-calls",
    "random-answer",
    "answer-for-the-visible-example",
    "not-a-number",
}


class Text(NamedTuple):
    """A page with its pack."""

    pack: Pack
    page: Misconception


TEXTS = [Text(pack, page) for pack in PACKS for page in pack.misconceptions.values()]
IDEAS = [path for pack in PACKS for path in sorted((pack.folder / "misconceptions" / "ideas").glob("*.md"))]

every_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
every_page = pytest.mark.parametrize("text", TEXTS, ids=lambda t: f"{t.pack.name}/{t.page.id}")
every_path = pytest.mark.parametrize(
    "path", [*(t.page.path for t in TEXTS), *IDEAS], ids=lambda p: f"{p.parts[-3]}/{p.stem}"
)


@every_pack
def test_every_belief_that_can_be_reported_has_a_page_for_its_function(pack: Pack) -> None:
    pages = pack.misconceptions
    missing = {
        f"{m.label} for {m.function}"
        for m in pack.fault_models
        if m.misconception not in pages or m.function not in pages[m.misconception].functions
    }
    assert missing == set()
    assert set(pages) >= BEHAVIOURS


@every_pack
def test_every_page_has_a_model_or_a_behaviour_and_every_variant_one_that_exists(pack: Pack) -> None:
    known = {(m.misconception, m.variant) for m in pack.fault_models}
    ids = {page for page, _ in known} | BEHAVIOURS | {"exception-swallowed"}
    assert set(pack.misconceptions) == ids
    assert {(p.id, v) for p in pack.misconceptions.values() for v in p.variants} <= known


@every_pack
def test_every_idea_has_pages_and_every_page_an_idea(pack: Pack) -> None:
    ideas = {path.stem for path in (pack.folder / "misconceptions" / "ideas").glob("*.md")}
    assert {page.idea for page in pack.misconceptions.values()} == ideas


@every_pack
@pytest.mark.parametrize("field", ["title", "summary", "question"])
def test_no_two_pages_say_the_same(pack: Pack, field: str) -> None:
    said = [getattr(page, field) for page in pack.misconceptions.values()]
    assert [text for text in set(said) if said.count(text) > 1] == []


@every_page
def test_the_header_is_a_belief_one_sentence_and_one_question(text: Text) -> None:
    page = text.page
    assert page.title[0].isupper()
    assert not page.title.endswith((".", "?", "!"))
    assert 3 <= len(page.title.split()) <= 20
    assert list(page.functions) == [name for name in text.pack.wanted if name in page.functions]
    for summary in (page.summary, *page.variants.values()):
        assert "{function}" in summary
        assert summary.endswith(".")
        assert not re.search(r"[.!?] [A-Z]", summary), f"more than one sentence: {summary}"
        assert 6 <= len(summary.split()) <= 40
    assert page.question.endswith("?")
    assert page.question.count("?") == 1
    assert page.question.strip() != sections(page.body)["A question to ask"].strip()


@every_page
def test_the_body_has_its_four_sections_and_works_its_reason_out(text: Text) -> None:
    found = sections(text.page.body)
    assert found.pop("").strip() == ""
    assert list(found) == SECTIONS
    for name, least in zip(SECTIONS, (5, 40, 20, 5), strict=True):
        assert len(found[name].split()) >= least, f"{name!r} has too few words"
    assert "?" in found["A question to ask"]
    assert 110 <= len(text.page.body.split()) <= 340
    reason = found["Why it does not hold"]
    assert re.search(r"\b[234]×[234]\b|\[\[", reason), "no small example"
    assert any(equations(reason)) or "[[" in reason, "nothing is worked out"


@pytest.mark.parametrize("path", IDEAS, ids=lambda p: f"{p.parts[-4]}/{p.stem}")
def test_an_idea_page_answers_its_question(path: Path) -> None:
    _, header, body = path.read_text(encoding="utf-8").split("---\n", 2)
    data = yaml.safe_load(header)
    assert set(data) == {"id", "title", "order", "summary"}
    assert data["id"] == path.stem
    assert data["title"].endswith("?")
    found = sections(body)
    assert found.pop("").strip() == ""
    assert list(found) == IDEA_SECTIONS
    assert "?" in found["The question"]
    assert len(found["The short answer"].split()) >= 40


@every_path
def test_every_equation_is_true_and_every_example_prints_what_is_shown(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for source, left, right in equations(prose(text)):
        assert left == pytest.approx(right), source
    examples = re.findall(r"^```python\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?", text, flags=re.M | re.S)
    assert examples
    assert len(examples) == text.count("```python")
    for code, shown in examples:
        printed = io.StringIO()
        with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
            exec(compile(code, str(path), "exec"), {"__name__": "example"})
        assert printed.getvalue() == shown != ""


@every_path
def test_no_page_tells_the_answer(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [p for p in GIVEN_AWAY if re.search(p, text, flags=re.I)] == []
