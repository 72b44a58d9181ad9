"""The bytes of a hand-in become code cells; nothing of it is run.

The formats are told apart by their content first and by the file's name second, because students
rename files: a script saved as ``.ipynb`` is still a script, and an HTML page is never a notebook.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from grader.errors import SubmissionError
from grader.model import Cell, Level, Note, Submission
from grader.notebook import fences, ipynb, script, text

__all__ = ["MOST_BYTES", "MOST_CELLS", "parse_submission", "read_submission"]

#: Real notebooks with all their pictures stay far below; past it reading costs hundreds of MB.
MOST_BYTES = 30_000_000
MOST_CELLS = 10_000

_MARKDOWN = frozenset({".md", ".markdown", ".qmd", ".rmd", ".mdx"})


def read_submission(path: Path) -> Submission:
    """Read and parse the file; its size is checked before a byte of it is read.

    Raises SubmissionError with one sentence when the file cannot be a hand-in.
    """
    try:
        if path.is_dir():
            raise SubmissionError(f"{path} is a folder, expected a notebook or a Python file")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise SubmissionError(_too_big(path.name, size))
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)  # one more: a pipe or a growing file has no true size
    except FileNotFoundError:
        raise SubmissionError(f"{path} does not exist") from None
    except OSError as error:
        raise SubmissionError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise SubmissionError(f"{str(path)!r} is not a usable path: {error}") from None
    return parse_submission(path.name, raw)


def parse_submission(name: str, raw: bytes) -> Submission:
    """The cells of a hand-in called ``name`` whose content is ``raw``.

    Raises SubmissionError with one sentence when there is no readable Python in it.
    """
    import hashlib

    if len(raw) > MOST_BYTES:
        raise SubmissionError(_too_big(name, len(raw)))
    source, notes = text.decode(name, raw)
    container, cells, more, metadata = _cells(name, source)
    if not any(cell.source.strip() for cell in cells):
        raise SubmissionError(f"{name} has no code in it: every code cell is empty")
    return Submission(
        name=name,
        sha256=hashlib.sha256(raw).hexdigest(),
        container=container,
        cells=cells,
        notes=(*notes, *more),
        metadata=metadata,
        raw=raw,
    )


def _cells(name: str, source: str) -> tuple[str, tuple[Cell, ...], tuple[Note, ...], Mapping[str, Any]]:
    """Container, cells, notes and metadata of decoded text."""
    suffix = PurePath(name).suffix.lower()
    notes: tuple[Note, ...] = ()
    if suffix == ".ipynb" or ipynb.looks_like(source):
        if suffix != ".ipynb":
            message = f"{name} holds a Jupyter notebook (JSON), whatever its name says; it was read as one."
            notes = (Note(Level.INFO, message),)
        elif script.looks_like(source):
            message = f"{name} is called .ipynb but holds plain Python; it was read as a .py file."
            container, cells = script.split(source)
            return container, _few(name, cells), (Note(Level.WARNING, message),), {}
        cells, more, metadata = ipynb.read(name, source, MOST_CELLS)
        return "ipynb", cells, notes + more, metadata
    if suffix in _MARKDOWN or (suffix != ".py" and fences.looks_like(source)):
        cells = fences.split(source)
        if not cells:
            raise SubmissionError(f"{name} is Markdown without a fenced block of Python (```python … ```)")
        return "markdown", _few(name, cells), (), {}
    container, cells = script.split(source)
    return container, _few(name, cells), (), {}


def _few(name: str, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    if len(cells) > MOST_CELLS:
        raise SubmissionError(f"{name} has {len(cells):,} cells, at most {MOST_CELLS:,} are read")
    return cells


def _too_big(name: str, size: int) -> str:
    return (
        f"{name} has {size / 1e6:,.0f} MB, at most {MOST_BYTES / 1e6:,.0f} MB are read: "
        "clear the outputs of the notebook and save it again"
    )
