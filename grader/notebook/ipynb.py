"""A Jupyter notebook's JSON becomes code cells.

nbformat 4 is read with ``json`` alone, because that is what nearly every hand-in is and importing
nbformat costs more than grading does; only the worksheets of nbformat 1 to 3 go through nbformat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from grader.errors import SubmissionError
from grader.model import Cell, Level, Note
from grader.notebook.text import without_surrogates

#: JSON containers; a notebook has a few thousand. More would cost hundreds of bytes each.
MOST_CONTAINERS = 1_000_000

_PYTHON = re.compile(r"i?python|^py|^sage|^xpython|^xeus-python|^pyodide|^sos$|^conda", re.IGNORECASE)
_OTHER = (
    r"^(ir\b|irkernel|r$|julia|iruby|ruby|ijavascript|javascript|node|deno|bash|matlab|octave|scala|"
    r"spylon|apache_toree_scala|sas|stata|java|ijava|kotlin|gophernotes|go$|rust|evcxr|haskell|ihaskell|"
    r"c$|c\+\+|xcpp|\.net|sql|perl|lua|wolfram|mathematica|gap|maxima)"
)
_A_FUNCTION = re.compile(r"^[ \t]*def\s+\w+\s*\(.*:", re.MULTILINE)


def looks_like(source: str) -> bool:
    """Whether text is (or was meant to be) a notebook's JSON."""
    head = source.lstrip()[:1]
    return head == "{" and re.search(r'"(cells|worksheets|nbformat)"\s*:', source) is not None


def read(
    name: str, source: str, most_cells: int
) -> tuple[tuple[Cell, ...], tuple[Note, ...], Mapping[str, Any]]:
    """Code cells (numbered from 1), notes and the notebook's metadata."""
    notebook = _load(name, source)
    if "worksheets" in notebook and "cells" not in notebook:
        notebook = _upgraded(name, source, notebook)
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        kind = "no list of cells" if "cells" in notebook else "no cells"
        raise SubmissionError(f"{name} is JSON but not a notebook: it has {kind}")
    if len(cells) > most_cells:
        raise SubmissionError(f"{name} has {len(cells):,} cells, at most {most_cells:,} are read")
    metadata = notebook.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    found, notes = _code(cells)
    if not found:
        raise SubmissionError(f"{name} has no code cells")
    language = _language(metadata)
    if language:
        if not any(_A_FUNCTION.search(cell.source) for cell in found):
            raise SubmissionError(f"{name} is a notebook in {language}, expected Python")
        message = (
            f"The notebook says that it is in {language}; it holds Python functions and was read as Python."
        )
        notes = (Note(Level.WARNING, message), *notes)
    return found, notes, metadata


def _load(name: str, source: str) -> dict[str, Any]:
    import json

    if source.count("{") + source.count("[") > MOST_CONTAINERS:
        raise SubmissionError(f"{name} has over {MOST_CONTAINERS:,} JSON lists and objects, no notebook does")
    try:
        notebook = json.loads(source.rstrip("\0"))  # some file systems fill up with zeros
    except json.JSONDecodeError as error:
        raise SubmissionError(_broken(name, source, error.msg, error.lineno, error.pos)) from None
    except RecursionError:
        raise SubmissionError(f"{name} is nested too deeply to be a notebook") from None
    except (ValueError, MemoryError):  # a number with thousands of digits
        raise SubmissionError(f"{name} is not a notebook: its JSON has values that cannot be read") from None
    if not isinstance(notebook, dict):
        found = {list: "a list", str: "a text", type(None): "null"}.get(type(notebook), "a number")
        raise SubmissionError(f"{name} is JSON but not a notebook: it is {found}, expected {{…}} with cells")
    return notebook


def _broken(name: str, source: str, reason: str, line: int, position: int) -> str:
    conflict = re.search(r"^(<<<<<<<|=======|>>>>>>>)", source, re.MULTILINE)
    if conflict:
        where = source.count("\n", 0, conflict.start()) + 1
        return f"{name} holds an unresolved Git merge conflict (line {where}), so it is no notebook any more"
    if not source.lstrip().startswith("{"):
        return f"{name} is not a notebook: it begins with {source.lstrip()[:20]!r}, expected JSON ({{…}})"
    if position >= len(source.rstrip()) - 1 or reason.startswith("Unterminated string"):
        return f"{name} is cut off: its JSON ends in the middle (line {line}); was it uploaded completely?"
    return f"{name} is not a notebook: its JSON is broken in line {line} ({reason})"


def _upgraded(name: str, source: str, notebook: dict[str, Any]) -> dict[str, Any]:
    """nbformat 1 to 3 had worksheets; nbformat knows how to turn them into cells."""
    import warnings

    import nbformat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            upgraded = nbformat.reads(source, as_version=4)  # type: ignore[no-untyped-call]
        except Exception as error:  # whatever a hostile file makes of a foreign library
            version = notebook.get("nbformat")
            said = (str(error).splitlines() or [type(error).__name__])[0][:100]
            raise SubmissionError(
                f"{name} is a notebook of the old format {version!r} that cannot be upgraded: {said}"
            ) from None
    return dict(upgraded)


def _code(cells: list[Any]) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    found: list[Cell] = []
    odd: list[int] = []
    for index, cell in enumerate(cells):
        if not isinstance(cell, dict):
            odd.append(index + 1)
            continue
        if cell.get("cell_type") != "code":
            continue
        source = _source(cell.get("source", cell.get("input", "")))
        if source is None:
            odd.append(index + 1)
            source = ""
        found.append(Cell(source, number=len(found) + 1, index=index))
    if not odd:
        return tuple(found), ()
    listed = ", ".join(map(str, odd[:5])) + (", …" if len(odd) > 5 else "")
    plural = "cells" if len(odd) > 1 else "cell"
    message = f"{len(odd)} {plural} of the notebook (in order: {listed}) could not be read: not text."
    return tuple(found), (Note(Level.WARNING, message),)


def _source(value: object) -> str | None:
    """The text of a cell: nbformat allows a string or a list of lines."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        ends = [line.endswith("\n") for line in value[:-1]]
        # Lines belong together as they are; some converters leave out every line end.
        value = ("" if any(ends) else "\n").join(value)
    if not isinstance(value, str):
        return None
    return without_surrogates(value.replace("\r\n", "\n").replace("\r", "\n"))


def _language(metadata: Mapping[str, Any]) -> str:
    """The name of the language if the notebook declares one other than Python, else ''."""
    kernel = metadata.get("kernelspec")
    info = metadata.get("language_info")
    kernel = kernel if isinstance(kernel, dict) else {}
    info = info if isinstance(info, dict) else {}
    said = [kernel.get("language"), info.get("name"), kernel.get("name")]
    names = [name for name in said if isinstance(name, str) and name]
    if any(_PYTHON.search(name) for name in names):
        return ""
    other = [name for name in names if re.search(_OTHER, name, re.IGNORECASE)]
    return other[0][:30] if other else ""
