"""Reads a YAML settings file into a typed value, or says which field of which file is wrong.

msgspec checks types and ranges; this module only adds what a person needs beside the verdict: the
file's name, the path of the field, and the nearest known key when one is misspelt.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from grader.errors import ConfigError

T = TypeVar("T")

_WHERE = re.compile(r" - at `\$\.?(?P<where>[^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>[^`]*)`")
_MISSING = re.compile(r"Object missing required field `(?P<key>[^`]*)`")


def load_yaml(path: Path) -> Any:
    """The plain data of a YAML file.

    Raises ConfigError where the file cannot be read or is no YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from None
    kept = _kept(text)
    if (data := _read_kept(kept)) is None:
        data = _parsed(text, path)
        _keep(data, kept)
    return data


def _parsed(text: str, path: Path) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}, column {mark.column + 1}:" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise ConfigError(f"{path}:{where} not valid YAML ({problem})") from None


# Importing and running a YAML parser takes longer than grading a small hand-in: what came out of it is kept,
# under the hash of the text, as Python keeps what it has compiled.


def _kept(text: str) -> Path | None:
    """Where it is; None for a user without a home."""
    given = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    base = given or os.path.expanduser("~/.cache")  # noqa: PTH111 - it never raises
    if not os.path.isabs(base):  # noqa: PTH117
        return None
    name = hashlib.sha256(text.encode()).hexdigest()
    return Path(base) / "stepgrader" / f"{name[:32]}.json"


def _read_kept(kept: Path | None) -> Any:
    try:
        if kept is None or not _is_own(kept.stat()):
            return None
        return msgspec.json.decode(kept.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _is_own(found: os.stat_result) -> bool:
    """Whether nobody else can have written it: what is allowed and what it is worth would be theirs."""
    if not stat.S_ISREG(found.st_mode) or not hasattr(os, "getuid"):
        return stat.S_ISREG(found.st_mode)
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _keep(data: Any, kept: Path | None) -> None:
    """Where that is possible and JSON gives back the same (a date, a number as a key would not)."""
    with contextlib.suppress(OSError, TypeError, ValueError, RecursionError):
        encoded = msgspec.json.encode(data)
        if kept is None or data is None or repr(msgspec.json.decode(encoded)) != repr(data):
            return
        kept.parent.mkdir(parents=True, exist_ok=True)
        written = kept.with_suffix(f".{os.getpid()}")
        written.touch(0o600)
        written.write_bytes(encoded)
        written.replace(kept)


def convert(data: Any, kind: type[T], path: Path) -> T:
    """``data`` checked against the msgspec struct ``kind``.

    Raises ConfigError naming file, field and what was expected.
    """
    if data is None:
        data = {}
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_explain(str(error), kind)}") from None


def _explain(message: str, kind: Any) -> str:
    found = _WHERE.search(message)
    where = found["where"] if found else ""
    message = message[: found.start()] if found else message
    if unknown := _UNKNOWN.match(message):
        key = unknown["key"]
        known = _known_keys(kind, where)
        import difflib

        near = difflib.get_close_matches(key, known, n=1)
        listed = f"; known: {', '.join(sorted(known))}" if known else ""
        hint = f"; did you mean {near[0]!r}?" if near else listed
        return f"{_join(where, key)}: unknown key{hint}"
    if missing := _MISSING.match(message):
        return f"{_join(where, missing['key'])}: missing"
    return f"{where or 'the file'}: {message[0].lower()}{message[1:]}"


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _known_keys(kind: Any, where: str) -> list[str]:
    """The keys of the struct that ``where`` (``functions[0].returns[...]``) leads to."""
    current = _struct_in(kind)
    for name in re.findall(r"[A-Za-z_]\w*", where):
        if current is None:
            return []
        field = {f.name: f.type for f in msgspec.structs.fields(current)}.get(name)
        current = _struct_in(field) or current
    return [] if current is None else [f.name for f in msgspec.structs.fields(current)]


def _struct_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if (nested := _struct_in(argument)) is not None:
            return nested
    return None
