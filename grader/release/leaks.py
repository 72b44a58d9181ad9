"""Looks through a hand-out for anything that students must not get.

It is asked after the hand-out is made, and knows nothing of how: a solution that was pasted into a
hint, left in an output, or written by hand into the README is found just the same. It looks for

- the solutions' statements (also in comments, in Markdown, or with other variable names), their lines,
  the names they make up and their unusual constants,
- statements of the reference and of the fault models, and the names of the misconceptions,
- numbers of the hidden cases, in a text or in an array, and telling names of hidden cases,
- the secret seed, as it is or encoded.

What a pack shows on purpose stands in its ``release.yaml`` with the reason.
"""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from grader.cases import CaseSet
from grader.model import Visibility
from grader.pack import Pack
from grader.release.code import Statement, constants_in, made_up_names, statements_in
from grader.release.pieces import Piece, pieces
from grader.release.regions import HIDDEN, SOLUTION, Solution, marks
from grader.report.values import leaves

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A statement is telling from this many names and numbers on; with other variable names from this many.
SHORTEST_STATEMENT, SHORTEST_RENAMED = 4, 8
SHORTEST_OF_PACK = 6
SHORTEST_LINE, SHORTEST_CASE_NAME, SHORTEST_SEED = 20, 12, 6
#: So many numbers in a row, so many of them different, are no coincidence.
RUN, DIFFERENT = 6, 4


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that gives something away."""

    kind: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.kind}: {self.what}"


@dataclass(frozen=True)
class Secrets:
    """All that must not be in a hand-out, boiled down for the search."""

    statements: Mapping[str, str]  # canonical form -> kind
    renamed: Mapping[str, str]
    lines: Mapping[str, str]  # squeezed text -> kind
    words: Mapping[str, str]  # a name -> kind
    constants: frozenset[object]
    runs: Mapping[tuple[str, ...], str]  # numbers in a row -> hidden case
    seeds: tuple[bytes, ...]
    given: frozenset[str]

    @classmethod
    def of(
        cls,
        pack: Pack,
        cases: CaseSet,
        seed: bytes | None,
        solutions: Sequence[Solution],
        public_text: str,
        given: Iterable[str] = (),
    ) -> Secrets:
        """The secrets of ``pack``. ``public_text`` is what students see anyway: signatures, docstrings."""
        statements: dict[str, str] = {}
        renamed: dict[str, str] = {}
        lines: dict[str, str] = {}
        words: dict[str, str] = {}
        constants: set[object] = set()
        for path, kind in _pack_code(pack):
            for s in statements_in(path):
                if s.size >= SHORTEST_OF_PACK:
                    statements[s.exact] = kind
        known = set(re.findall(r"\w+", public_text)) | set(pack.wanted)
        for solution in solutions:
            for s in statements_in(solution.text):
                if s.size >= SHORTEST_STATEMENT:
                    statements[s.exact] = "the solution"
                if s.size >= SHORTEST_RENAMED:
                    renamed[s.renamed] = "the solution with other names"
            for line in solution.text.splitlines():
                if len(squeezed := _squeezed(line.partition("#")[0])) >= SHORTEST_LINE:
                    lines[squeezed] = "a line of the solution"
            words |= dict.fromkeys(made_up_names(solution.text, known), "a name that the solution made up")
            constants |= {c for c in constants_in(solution.text) if str(c) not in known}
        for page in pack.misconceptions.values():
            if "-" in page.id:
                words[page.id] = "the name of a misconception"
            lines[_squeezed(page.summary)] = "the summary of a misconception"
        lines |= _telling_names(cases)
        return cls(
            statements,
            renamed,
            lines,
            words,
            frozenset(constants),
            _hidden_runs(cases),
            _seed_forms(seed),
            frozenset(_squeezed(text) for text in given),
        )


def search(files: Mapping[str, bytes], secrets: Secrets) -> tuple[Leak, ...]:
    """Everything in ``files`` (name -> content) that gives one of ``secrets`` away, each once."""
    found: dict[Leak, None] = {}
    for name, raw in files.items():
        if name.endswith(".whl"):
            continue  # the engine itself, which anybody can have; it holds nothing of a pack
        for leak in _in_file(name, raw, secrets):
            if _squeezed(leak.what) not in secrets.given:
                found[leak] = None
    return tuple(found)


def _in_file(name: str, raw: bytes, secrets: Secrets) -> Iterator[Leak]:
    if any(seed in raw for seed in secrets.seeds):
        yield Leak("the secret seed", name, "its bytes")
    for piece in pieces(name, raw):
        yield from _in_piece(piece, secrets)


def _in_piece(piece: Piece, secrets: Secrets) -> Iterator[Leak]:
    where = piece.where
    if piece.array is not None:
        yield from _runs(where, piece.array.ravel(), secrets)
        return
    text = piece.text
    for line in text.splitlines():
        for word in ("BEGIN", "END"):
            for kind in (SOLUTION, HIDDEN):
                if marks(line, word, kind):
                    yield Leak("an instructor's marker", where, line.strip())
    if any(seed in text.encode() for seed in secrets.seeds):
        yield Leak("the secret seed", where, "its characters")
    yield from _words_and_lines(where, text, secrets)
    yield from _runs(where, np.array([float(x) for x in _NUMBER.findall(text)]), secrets)
    for code in piece.code:
        for s in statements_in(code):
            yield from _statement(where, s, secrets)
        for constant in constants_in(code):
            if constant in secrets.constants:
                yield Leak("a constant of the solution", where, repr(constant))


def _statement(where: str, statement: Statement, secrets: Secrets) -> Iterator[Leak]:
    kind = secrets.statements.get(statement.exact)
    if kind is None and statement.size >= SHORTEST_RENAMED:
        kind = secrets.renamed.get(statement.renamed)
    if kind is not None:
        yield Leak(kind, where, statement.text)


def _words_and_lines(where: str, text: str, secrets: Secrets) -> Iterator[Leak]:
    present = set(re.findall(r"\w+(?:-\w+)*", text)) | set(re.findall(r"\w+", text))
    for word in present & secrets.words.keys():
        yield Leak(secrets.words[word], where, word)
    squeezed = _squeezed(text)
    for line, kind in secrets.lines.items():
        if line in squeezed:
            yield Leak(kind, where, line)


def _squeezed(text: str) -> str:
    """``text`` on one line, however it was broken and indented."""
    return " ".join(text.split())


# --------------------------------------------------------------------------- the pack's own code


def _pack_code(pack: Pack) -> Iterator[tuple[str, str]]:
    """(source, what it is) of the pack's Python that no student may see."""
    if pack.reference_path.exists():
        yield pack.reference_source, "the reference"
    for path in sorted((pack.folder / "misconceptions").rglob("*.py")):
        yield path.read_text(encoding="utf-8"), "a fault model"
    cases = pack.folder / "cases.py"
    if cases.exists():
        yield cases.read_text(encoding="utf-8"), "the cases"


def _seed_forms(seed: bytes | None) -> tuple[bytes, ...]:
    if seed is None or len(seed) < SHORTEST_SEED:
        return ()
    encoded = base64.b64encode(seed).rstrip(b"=")
    return (seed, seed.hex().encode(), seed.hex().upper().encode(), encoded)


# --------------------------------------------------------------------------- hidden cases


def _telling_names(cases: CaseSet) -> dict[str, str]:
    """Names of hidden cases that say more than the public ones do."""
    shown: list[str] = []
    hidden: list[str] = []
    for prepared in (p for group in cases.functions.values() for p in group):
        case = prepared.case
        public = case.visibility is Visibility.PUBLIC
        (shown if public else hidden).append(_squeezed(case.name))
        shown += [case.group_title, case.group] + ([case.meaning] if public else [])
    telling = {n for n in hidden if len(n) >= SHORTEST_CASE_NAME and not any(n in s for s in shown)}
    return dict.fromkeys(telling, "the name of a hidden case")


def _hidden_runs(cases: CaseSet) -> dict[tuple[str, ...], str]:
    """Every run of numbers out of the inputs and answers of hidden cases."""
    runs = {}
    for prepared in (p for group in cases.functions.values() for p in group):
        case = prepared.case
        if case.visibility is not Visibility.HIDDEN:
            continue
        for value in (*case.calls, *prepared.expected):
            for _, leaf in leaves(value):
                if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "biuf":
                    for run in _cut(leaf.ravel()):
                        runs[run] = f"{case.function}: {case.name}"
    return runs


def _cut(numbers: NDArray[np.generic]) -> Iterator[tuple[str, ...]]:
    """The runs of an array that is long and varied enough to be recognised."""
    texts = [f"{x:.6g}" for x in numbers.astype(float).tolist()]
    for start in range(max(len(texts) - RUN, 0) + 1):
        run = tuple(texts[start : start + RUN])
        if len(set(run) - {"0", "-0"}) >= DIFFERENT:
            yield run


def _runs(where: str, numbers: NDArray[np.generic], secrets: Secrets) -> Iterator[Leak]:
    if numbers.dtype.kind not in "biuf" or numbers.size < DIFFERENT:
        return
    texts = [f"{x:.6g}" for x in numbers.astype(float).tolist()]
    lengths = {len(run) for run in secrets.runs}
    seen = set()
    for length in lengths:
        for start in range(len(texts) - length + 1):
            case = secrets.runs.get(tuple(texts[start : start + length]))
            if case is not None and case not in seen:
                seen.add(case)
                yield Leak("numbers of a hidden case", where, case)


_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w])")


def stubs_only(source: str, functions: Sequence[str], where: str) -> Iterator[Leak]:
    """Wanted functions in ``source`` whose body is more than a docstring and a stub."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if not any(_raises_not_implemented(s) for s in body):
                yield Leak("no stub", where, f"{node.name} does not raise NotImplementedError")


def _raises_not_implemented(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Raise) or statement.exc is None:
        return False
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
