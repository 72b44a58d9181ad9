"""Reads a bank of faulty programs, and lets them answer a pack's cases in this process.

The programs are written by hand, each with a header like those of ``tests/faults``:

    # function: pool_backward             the function that is wrong; all others are right
    # misconception: stride-ignored       the page that names it (`none`: the catalogue has no name for it)
    # misconceptions: a, b                in the folder ``compound``: two faults in one function
    # also: hyperparameter-hard-coded     other names that are just as true (optional)
    # note: ...                           for people (optional)

They are our own and harmless, so no sandbox is needed to run them.
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import score
from grader.audit.answers import answers
from grader.cases import CaseSet
from grader.diagnose import diagnose, gather_evidence
from grader.model import CaseResult, Diagnosis
from grader.pack import Pack
from tests.faults.bank import HeaderError

_HEADER_LINE = re.compile(r"#\s*([a-z]+):\s*(.*\S)\s*$")
_KEYS = {"function", "misconception", "misconceptions", "also", "note"}


@dataclass(frozen=True, slots=True)
class Program:
    """One program of a bank and the truth about it."""

    path: Path
    function: str
    misconceptions: tuple[str, ...]  # empty when the catalogue has no name for it
    also: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def names(self) -> frozenset[str]:
        """Every misconception that may truly be said of this program."""
        return frozenset(self.misconceptions + self.also)

    def functions(self) -> dict[str, Any]:
        """What the program defines."""
        names: dict[str, Any] = {"__name__": "student"}
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(self.path.read_text(encoding="utf-8"), str(self.path), "exec"), names)
        return names


def read(path: Path) -> Program:
    """The program in ``path``. Raises HeaderError for a header that cannot be read."""
    fields: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not (match := _HEADER_LINE.match(line)):
            break
        if match[1] not in _KEYS or match[1] in fields:
            raise HeaderError(f"{path.name}: unknown or repeated header key {match[1]!r}")
        fields[match[1]] = match[2]
    if "function" not in fields or len(fields.keys() & {"misconception", "misconceptions"}) != 1:
        raise HeaderError(f"{path.name}: expected lines '# function: ...' and '# misconception: ...'")
    names = fields.get("misconception", "") or fields["misconceptions"]
    return Program(path, fields["function"], _words(names), _words(fields.get("also", "none")))


def _words(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(","))
    return () if words == ("none",) else words


def programs(folder: Path, kind: str) -> Iterator[Program]:
    """Every program of a kind, in the order of their names."""
    return map(read, sorted((folder / kind).glob("*.py")))


def marked(
    functions: dict[str, Any], pack: Pack, cases: CaseSet
) -> dict[str, tuple[float, tuple[CaseResult, ...]]]:
    """The points and results of every function, each with the program's own helpers."""
    found = {}
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for spec in pack.functions:
            results = answers(functions[spec.name], cases.functions[spec.name], spec)
            found[spec.name] = (score.points(spec, results), results)
    return found


def diagnosed(program: Program, pack: Pack, cases: CaseSet) -> tuple[Diagnosis, ...]:
    """What is said of the function that is wrong."""
    spec = pack.function(program.function)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = answers(program.functions()[spec.name], cases.functions[spec.name], spec)
    return diagnose(spec.name, gather_evidence(results, spec.outputs), pack.fault_models, pack.misconceptions)


def truly(diagnosis: Diagnosis, program: Program) -> bool:
    """Whether the diagnosis is true of the program."""
    return bool(program.names & {diagnosis.id, *diagnosis.synonyms})
