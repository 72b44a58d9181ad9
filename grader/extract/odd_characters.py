"""Characters that look like blanks, or like nothing, and that Python refuses outside strings.

Code copied from a web page or a chat is full of them. They change no meaning, so they are replaced
instead of costing the student the function; typographic quotes do change it and are only explained.
"""

from __future__ import annotations

import re

from grader.extract.lexical import tokens

_BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_NOTHING = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\x00"
# Compiled when first needed: most hand-ins have none of them.
_ODD = f"[{_BLANKS}{_NOTHING}\x0b\x1c-\x1f\x85\u2028\u2029]"
_ODD_BLANK = f"[{_BLANKS}\x0b\x1c-\x1f\x85\u2028\u2029]"
_QUOTES = "“”„‘’«»"


def plain(text: str) -> tuple[str, tuple[int, ...]]:
    """``text`` with odd blanks outside strings and comments made plain, and the lines (from 1) changed.

    NULs go everywhere: no Python source may hold one.
    """
    if not re.search(_ODD, text):
        return text, ()
    pieces: list[str] = []
    position = 0
    for token in tokens(text):
        if token.kind in ("string", "unfinished", "comment"):
            pieces.append(_made_plain(text[position : token.start]))
            pieces.append(text[token.start : token.end].replace("\0", ""))
            position = token.end
    pieces.append(_made_plain(text[position:]))
    cleaned = "".join(pieces)
    pairs = zip(text.split("\n"), cleaned.split("\n"), strict=True)
    return cleaned, tuple(number for number, (old, new) in enumerate(pairs, 1) if old != new)


def _made_plain(code: str) -> str:
    return re.sub(_ODD, "", re.sub(_ODD_BLANK, " ", code))


def explain(message: str, line: str) -> str:
    """A syntax error's message, with what a typographic character stands for where that is the cause."""
    for quote in _QUOTES:
        if quote in message or (quote in line and "invalid character" in message):
            return f"{message}; {quote} is a typographic quotation mark, Python knows only ' and \""
    return message
