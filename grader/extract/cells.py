"""Code cells become top-level statements, and a mistake costs the statement that it is in, no more.

Python refuses a whole file for one missing bracket. A student who broke conv_backward shall still get
the points for the zero_pad of the same cell, so text that does not parse is cut at its column-0
lines and every piece is tried on its own.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from grader.errors import SubmissionError
from grader.extract import magics, odd_characters
from grader.extract.lexical import tokens, too_deep
from grader.model import Cell, Dropped, Level, Note, Place

#: Most text that is parsed; sending more to the sandbox is refused there as well.
MOST_TEXT = 256 * 1024
#: Most top-level statements; real hand-ins have at most a few hundred.
MOST_STATEMENTS = 5_000

_CONTINUES = re.compile(r"(else|elif|except|finally)\b")
#: What can begin a statement only, never a line inside brackets.
_STRONG = re.compile(r"(?:async\s+def|def|class|import|from|with|while|try|return|del|assert|raise)\b|[@%!?]")
_DEFINES = re.compile(r"(?:async\s+)?(?:def|class)\b")
_NAME = re.compile(r"^([ \t]*)(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_OPEN_ENDED = tuple(",([{\\+-*/%=&|^.:")
#: Work on text that does not parse is bounded: pieces of one cell, mistakes in it, characters looked ahead.
_MOST_PIECES = 2_000
_MOST_MISTAKES = 100
_LOOK_AHEAD = 32_000


class Statement(NamedTuple):
    """A top-level statement that parses. Lines are counted within its cell, from 1."""

    order: int  # position among all statements of the submission
    cell: Cell
    position: int  # of the cell in the submission
    node: ast.stmt
    first: int
    last: int
    lines: tuple[str, ...]

    @property
    def place(self) -> Place:
        """Where it begins, its decorators left aside."""
        return self.cell.place(self.node.lineno)


class Broken(NamedTuple):
    """A piece of a cell that does not parse."""

    names: tuple[str, ...]  # functions and classes that it would define
    place: Place
    message: str  # Python's, with the place
    end_line: int | None = None


class Parsed(NamedTuple):
    """All that can be read of a submission."""

    statements: tuple[Statement, ...]
    broken: tuple[Broken, ...]
    dropped: tuple[Dropped, ...]
    notes: tuple[Note, ...]


def parse(cells: Sequence[Cell], wanted: Iterable[str]) -> Parsed:
    """Parse every cell; nothing that a cell holds makes this raise, save far too much text of it."""
    kept, dropped = _affordable(cells, tuple(wanted))
    statements: list[Statement] = []
    broken: list[Broken] = []
    notes: list[Note] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "invalid escape sequence" is the student's business
        for position, cell in enumerate(cells):
            if position not in kept or not cell.source.strip():
                continue
            language = magics.other_language(cell.source)
            if language:
                reason = f"the cell begins with %%{language}, so it is not Python that runs in the notebook"
                dropped.append(Dropped(cell.place(_first_line(cell.source)), reason))
                continue
            text, pieces, bad, changed = _parse_cell(cell)
            if len(statements) + len(pieces) > MOST_STATEMENTS:
                reason = f"it would be more than {MOST_STATEMENTS:,} top-level statements"
                dropped.append(Dropped(cell.place(1), reason))
                continue
            if changed:
                notes.append(_odd_note(cell, changed))
            broken += bad
            dropped += [Dropped(b.place, _reason(b)) for b in bad]
            lines = text.split("\n")
            for node in pieces:
                statements.append(_statement(len(statements), cell, position, node, lines))
    shared = _unshared(statements)
    return Parsed(shared, tuple(broken), tuple(dropped), tuple(notes))


def _affordable(cells: Sequence[Cell], wanted: tuple[str, ...]) -> tuple[frozenset[int], list[Dropped]]:
    """The cells that fit into ``MOST_TEXT``: the largest that name no wanted function go first."""
    sizes = {at: len(cell.source.encode("utf-8", "replace")) for at, cell in enumerate(cells)}
    total = sum(sizes.values())
    dropped: list[Dropped] = []
    if total > MOST_TEXT:
        named = re.compile(r"\b(" + "|".join(map(re.escape, wanted)) + r")\b") if wanted else None
        spare = [at for at, cell in enumerate(cells) if not (named and named.search(cell.source))]
        for at in sorted(spare, key=lambda at: -sizes[at]):
            if total <= MOST_TEXT:
                break
            total -= sizes.pop(at)
            reason = f"the cell is {len(cells[at].source) / 1024:,.0f} KB long and names no wanted function"
            dropped.append(Dropped(cells[at].place(1), reason))
    if total > MOST_TEXT:
        raise SubmissionError(
            f"the code to be read has {total / 1024:,.0f} KB, at most {MOST_TEXT // 1024} KB are graded"
        )
    dropped.sort(key=lambda d: (d.place.cell or 0, d.place.line))
    return frozenset(sizes), dropped


def _parse_cell(cell: Cell) -> tuple[str, list[ast.stmt], list[Broken], tuple[int, ...]]:
    """The text that was parsed in the end, its statements, what is broken, and the lines made plain."""
    nodes = _tried(cell.source)
    if not isinstance(nodes, Exception):
        return cell.source, nodes, [], ()
    text, changed = odd_characters.plain(cell.source)
    text = magics.without_commands(_outdented(text))
    nodes = _tried(text)
    if not isinstance(nodes, Exception):
        return text, nodes, [], changed
    lines = text.split("\n")
    nodes, broken = _piecewise(cell, lines)
    return "\n".join(lines), nodes, broken, changed


def _tried(text: str) -> list[ast.stmt] | Exception:
    """The statements of ``text``, or why it cannot be parsed."""
    if too_deep(text):
        return RecursionError("nested too deeply to be read")
    try:
        return ast.parse(text).body
    except RecursionError:
        return RecursionError("nested too deeply to be read")
    except MemoryError:  # what CPython says of too many nested parentheses
        return MemoryError("nested too deeply to be read")
    except (SyntaxError, ValueError) as error:  # ValueError: NULs, surrogates
        return error


def _outdented(text: str) -> str:
    """A cell that is indented as a whole runs in Jupyter: the margin is taken off every line."""
    lines = text.split("\n")
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    margin = first[: len(first) - len(first.lstrip(" \t"))]
    if not margin:
        return text
    moved = "\n".join(line.removeprefix(margin) for line in lines)
    is_whole = all(line.startswith(margin) for line in lines if line.strip() and not line.startswith("#"))
    return moved if is_whole or not isinstance(_tried(moved), Exception) else text


def _piecewise(cell: Cell, lines: list[str]) -> tuple[list[ast.stmt], list[Broken]]:
    """Parse piece after piece; ``lines`` is changed where a command is taken out of a piece."""
    nodes: list[ast.stmt] = []
    broken: list[Broken] = []
    margin = _margin(lines)
    ends = [line for line, _ in margin[1:]] + [len(lines)]
    text, offsets = "\n".join(lines), _offsets(lines)
    before = margin[0][0] if margin else len(lines)
    stray = next(
        (n for n, line in enumerate(lines[:before]) if line.strip() and line.strip()[0] != "#"), None
    )
    if stray is not None:
        broken.append(_broken(cell, lines, stray, before, IndentationError("unexpected indent")))
    at = 0
    while at < len(margin):
        begin = margin[at][0]
        if len(broken) >= _MOST_MISTAKES or at == _MOST_PIECES:
            error = SyntaxError("the cell holds too many mistakes to read on")
            broken.append(_broken(cell, lines, begin, len(lines), error))
            break
        failed: Broken | None = None
        for stop, may_fail in _stops(lines, margin, at, text, offsets):
            end = ends[stop - 1]
            piece = magics.without_commands("\n".join(lines[begin:end]))
            attempt = _tried("\n" * begin + piece)
            if not isinstance(attempt, Exception):
                nodes += attempt
                lines[begin:end] = piece.split("\n")
                at, failed = stop, None
                break
            if may_fail:
                failed, after = _broken(cell, lines, begin, end, attempt), stop
        if failed:  # the shortest piece that there is
            broken.append(failed)
            at = after
    return nodes, broken


def _offsets(lines: list[str]) -> list[int]:
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line) + 1)
    return offsets


def _margin(lines: list[str]) -> list[tuple[int, bool]]:
    """The lines (from 0) that begin at the margin, and whether a statement may begin there."""
    found: list[tuple[int, bool]] = []
    decorated = False
    for number, line in enumerate(lines):
        if not line or line[0] in " \t\f#":
            continue
        begins = not decorated and line[0] not in ")]}" and not _CONTINUES.match(line)
        found.append((number, begins))
        decorated = line[0] == "@" or (decorated and not _DEFINES.match(line))
    return found


def _stops(
    lines: list[str], margin: list[tuple[int, bool]], at: int, text: str, offsets: list[int]
) -> Iterator[tuple[int, bool]]:
    """Where (an index of ``margin``) the piece that begins at ``margin[at]`` may end, the likely place first,
    and whether the piece is given up there.

    First what brackets and strings say; then, since one of them may have been left open, the next
    line that is not likely to be inside them; at last a stray ``)`` or ``else``, if all before it parses.
    """
    lexical = _lexical_stop(lines, margin, at, text, offsets)
    yield lexical, True
    last = lexical
    is_definition = _STRONG.match(lines[margin[at][0]]) is not None
    for stop in range(at + 1, lexical):
        number, begins = margin[stop]
        if not begins:
            continue
        before = lines[number - 1].rstrip()
        if _STRONG.match(lines[number]) or (is_definition and not before.endswith(_OPEN_ENDED)):
            yield stop, True
            last = stop
            break
    for stop in range(at + 1, last):
        if not margin[stop][1]:
            yield stop, False
            return


def _lexical_stop(
    lines: list[str], margin: list[tuple[int, bool]], at: int, text: str, offsets: list[int]
) -> int:
    """The first place after ``at`` that is outside every string and bracket opened since then.

    Brackets end at a line that no bracket can hold (``def``); strings can hold anything.
    """
    line = margin[at][0]
    start = offsets[line]
    following = at + 1
    depth = 0
    for token in tokens(text, start):
        if token.start > start + _LOOK_AHEAD:
            strong = (
                i for i in range(at + 1, len(margin)) if margin[i][1] and _STRONG.match(lines[margin[i][0]])
            )
            return next(strong, len(margin))
        if token.kind == "open":
            depth += 1
        elif token.kind == "close":
            depth = max(0, depth - 1)
        elif token.kind in ("newline", "continued"):
            line += 1
            while following < len(margin) and (margin[following][0] < line or not margin[following][1]):
                following += 1
            if following == len(margin):
                return following
            is_free = depth == 0 or _STRONG.match(lines[line])
            if margin[following][0] == line and token.kind == "newline" and is_free:
                return following
        else:
            line += text.count("\n", token.start, token.end)
    return len(margin)


def _broken(cell: Cell, lines: list[str], begin: int, end: int, error: Exception) -> Broken:
    defined = _NAME.findall("\n".join(lines[begin:end]))
    if any(not indent for indent, _ in defined):  # else they stand under if or try, not inside a function
        defined = [(indent, name) for indent, name in defined if not indent]
    names = tuple(dict.fromkeys(name for _, name in defined))
    line = begin + 1
    message = str(error)
    if isinstance(error, SyntaxError):
        line = min(max(error.lineno or line, begin + 1), len(lines))
        message = odd_characters.explain(error.msg or "invalid syntax", lines[line - 1])
    elif isinstance(error, UnicodeError):
        message = "it holds characters that are no text"
    last = end
    while last > begin + 1 and not lines[last - 1].strip():
        last -= 1
    place = cell.place(line)
    return Broken(names, place, f"{place}: {message}", cell.place(last).line)


def _reason(broken: Broken) -> str:
    message = broken.message.removeprefix(f"{broken.place}: ")
    if broken.names:
        return f"{' and '.join(f'`{name}`' for name in broken.names[:3])} cannot be parsed: {message}"
    return f"it cannot be parsed: {message}"


def _statement(order: int, cell: Cell, position: int, node: ast.stmt, lines: list[str]) -> Statement:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(d.lineno for d in decorators)])
    last = node.end_lineno or node.lineno
    return Statement(order, cell, position, node, first, last, tuple(lines[first - 1 : last]))


def _unshared(statements: list[Statement]) -> tuple[Statement, ...]:
    """Statements that share a line (``a = 1; b = 2``) get their own part of it."""
    found = list(statements)
    for at, one in enumerate(statements):
        before = statements[at - 1] if at else None
        after = statements[at + 1] if at + 1 < len(statements) else None
        shares_first = before is not None and before.cell is one.cell and before.last == one.first
        shares_last = after is not None and after.cell is one.cell and after.first == one.last
        if shares_first or shares_last:
            lines = [line.encode() for line in one.lines]
            if shares_last:
                lines[-1] = lines[-1][: one.node.end_col_offset]
            if shares_first:
                lines[0] = lines[0][one.node.col_offset :]
            own = tuple(line.decode() for line in lines)
            found[at] = Statement(one.order, one.cell, one.position, one.node, one.first, one.last, own)
    return tuple(found)


def _odd_note(cell: Cell, changed: tuple[int, ...]) -> Note:
    count = len(changed)
    where = f"line {cell.place(changed[0]).line}" if count == 1 else f"{count} lines"
    return Note(
        Level.INFO,
        f"Unusual blanks in {where} (copying from a web page leaves such) were read as plain blanks.",
        cell.place(changed[0]),
    )


def _first_line(text: str) -> int:
    """The line (from 1) of the first character that is no blank."""
    return text[: len(text) - len(text.lstrip())].count("\n") + 1
