"""Shows source code: colours by Pygments, line numbers that the report's sentences can point to."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

from grader.report.words import clean

#: Longer than this, code is shown without colours: these can make it ten times as large.
COLOURED = 40_000


def highlight(source: str, *, first_line: int = 1, marked: Collection[int] = (), limit: int = 60_000) -> str:
    """``source`` as the inside of a ``<pre>``: one ``<span class="ln">`` number a line.

    ``marked`` are lines (counted like ``first_line``) that the report points to; each gets a sign.
    """
    cut = len(source) > limit
    source = clean(source[:limit], limit * 6)
    lines = (_coloured(source) if len(source) <= COLOURED else escape(source, quote=False)).split("\n")
    if lines and not lines[-1].strip() and len(lines) > 1:
        lines.pop()
    width = len(str(first_line + len(lines) - 1))
    shown = [_line(text, number, width, number in marked) for number, text in enumerate(lines, first_line)]
    if cut:
        shown.append('<span class="left-out">[the rest of this cell is left out]</span>')
    return "\n".join(shown)


def _line(text: str, number: int, width: int, marked: bool) -> str:
    if marked:
        return (
            f'<mark><span class="ln"><span class="sr">pointed at: </span>'
            f'<span aria-hidden="true">▸</span>{number:>{width}}</span> {text}</mark>'
        )
    return f'<span class="ln"> {number:>{width}}</span> {text}'


def _coloured(source: str) -> str:
    # Pygments ships no types and its stubs are a package of their own.
    from pygments import highlight as paint  # type: ignore[import-untyped]
    from pygments.formatters.html import HtmlFormatter  # type: ignore[import-untyped]
    from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]

    lexer = PythonLexer(stripnl=False, ensurenl=False)
    painted: str = paint(source, lexer, HtmlFormatter(nowrap=True, classprefix="t-"))
    return painted.removesuffix("\n")
