"""Finds what stands between the instructor's markers, and takes it out.

### BEGIN SOLUTION … ### END SOLUTION    inside one code cell: becomes a stub
### BEGIN HIDDEN … ### END HIDDEN        lines, or whole cells from one marker to the other: go away
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.errors import ConfigError

SOLUTION, HIDDEN = "SOLUTION", "HIDDEN"

#: What a student finds where the solution stood. nbgrader knows the two words and keeps what is round them.
STUB = (
    "# BEGIN SOLUTION (your code goes between these two lines)",
    "raise NotImplementedError",
    "# END SOLUTION",
)


def marks(line: str, word: str, kind: str) -> bool:
    """Whether ``line`` is the marker ``### <word> <kind>``, alone or in a Markdown comment."""
    return f"### {word} {kind}" in line


@dataclass(frozen=True, slots=True)
class Solution:
    """One solution: where it stands and its lines."""

    cell: str
    text: str


def without_solutions(source: str, where: str) -> tuple[str, tuple[Solution, ...]]:
    """``source`` with stubs in place of its solutions, and the solutions.

    Raises ConfigError where a marker has no partner.
    """
    kept: list[str] = []
    found: list[Solution] = []
    inside: list[str] | None = None
    for number, line in enumerate(source.split("\n"), start=1):
        if marks(line, "BEGIN", SOLUTION):
            if inside is not None:
                raise ConfigError(f"{where}, line {number}: BEGIN SOLUTION inside another solution")
            inside = []
            indent = line[: len(line) - len(line.lstrip())]
            # Outside a function the stub must not raise: the notebook has to run to its end.
            kept += [f"{indent}{text}" for text in STUB if indent or not text.startswith("raise")]
        elif marks(line, "END", SOLUTION):
            if inside is None:
                raise ConfigError(f"{where}, line {number}: END SOLUTION without BEGIN SOLUTION")
            found.append(Solution(where, "\n".join(inside)))
            inside = None
        elif inside is not None:
            inside.append(line)
        else:
            kept.append(line)
    if inside is not None:
        raise ConfigError(f"{where}: BEGIN SOLUTION without END SOLUTION")
    return "\n".join(kept), tuple(found)


def without_hidden(cells: Sequence[tuple[str, str]]) -> Iterator[str | None]:
    """For each cell (where, source) what is left of it; None where the whole cell goes.

    Raises ConfigError where a marker has no partner.
    """
    opened = ""
    for where, source in cells:
        hidden, kept = bool(opened), []
        for number, line in enumerate(source.split("\n"), start=1):
            if marks(line, "BEGIN", HIDDEN):
                if opened:
                    raise ConfigError(
                        f"{where}, line {number}: BEGIN HIDDEN, but the one of {opened} is open"
                    )
                opened, hidden = where, True
            elif marks(line, "END", HIDDEN):
                if not opened:
                    raise ConfigError(f"{where}, line {number}: END HIDDEN without BEGIN HIDDEN")
                opened = ""
            elif not opened:
                kept.append(line)
        text = "\n".join(kept)
        yield None if hidden and not text.strip() else text.strip("\n") if hidden else text
    if opened:
        raise ConfigError(f"{opened}: BEGIN HIDDEN without END HIDDEN")
