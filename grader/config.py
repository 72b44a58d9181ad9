"""A course's settings: ``config.yaml``, few keys, each with a default.

The file is looked for beside the command (this folder and those above it), so that ``grader run``
works from anywhere inside a course's repository. Paths in it are relative to the file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Struct

from grader.errors import ConfigError
from grader.model import Limits
from grader.pack import LimitsEntry, Pack, find_packs, load_pack
from grader.settings_file import convert, load_yaml

FILE = "config.yaml"


class RuntimeEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which interpreter runs student code."""

    python: str | None = None


class ConfigFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``config.yaml`` as it stands in the file."""

    assignment: str | None = None
    assignments_dir: str = "assignments"
    reference_dir: str = "reference"
    hidden_seed: str | None = None
    sandbox: Literal["auto", "strict", "standard", "portable"] = "auto"
    limits: LimitsEntry = LimitsEntry()
    runtime: RuntimeEntry = RuntimeEntry()
    audience: Literal["student", "instructor"] = "student"
    reports: tuple[str, ...] = ("text",)
    hints: Annotated[int, msgspec.Meta(ge=0, le=3)] = 2
    fail_under: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None
    jobs: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Settings(Struct, frozen=True):
    """The settings in force: the file's, with paths resolved."""

    file: ConfigFile
    path: Path | None
    assignments_dir: Path
    reference_dir: Path

    @property
    def secret(self) -> bytes | None:
        """The secret behind the hidden cases, or None where the course has set none.

        Raises ConfigError where one is named but cannot be had: grading on with guessable cases
        would be a quiet failure.
        """
        return read_secret(self.file.hidden_seed, self.path)


def load_settings(path: Path | None = None, start: Path | None = None) -> Settings:
    """The settings of ``path``, or of the first config.yaml in ``start`` (default: here) and above."""
    if path is None:
        path = _find(start or Path.cwd())
    if path is None:
        base = Path.cwd()
        return Settings(ConfigFile(), None, base / "assignments", base / "reference")
    file = convert(load_yaml(path), ConfigFile, path)
    base = path.parent
    return Settings(file, path, base / file.assignments_dir, base / file.reference_dir)


def _find(start: Path) -> Path | None:
    start = start.resolve()
    return next((p / FILE for p in (start, *start.parents) if (p / FILE).is_file()), None)


def read_secret(source: str | None, path: Path | None) -> bytes | None:
    """The bytes that ``env:NAME`` or ``file:PATH`` stands for."""
    if source is None:
        return None
    where = f"{path or FILE}: hidden_seed"
    kind, colon, rest = source.partition(":")
    if not colon or kind not in ("env", "file") or not rest:
        raise ConfigError(f"{where}: {source!r}, expected env:NAME or file:PATH")
    if kind == "env":
        secret = os.environ.get(rest, "").strip().encode()
        if not secret:
            raise ConfigError(f"{where}: the environment variable {rest} is not set or empty")
        return secret
    file = (path.parent if path else Path.cwd()) / rest
    try:
        secret = file.read_bytes().strip()
    except OSError as error:
        raise ConfigError(f"{where}: {file} cannot be read ({error.strerror})") from None
    if not secret:
        raise ConfigError(f"{where}: {file} is empty")
    return secret


def limits(*entries: LimitsEntry) -> Limits:
    """The limits in force; of several entries the last that sets a field wins."""
    given = {}
    for entry in entries:
        given.update({k: v for k, v in msgspec.structs.asdict(entry).items() if v is not None})
    return Limits(**given)


def find_pack(settings: Settings, name: str) -> Pack:
    """The pack called ``name``, or in the folder ``name``.

    Raises ConfigError naming the nearest known assignment.
    """
    folder = Path(name)
    if (folder / "assignment.yaml").exists():
        return load_pack(folder, settings.reference_dir)
    folder = settings.assignments_dir / name
    if name and (folder / "assignment.yaml").exists():
        return load_pack(folder, settings.reference_dir)
    known = [p.name for p in find_packs(settings.assignments_dir)]
    import difflib

    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known) or 'none'}"
    raise ConfigError(f"no assignment {name!r} in {settings.assignments_dir}; {hint}")


def choose_assignment(settings: Settings, metadata: Mapping[str, Any]) -> str:
    """The assignment of a submission nobody named one for: its own metadata, else the settings'."""
    own = metadata.get("grader")
    if isinstance(own, Mapping) and isinstance(own.get("assignment"), str):
        name = str(own["assignment"])
        if name in {p.name for p in find_packs(settings.assignments_dir)}:
            return name
    if settings.file.assignment is not None:
        return settings.file.assignment
    packs = list(find_packs(settings.assignments_dir))
    if len(packs) == 1:
        return packs[0].name
    names = ", ".join(p.name for p in packs) or "none found"
    raise ConfigError(
        f"which assignment? Give --assignment, or set 'assignment' in {settings.path or FILE}"
        f" (in {settings.assignments_dir}: {names})"
    )
