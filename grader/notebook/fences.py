"""Markdown becomes cells: every fenced block of Python is one.

A block without a language counts when it defines or imports something; the others are printed
results, which are never Python that anybody wants graded.
"""

from __future__ import annotations

import re

from grader.model import Cell

# Compiled when first needed: few hand-ins are Markdown.
_OPEN = r"^((?:[ \t]{0,3}>){0,9}[ \t]*)(`{3,}|~{3,})[ \t]*([^`]*)$"
_PYTHON = r"(?i)^\{?\.?(code-cell\b|i?python[\d.]*|py[\d.]*|sage)\b"
_FENCED = r"(?im)^[> \t]*(```|~~~)[ \t]*\{?\.?i?py"
_CODE = r"(?m)^(def|class|import|from|async def)\b"
_DEFINITION = r"(?m)^(?:def|class) \w+.*:"


def looks_like(source: str) -> bool:
    """Whether text of unknown kind holds a fenced block of Python; Python that quotes one does not count."""
    if not re.search(_FENCED, source):
        return False
    inside = sum(len(re.findall(_DEFINITION, cell.source)) for cell in split(source))
    return 2 * inside >= len(re.findall(_DEFINITION, re.sub(r"(?m)^[> \t]*>[ \t]?", "", source)))


def split(source: str) -> tuple[Cell, ...]:
    """The blocks of Python, numbered from 1, their lines counted from the line after the fence."""
    cells: list[Cell] = []
    lines = iter(enumerate(source.split("\n")))
    for at, line in lines:
        opening = re.match(_OPEN, line)
        if not opening:
            continue
        indent, fence, info = opening.groups()
        block: list[str] = []
        closing = rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*"
        for _, raw in lines:
            inner = _outdented(raw, indent)
            if re.fullmatch(closing, inner):
                break
            block.append(inner)
        text = "\n".join(block)
        if re.match(_PYTHON, info.strip()) or (not info.strip() and re.search(_CODE, text)):
            cells.append(Cell(text, number=len(cells) + 1, index=at))
    return tuple(cells)


def _outdented(line: str, indent: str) -> str:
    if ">" in indent:  # a block quote: every line of it has the marks
        depth = indent.count(">")
        return re.sub(rf"^(?:[ \t]{{0,3}}>){{{depth}}} ?", "", line)
    if line.startswith(indent):
        return line[len(indent) :]
    return line.lstrip(" \t") if not line[: len(indent)].strip() else line
