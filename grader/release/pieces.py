"""Takes released files apart into texts, pieces of code and arrays, each with the place it stands at."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FENCE = re.compile(r"^ *(```+|~~~+)[^\n]*\n(.*?)^ *\1", re.M | re.S)
_INDENTED = re.compile(r"(?:^(?: {4}|\t).*\n?)+", re.M)
_INLINE = re.compile(r"(`+)(.+?)\1", re.S)
_DATA = re.compile(r"data:[\w/+.-]+;base64,([A-Za-z0-9+/=\s]+)")


@dataclass(frozen=True, slots=True)
class Piece:
    """One text with the code found in it, or one array."""

    where: str
    text: str = ""
    code: tuple[str, ...] = ()
    array: NDArray[Any] | None = None


def pieces(name: str, raw: bytes) -> Iterator[Piece]:
    """All that can be read in a file."""
    if name.endswith(".npz"):
        with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
            for key in archive.files:
                yield Piece(f"{name}, array {key}", array=archive[key])
        return
    text = raw.decode("utf-8", "replace")
    if name.endswith(".ipynb"):
        yield from _notebook(name, json.loads(text))
    elif name.endswith(".json"):
        yield from (
            Piece(f"{name}, {path}", s, tuple(_markdown(s))) for path, s in _strings(json.loads(text))
        )
    elif name.endswith(".py"):
        yield Piece(name, text, tuple(_python(text)))
    else:
        yield Piece(name, text, tuple(_markdown(text)))


def _notebook(name: str, notebook: Any) -> Iterator[Piece]:
    for cell in notebook.get("cells", []):
        where = f"{name}, cell {cell.get('id', '?')}"
        source = _joined(cell.get("source", ""))
        code = _python(source) if cell.get("cell_type") == "code" else _markdown(source)
        yield Piece(where, _DATA.sub("", source), tuple(code))
        for match in _DATA.finditer(source):
            yield from _decoded(where, match[1])
        rest = {k: v for k, v in cell.items() if k not in ("source", "id")}
        for path, text in _strings(rest):
            yield Piece(f"{where}, {path}", text, tuple(_python(text)))
            if path.startswith("attachments"):
                yield from _decoded(f"{where}, {path}", text)
    for path, text in _strings({k: v for k, v in notebook.items() if k != "cells"}):
        yield Piece(f"{name}, {path}", text, tuple(_markdown(text)))


def _decoded(where: str, data: str) -> Iterator[Piece]:
    """The text inside an embedded picture; a photograph has none."""
    try:
        text = base64.b64decode(data).decode("utf-8")
    except (binascii.Error, ValueError):
        return
    # Coordinates of a drawing are no data.
    yield Piece(f"{where}, picture", " ".join(re.findall(r">([^<>]+)<", text)), ())


def _joined(source: Any) -> str:
    return source if isinstance(source, str) else "".join(source)


def _strings(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in JSON data with where it stands; a list of lines is one text, a list of numbers too."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, list) and data and all(isinstance(x, str) for x in data):
        yield path, "".join(data)
    elif isinstance(data, list) and _is_numbers(data):
        yield path, json.dumps(data)
    elif isinstance(data, (list, dict)):
        for key, value in enumerate(data) if isinstance(data, list) else data.items():
            if isinstance(data, dict):
                yield f"{path}.{key}".lstrip("."), str(key)
            yield from _strings(
                value, f"{path}[{key}]" if isinstance(data, list) else f"{path}.{key}".lstrip(".")
            )


def _is_numbers(data: Any) -> bool:
    if isinstance(data, list):
        return bool(data) and all(_is_numbers(x) for x in data)
    return isinstance(data, (int, float)) and not isinstance(data, bool)


def _python(source: str) -> Iterator[str]:
    """The code itself, and what is commented out in it."""
    lines = ["" if re.match(r"\s*[%!]", line) else line for line in source.split("\n")]
    yield "\n".join(lines)
    block: list[str] = []
    last = -1
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
            if token.type == tokenize.COMMENT:
                if block and token.start[0] != last + 1:
                    yield from _commented(block)
                    block = []
                block.append(token.string.lstrip("#").removeprefix(" "))
                last = token.start[0]
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    yield from _commented(block)


def _commented(block: list[str]) -> Iterator[str]:
    if block:
        yield "\n".join(block)
        yield from block


def _markdown(text: str) -> Iterator[str]:
    """What stands in Markdown as code: fenced, indented, or inline."""
    for match in _FENCE.finditer(text):
        yield from _python(match[2])
    for block in _INDENTED.findall(text):
        yield from _python(re.sub(r"^(?: {4}|\t)", "", block, flags=re.M))
    for match in _INLINE.finditer(text):
        yield match[2]
