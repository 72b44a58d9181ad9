"""Writes a report so that the file is complete or is not there: nobody ever reads half of one.

The text goes to a new file in the same folder and takes the old one's place in one step. A run that
is broken off leaves the old file as it was.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from grader.errors import UsageError


def check_writable(path: Path | str) -> None:
    """Raise UsageError with one sentence where a report could not be written to ``path``.

    Asked before grading begins: an hour of grading should not end in a misspelt folder. The answer is
    found by making a file beside ``path`` and taking it away again; ``path`` itself is not touched.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise UsageError(f"cannot write {path}: it is a folder, expected a file name")
        if not path.parent.is_dir():
            raise UsageError(f"cannot write {path}: there is no folder {path.parent}")
        if _is_device(path):
            return
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
        os.close(handle)
        Path(name).unlink()
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot write {path}: {_why(error)}") from error


def write_atomic(path: Path | str, text: str) -> None:
    """Put ``text`` at ``path``, in UTF-8, replacing what was there in one step."""
    target = Path(path)
    temporary = None
    try:
        # A link is followed, so that the file it names is replaced and not the link.
        target = target.resolve() if target.is_symlink() else target
        if _is_device(target):
            target.write_text(text, encoding="utf-8", errors="replace", newline="\n")
            return
        handle, temporary = tempfile.mkstemp(
            prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent
        )
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).chmod(_mode(target))
        Path(temporary).replace(target)
        temporary = None
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot write {path}: {_why(error)}") from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _is_device(path: Path) -> bool:
    """Whether something stands at ``path`` that is no file and cannot be replaced: /dev/stdout, a pipe.

    Raises OSError where the name itself is impossible, e.g. too long.
    """
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return False


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _mode(path: Path) -> int:
    """The permissions the file had, else those that a new file gets (mkstemp's are the owner's only)."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
