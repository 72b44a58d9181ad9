"""A Python file becomes cells: whole, or at the marks that nbconvert and the percent format leave.

The marks matter because a test cell is told from a cell of definitions; the lines are counted
through the whole file all the same, since that is what the student's editor shows.
"""

from __future__ import annotations

import re

from grader.model import Cell

_EXPORTED = re.compile(r"^# In ?\[[ \d*]*\]:[ \t]*$", re.MULTILINE)
_PERCENT = re.compile(r"^#[ \t]?%%(?=[ \t\[]|$)(.*)$", re.MULTILINE)
_NOT_CODE = re.compile(r"\[(markdown|md|raw)\]", re.IGNORECASE)
_PYTHON_LINE = re.compile(r"^(def \w+\s*\(|import \w|from \w[\w.]* import |class \w)", re.MULTILINE)

#: Longer text is cut at every mark: so much is never graded.
_MOST_SCANNED = 1 << 20


def looks_like(source: str) -> bool:
    """Whether text is plain Python rather than JSON: it begins otherwise and holds Python lines."""
    return source.lstrip()[:1] not in ("{", "[", "<", "") and _PYTHON_LINE.search(source) is not None


def split(source: str) -> tuple[str, tuple[Cell, ...]]:
    """The container ("py" or "percent") and its cells; ``Cell.number`` is None."""
    for container, mark in (("py", _EXPORTED), ("percent", _PERCENT)):
        marks = _outside_strings(source, list(mark.finditer(source)))
        if marks:
            return container, _cells(source, marks)
    return "py", (Cell(source, number=None, index=0),)


def _outside_strings(source: str, marks: list[re.Match[str]]) -> list[re.Match[str]]:
    """The marks without those that a docstring quotes.

    Where a string has been left open by mistake, code follows inside of it, and its marks are meant.
    """
    if len(source) > _MOST_SCANNED or not _may_be_quoted(source, marks):
        return marks
    from grader.extract.lexical import tokens

    strings = ((t.start, t.end) for t in tokens(source) if t.kind == "string")
    quoting = [(start, end) for start, end in strings if not _PYTHON_LINE.search(source, start, end)]
    found = []
    at = 0
    for mark in marks:
        while at < len(quoting) and quoting[at][1] <= mark.start():
            at += 1
        if at == len(quoting) or mark.start() < quoting[at][0]:
            found.append(mark)
    return found


def _may_be_quoted(source: str, marks: list[re.Match[str]]) -> bool:
    """Whether a mark stands after an odd number of triple quotes: in nearly no file, and quickly found."""
    position = singles = doubles = 0
    for mark in marks:
        singles += source.count("'''", position, mark.start())
        doubles += source.count('"""', position, mark.start())
        position = mark.start()
        if singles % 2 or doubles % 2:
            return True
    return False


def _cells(source: str, marks: list[re.Match[str]]) -> tuple[Cell, ...]:
    starts = [0, *(mark.start() for mark in marks)]
    ends = [*starts[1:], len(source)]
    titles = ["", *(mark.group() for mark in marks)]
    cells = []
    line = 1
    for index, (start, end, title) in enumerate(zip(starts, ends, titles, strict=True)):
        piece = source[start:end]
        if piece.strip() and not _NOT_CODE.search(title):
            cells.append(Cell(piece.rstrip("\n"), number=None, index=index, first_line=line))
        line += piece.count("\n")
    return tuple(cells)
