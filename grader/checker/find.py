"""Finds the public checks that belong to a notebook: the folder ``checks`` beside it, or above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.checker.public import PublicChecks, load
from grader.errors import ConfigError

FOLDER = "checks"


def find_checks(
    start: Path, metadata: Mapping[str, Any], given: Path | None = None, functions: Sequence[str] = ()
) -> PublicChecks:
    """The checks in ``given`` (a file, or a folder with them), else in ``checks`` at or above ``start``.

    Where there are several, the notebook's own metadata say which, else the functions asked for.
    Raises ConfigError with what to do where none fits, or more than one.
    """
    if given is not None and given.is_file():
        return load(given)
    folder = given if given is not None else _folder(start)
    files = sorted(folder.glob("*.json")) if folder is not None else []
    if not files:
        where = given if given is not None else start / FOLDER
        raise ConfigError(
            f"there are no public checks in {where}: keep the folder '{FOLDER}' that came with the notebook"
            " beside it, or say where it is"
        )
    own = metadata.get("grader")
    name = own.get("assignment") if isinstance(own, Mapping) else None
    named = [f for f in files if f.stem == name]
    if named or len(files) == 1:
        return load((named or files)[0])
    fitting = [c for c in map(load, files) if functions and set(functions) <= set(c.names)]
    if len(fitting) == 1:
        return fitting[0]
    listed = ", ".join(f.name for f in files)
    raise ConfigError(f"{folder} holds checks of several assignments ({listed}): say which file to use")


def _folder(start: Path) -> Path | None:
    start = start.resolve()
    return next((p / FOLDER for p in (start, *start.parents) if any((p / FOLDER).glob("*.json"))), None)
