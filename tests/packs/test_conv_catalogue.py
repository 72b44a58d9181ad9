"""The catalogue of misconceptions: pages are complete, their numbers right, and none gives the answer away.

A page is read by somebody who has just been told that they are wrong. A wrong number there would be
unforgivable, so the arithmetic in the prose is worked out again and every example is run.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import math
import re
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from grader.pack import Misconception, load_pack

PACK = load_pack(Path(__file__).resolve().parents[2] / "assignments" / "conv_step_by_step")
PAGES = PACK.misconceptions
IDEAS = {path.stem: path for path in sorted((PACK.folder / "misconceptions" / "ideas").glob("*.md"))}
SEED_IDEAS = (
    "dot-product",
    "matrix-product",
    "flattened-vectors",
    "convolution-and-cross-correlation",
)
SECTIONS = ["What you may believe", "Why it does not hold", "See it yourself", "A question to ask"]
IDEA_SECTIONS = ["The question", "The short answer", "By hand", "See it yourself", "A question to ask"]

every_page = pytest.mark.parametrize("page", PAGES.values(), ids=list(PAGES))
every_text = pytest.mark.parametrize(
    "path", [*(p.path for p in PAGES.values()), *IDEAS.values()], ids=lambda path: path.stem
)


def sections(body: str) -> dict[str, str]:
    """The text below each ``## `` heading, in order; text before the first is under ''."""
    parts = re.split(r"^## (.+)$", body, flags=re.M)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def prose(text: str) -> str:
    """The text without its fenced blocks and without grids of numbers, which are indented."""
    return re.sub(r"^```.*?^```$|^    [^\n]*$", "", text, flags=re.M | re.S)


# ------------------------------------------------------------------------------ what there is


def test_every_idea_has_pages_and_every_page_an_idea() -> None:
    assert {page.idea for page in PAGES.values()} == set(IDEAS)
    assert set(SEED_IDEAS) < set(IDEAS)


def test_every_belief_that_can_be_reported_has_a_page_for_its_function() -> None:
    missing = {
        f"{m.label} for {m.function}"
        for m in PACK.fault_models
        if m.misconception not in PAGES or m.function not in PAGES[m.misconception].functions
    }
    assert missing == set()


def test_no_page_speaks_of_a_variant_that_no_model_has() -> None:
    known = {(m.misconception, m.variant) for m in PACK.fault_models}
    assert {(page.id, v) for page in PAGES.values() for v in page.variants} <= known


def test_synonyms_know_each_other() -> None:
    for page in PAGES.values():
        for other in page.synonyms:
            assert page.id in PAGES[other].synonyms, f"{page.id} names {other}, but not the other way round"


@pytest.mark.parametrize("field", ["title", "summary", "question"])
def test_no_two_pages_say_the_same(field: str) -> None:
    said = [getattr(page, field) for page in PAGES.values()]
    assert sorted(said) == sorted(set(said))


# ------------------------------------------------------------------------------ the header


@every_page
def test_the_title_is_a_belief_not_a_sentence_with_a_stop(page: Misconception) -> None:
    assert page.title[0].isupper() or page.title.startswith(("pad ", "stride ", "np.")), page.title
    assert not page.title.endswith((".", "?", "!"))
    assert 3 <= len(page.title.split()) <= 20


@every_page
def test_it_names_functions_of_the_pack_in_their_order(page: Misconception) -> None:
    assert page.functions
    assert list(page.functions) == [name for name in PACK.wanted if name in page.functions]


@every_page
def test_summaries_are_one_sentence_about_the_students_function(page: Misconception) -> None:
    for summary in (page.summary, *page.variants.values()):
        assert "{function}" in summary
        assert "{" not in page.say("conv_forward").replace("{function}", "")
        assert summary.endswith(".")
        assert not re.search(r"[.!?] [A-Z]", summary), f"more than one sentence: {summary}"
        assert 6 <= len(summary.split()) <= 40


@every_page
def test_the_question_is_one_question(page: Misconception) -> None:
    assert page.question.endswith("?")
    assert page.question.count("?") == 1
    assert page.question.strip() != sections(page.body)["A question to ask"].strip()


# ------------------------------------------------------------------------------ the body


@every_page
def test_the_four_sections_are_there_in_order_and_none_is_empty(page: Misconception) -> None:
    found = sections(page.body)
    assert found.pop("").strip() == ""
    assert list(found) == SECTIONS
    for name, least in zip(SECTIONS, (8, 40, 20, 5), strict=True):
        assert len(found[name].split()) >= least, f"{page.id}: {name!r} has too few words"
    assert "?" in found["A question to ask"]


@every_page
def test_it_is_short_enough_to_be_read(page: Misconception) -> None:
    assert 120 <= len(page.body.split()) <= 340


@every_page
def test_the_reason_is_worked_out_on_a_small_example(page: Misconception) -> None:
    reason = sections(page.body)["Why it does not hold"]
    assert re.search(r"\b[23]×[23]\b|\[\[", reason), "no 2×2 or 3×3 example"
    assert any(equations(reason)) or "[[" in reason, "nothing is worked out"


@pytest.mark.parametrize("path", IDEAS.values(), ids=list(IDEAS))
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


# ------------------------------------------------------------------------------ the arithmetic


SIGNS = str.maketrans({"−": "-", "·": "*", "⌋": ")"})


def equations(text: str) -> Iterator[tuple[str, float, float]]:
    """Every ``a = b`` in which both sides are numbers and operators, as (source, left, right)."""
    for match in re.finditer(r"[\d.+\-−·/*()⌊⌋ ]+(?:=[\d.+\-−·/*()⌊⌋ ]+)+", text):
        values = [(side, worked_out(side)) for side in match[0].split("=") if re.search(r"\d", side)]
        for (left, a), (right, b) in pairwise(values):
            yield f"{left.strip()} = {right.strip()}", a, b


def worked_out(side: str) -> float:
    """The value of a side of an equation; a full stop or a bracket of the sentence is not part of it."""
    side = side.strip().rstrip(".( ")
    while side.count("(") < side.count(")") + side.count("⌋") - side.count("⌊"):
        side = side[:-1]
    while side.count("(") > side.count(")"):
        side = side[1:]
    tree = ast.parse(side.translate(SIGNS).replace("⌊", "floor("), mode="eval")
    allowed = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Call, ast.Name, ast.Load)
    assert all(isinstance(n, (*allowed, ast.operator, ast.unaryop)) for n in ast.walk(tree)), side
    return float(eval(compile(tree, "<page>", "eval"), {"__builtins__": {}, "floor": math.floor}))


@every_text
def test_every_equation_in_the_prose_is_true(path: Path) -> None:
    for source, left, right in equations(prose(path.read_text(encoding="utf-8"))):
        assert left == pytest.approx(right), source


def test_the_pages_are_full_of_equations_that_are_checked() -> None:
    found = [e for page in PAGES.values() for e in equations(prose(page.body))]
    assert len(found) > 150


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Added up, 1·5 + 2·6 = 18.", True),
        ("That is ⌊(2 − 2 + 1)/2⌋ = 1, and so on", True),
        ("(fifteen, since 3·(2 + 3) = 15)", False),
        ("the chain 2 + 2 = 2·2 = 5 ends badly", True),
        ("With `pad = 1` it becomes 3 + 2·1 = 5 wide", False),
    ],
)
def test_a_wrong_equation_would_be_found(text: str, wrong: bool) -> None:
    assert any(a != b for _, a, b in equations(text)) is wrong


# ------------------------------------------------------------------------------ the examples


@every_text
def test_the_example_runs_and_prints_what_the_page_shows(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?", text, flags=re.M | re.S)
    assert examples, "no example to run"
    assert len(examples) == text.count("```python")
    for code, shown in examples:
        printed = io.StringIO()
        with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
            # Python shows this category to nobody who does not ask for it; np.matrix raises it.
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            exec(compile(code, str(path), "exec"), {"__name__": "example"})
        assert printed.getvalue() == shown
        assert shown, "an experiment without a result"


# ------------------------------------------------------------------------------ nothing is given away

GIVEN_AWAY = [
    r"\b(the|a|to) fix\b",
    r"\bsolution\b",
    r"\breplace\b.{0,60}\b(with|by)\b",
    r"\byou (should|must|need to|have to) (write|use|add|multiply|subtract|change|insert)\b",
    r"\bchange your (code|line)",
    r"\bthe (correct|right) (line|code)\b",
    r"`[^`]*` instead\b",
    # and in code, whatever the names are:
    r"\(0, ?0\), ?\(\w+, ?\w+\), ?\(\w+, ?\w+\), ?\(0, ?0\)",
    r"\b[hw] ?\* ?stride\b|\bstride ?\* ?[hw]\b",
    r"// ?stride ?\+ ?1\b",
    r"\bpad ?: ?(pad|n_|H|-pad or)",
    r"\bd(A|W|b)\w*(\[[^\]]*\])? ?\+=",
    r"\bb\.(item|squeeze)\(",
]


def solution_statements() -> set[str]:
    """The statements of the instructor's solutions, blanks left out."""
    notebook = json.loads((PACK.folder / "notebook.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    solved = [ast.parse(cell) for cell in cells if "### BEGIN SOLUTION" in cell]
    found = {
        squeezed(ast.unparse(node))
        for tree in solved
        for node in ast.walk(tree)
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.Return))
    }
    return {statement for statement in found if len(statement) >= 12}


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def given_away(text: str) -> list[str]:
    """What in ``text`` tells the answer."""
    patterns = [p for p in GIVEN_AWAY if re.search(p, text, flags=re.I)]
    return patterns + [s for s in solution_statements() if s in squeezed(text)]


def test_the_notebook_has_solutions_to_look_for() -> None:
    assert len(solution_statements()) > 15


@every_text
def test_no_page_tells_the_answer(path: Path) -> None:
    assert given_away(path.read_text(encoding="utf-8")) == []


@every_page
def test_no_page_adds_up_the_products_for_the_student(page: Misconception) -> None:
    assert not re.search(r"sum\(\s*\w+ ?\* ?\w+|multiply\([^)]*\)\.sum|\w+ ?\* ?\w+\)\.sum\(", page.body)


@pytest.mark.parametrize(
    "leak",
    [
        "Write `h * stride` there.",
        "you should add it after the sum",
        "np.pad(images, ((0,0), (p,p), (p,p), (0,0)))",
        "dW[..., c] += window * dZ[i, h, w, c]",
        "products   = a_slice_prev*W",
    ],
)
def test_a_page_that_told_the_answer_would_be_found(leak: str) -> None:
    assert given_away(leak)
