"""What a folder holds, read so that nothing in it can lead out of it or hold the batch up.

A hand-in folder may come from cloned repositories or an unpacked archive: a link can point at any file
of this machine, a named pipe never ends. Such an entry is refused with a sentence and the rest goes on.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.notebook import MOST_BYTES

#: Copies, caches and the like: never what a student meant to hand in.
_IGNORED = frozenset({"__MACOSX", "__pycache__", "node_modules", "venv", "site-packages"})


class Refused(Exception):
    """A file that is not read; the message says why."""


@dataclass(frozen=True, slots=True)
class Item:
    """One file: its path below the root with ``/``, why it is refused if it is, where its bytes are.

    A folder is one only where it cannot be looked into.
    """

    relative: str
    problem: str = ""
    path: Path | None = None
    member: str = ""
    is_folder: bool = False


def ignored(name: str) -> bool:
    """Whether a file or folder of this name is left out without a word."""
    return name.startswith((".", "~$")) or name in _IGNORED


def items(root: Path, skip: Path | None = None, prefix: str = "") -> Iterator[Item]:
    """The files below ``root`` in the order of their names; ``skip`` is a folder to leave out."""
    inside = root.resolve()
    yield from _items(root, inside, skip.resolve() if skip else None, prefix)


def _items(folder: Path, inside: Path, skip: Path | None, prefix: str) -> Iterator[Item]:
    try:
        names = sorted(name for name in os.listdir(folder) if not ignored(name))  # noqa: PTH208 - a class may be large
    except OSError as error:
        name = prefix.rstrip("/") or folder.name
        yield Item(name, f"the folder cannot be read: {error.strerror}", folder, is_folder=True)
        return
    for name in names:
        relative, path = prefix + name, folder / name
        try:
            info = path.lstat()
            if linked := stat.S_ISLNK(info.st_mode):
                path = path.resolve(strict=True)
                info = path.stat()
        except (OSError, RuntimeError):  # RuntimeError: a loop of links, before Python 3.13
            yield Item(relative, "refused: it is a link that leads nowhere", path)
            continue
        if stat.S_ISDIR(info.st_mode) and not linked:
            if path.resolve() != skip:
                yield from _items(path, inside, skip, f"{relative}/")
        elif linked and not path.is_relative_to(inside):
            yield Item(relative, "refused: it is a link to a place outside the folder", path)
        else:
            yield Item(relative, _problem(info), path)


def _problem(info: os.stat_result) -> str:
    """Why a file is not read; empty where it is."""
    if not stat.S_ISREG(info.st_mode):
        return "refused: it is not a file (a pipe, a device or a linked folder)"
    return refuse_size(info.st_size) if info.st_size > MOST_BYTES else ""


def read_file(path: Path) -> bytes:
    """The bytes of a regular file; raises Refused with the reason."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Refused("refused: it is not a file")
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Refused(f"it cannot be read: {error.strerror or error}") from None
    if len(raw) > MOST_BYTES:
        raise Refused(refuse_size(len(raw)))
    return raw


def refuse_size(size: int) -> str:
    """The sentence for a file that is too large."""
    return (
        f"refused: it has {size / 1e6:,.0f} MB, at most {MOST_BYTES / 1e6:,.0f} MB are read (a notebook"
        " whose outputs are cleared is far smaller)"
    )
