"""Strings, comments and brackets of Python text, found without parsing it.

Two questions need this before, or instead of, ``ast.parse``: may this text be parsed at all without
exhausting the C stack of the grader, and where do statements end in text that does not parse?
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: Deepest tree that is parsed. Real code stays below 60; Python 3.10 overflows its stack far above.
DEEPEST = 400

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<open_string>(?P<prefix>\b[A-Za-z]{1,2})?(?P<quote>\"{3}|'{3}|\"|'))
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<continued>\\\n)
    | (?P<newline>\n)
    | (?P<reset>[,;])
    | (?P<nest>\b(?:lambda|elif)\b)
    | (?P<chain>\*\*|//|[-+*/%@&|^~.]|\b(?:not|if|await)\b)
    """,
    re.VERBOSE,
)
#: What can make a tree deeper, whatever stands between.
_DEEPENING = re.compile(r"[-+*/%@&|^~.(\[{]|\b(?:not|lambda|if|elif|await)\b")
_STRING_END = {quote: re.compile(rf"\\.|{quote}", re.DOTALL) for quote in ('"""', "'''")}
_LINE_STRING_END = {quote: re.compile(rf"\\.|\n|{quote}", re.DOTALL) for quote in ('"', "'")}


class Token(NamedTuple):
    """A piece of text that matters here: its kind, where it begins and where it ends."""

    kind: str  # comment string unfinished open close continued newline reset nest chain
    start: int
    end: int


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens of ``text`` from ``start``. A string that never ends runs to the end of its line, or
    of the text if it is triple-quoted, and is "unfinished"."""
    position = start
    while match := _TOKEN.search(text, position):
        if match.lastgroup == "newline" or match.group("quote") is None:
            yield Token(match.lastgroup or "", match.start(), match.end())
            position = match.end()
            continue
        end, finished = _string_end(text, match.end(), match.group("quote"))
        yield Token("string" if finished else "unfinished", match.start(), end)
        position = end


def _string_end(text: str, position: int, quote: str) -> tuple[int, bool]:
    pattern = _STRING_END.get(quote) or _LINE_STRING_END[quote]
    while match := pattern.search(text, position):
        if match.group() == quote:
            return match.end(), True
        if match.group() == "\n":
            return match.start(), False
        position = match.end()
    return len(text), False


def too_deep(text: str) -> bool:
    """Whether parsing ``text`` could build a tree deeper than ``DEEPEST`` levels.

    Counts, per bracket level, what has been chained since the last comma or line end: ``a+a+a+…``,
    ``a.b.c…``, ``f()()()…`` and ``elif`` nest one level each although they look flat.
    """
    if sum(1 for _ in _DEEPENING.finditer(text)) <= DEEPEST:
        return False
    levels = [0]  # what is chained at each bracket level
    nested = 0  # elif and lambda: a comma does not end these
    for token in tokens(text):
        kind = token.kind
        if kind == "chain":
            levels[-1] += 1
        elif kind == "nest":
            nested += 1
        elif kind == "open":
            levels[-1] += 1
            levels.append(0)
        elif kind == "close" and len(levels) > 1:
            levels.pop()
        elif kind == "newline" and len(levels) == 1:
            levels[0] = 0
        elif kind == "reset":
            levels[-1] = 0
        elif kind in ("string", "unfinished") and _is_formatted(text, token):
            levels[-1] += sum(1 for _ in _DEEPENING.finditer(text, token.start, token.end))
        if nested > DEEPEST or levels[-1] > DEEPEST or sum(levels) > DEEPEST:
            return True
    return False


def _is_formatted(text: str, token: Token) -> bool:
    return text[token.start] in "fFrR" and "f" in text[token.start : token.start + 2].lower()
