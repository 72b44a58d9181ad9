"""What an audit finds, as data: checks that hold or do not, and facts worth knowing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not sound, or worth a look. ``sound`` is False where it must be mended."""

    check: str
    message: str
    sound: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the pack and its answer in a line; ``findings`` explain a bad one."""

    name: str
    summary: str
    findings: tuple[Finding, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing has to be mended."""
        return all(f.sound for f in self.findings)


@dataclass(frozen=True, slots=True)
class Audit:
    """The whole answer on a pack."""

    pack: str
    checks: tuple[Check, ...]
    tables: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)  # title -> rows

    @property
    def sound(self) -> bool:
        """Whether every check holds."""
        return all(check.sound for check in self.checks)
