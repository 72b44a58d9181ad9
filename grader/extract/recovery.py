"""Text that does not parse is cut at its margin, and every piece is tried on its own.

Python refuses a whole file for one missing bracket. A student who broke conv_backward shall still get
the points for the zero_pad of the same cell, so a mistake costs the statement that it is in, no more.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from grader.extract import magics, odd_characters
from grader.extract.lexical import tokens, too_deep
from grader.model import Cell, Place

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


class Broken(NamedTuple):
    """A piece of a cell that does not parse."""

    names: tuple[str, ...]  # functions and classes that it would define
    place: Place
    message: str  # Python's, with the place
    end_line: int | None = None


class Recovered(NamedTuple):
    """What can be read of a cell. Its lines are those of the cell, whatever was taken out of them."""

    lines: list[str]
    nodes: list[ast.stmt]
    broken: list[Broken]
    plain: tuple[int, ...]  # lines with odd blanks
    not_run: tuple[tuple[int, str], ...]  # commands that would have brought in more code, and their lines


def recover(cell: Cell) -> Recovered:
    """Every statement of a cell that parses. A cell that parses as a whole is taken as it is."""
    nodes = _tried(cell.source)
    if not isinstance(nodes, Exception):
        return Recovered(cell.source.split("\n"), nodes, [], (), ())
    text, changed = odd_characters.plain(cell.source)
    text = _outdented(magics.without_prompts(text))
    not_run = magics.bring_in_code(text)
    text = magics.without_commands(text)
    lines = text.split("\n")
    nodes = _tried(text)
    if not isinstance(nodes, Exception):
        return Recovered(lines, nodes, [], changed, not_run)
    nodes, broken = _piecewise(cell, lines)
    return Recovered(lines, nodes, broken, changed, not_run)


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
