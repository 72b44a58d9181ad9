"""Writes the reports of a batch, and finds out at the next run which of them are still there.

A report is derived from the store, so that it is not forced onto the disk one by one as the results
are; instead its length is kept, and a file that is missing or of another length is made again.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from grader.errors import NotGraded, UsageError
from grader.store import Store, Written

REPORTS = "reports"
#: Where a file is written before it takes its place; one is enough, for a batch has its folder to itself.
_PART = ".part"
#: Under which the store keeps what the tables were made of.
TABLES = "tables"


class Output:
    """The folder of a batch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            (folder / REPORTS).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} cannot be written: {error.strerror or error}") from None

    def write(self, label: str, key: str, view: str, files: Mapping[str, str]) -> Written:
        """Write one hand-in's reports; what is returned is to be kept in the store."""
        sizes = {
            suffix: self._replace(self.folder / REPORTS / f"{label}{suffix}", [text])
            for suffix, text in files.items()
        }
        return Written(label, key, view, sizes)

    def tables_stand(self, store: Store, mark: str) -> bool:
        """Whether the files beside the reports were made out of what ``mark`` stands for, and are whole."""
        kept = json.loads(store.meta(TABLES) or "{}")
        return kept.get("mark") == mark and self._sizes_are(self.folder, kept["sizes"])

    def write_tables(self, store: Store, mark: str, tables: Mapping[str, Iterable[str]]) -> None:
        """Write the files beside the reports, line by line."""
        sizes = {name: self._replace(self.folder / name, lines) for name, lines in tables.items()}
        store.set_meta(TABLES, json.dumps({"mark": mark, "sizes": sizes}))

    def _replace(self, path: Path, pieces: Iterable[str]) -> int:
        """Put a whole file in its place in one step; returns its length."""
        part = path.parent / _PART
        try:
            with part.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
                file.writelines(pieces)
                size = file.tell()
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise _failed(path, error) from error
        return size

    def check(self, store: Store, view: str, suffixes: frozenset[str]) -> None:
        """Forget reports that are not as they were written; remove those of nobody in the class."""
        broken: list[str] = []
        for written in store.written():
            for suffix in written.sizes.keys() - suffixes:
                self._remove(written.label, suffix)
            if written.view == view and not self._whole(written):
                broken.append(written.label)
        for label in store.gone():
            broken.append(label)
            for suffix in suffixes:
                self._remove(label, suffix)
        store.unwrite(broken)
        store.unwrite_other_views(view)

    def _whole(self, written: Written) -> bool:
        files = {f"{written.label}{suffix}": size for suffix, size in written.sizes.items()}
        return self._sizes_are(self.folder / REPORTS, files)

    @staticmethod
    def _sizes_are(folder: Path, sizes: Mapping[str, int]) -> bool:
        base = os.path.join(folder, "")  # noqa: PTH118 - for every report of the class
        try:
            return all(os.stat(base + name).st_size == size for name, size in sizes.items())  # noqa: PTH116
        except OSError:
            return False

    def _remove(self, label: str, suffix: str) -> None:
        with suppress(OSError):
            (self.folder / REPORTS / f"{label}{suffix}").unlink()


def _failed(path: Path, error: OSError) -> NotGraded:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        return NotGraded(
            f"{path.parent}: the disk is full; what is graded so far is kept, make room and run again"
        )
    return NotGraded(f"cannot write {path}: {error.strerror or error}; what is graded so far is kept")
