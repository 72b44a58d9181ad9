"""Reads the bank: each file defines all four functions and says in its header what is wrong with them.

The programs are written by hand and know nothing of the fault models that diagnose them; that is the
point of having them. A header is the run of `# key: value` comments at the top of a file:

    # function: conv_forward              the function that is wrong
    # misconception: kernel-flipped       the page that names it (`none`: the catalogue has no name for it)
    # also: kernel-transposed             other names that are just as true (optional)
    # note: ...                           for people (optional, may repeat)

Compound programs have `# misconceptions: a, b`. When the two stand in different functions, `# wrong:` lists
every function that is wrong with right helpers, and `# truth: zero_pad=a, conv_forward=b` says what is wrong
with which. Pairs that undo each other have `# compensating: yes`, `# right:` (the functions that are right
with the student's own helpers) and `# wrong:` (the helpers at fault; `none` when both faults stand in one
function, which is then simply right); their `truth` tells what a caller looks like with right helpers in
place. Cheats have `# expect: loses points`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUBMISSIONS = HERE.parents[1] / "assignments" / "conv_step_by_step" / "submissions"
FUNCTIONS = ("zero_pad", "conv_single_step", "conv_forward", "conv_backward")
KINDS = ("right", "right_advisory", "single", "compound", "cheats")

_HEADER_LINE = re.compile(r"#\s*([a-z]+):\s*(.*\S)\s*$")
_KEYS = {
    "single": {"function", "misconception", "also", "note"},
    "compound": {"function", "misconceptions", "also", "note", "compensating", "right", "wrong", "truth"},
    "cheats": {"function", "expect", "also", "note"},
}


class HeaderError(ValueError):
    """A program of the bank whose header cannot be read."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program of the bank and the truth about it."""

    path: Path
    function: str  # the function that is wrong; "" in right hand-ins
    misconceptions: tuple[str, ...]  # the true names; empty when the catalogue has none
    also: tuple[str, ...]  # names that would be equally true
    note: str
    kind: str  # one of KINDS
    wrong: tuple[str, ...] = ()  # every function that is wrong on its own, with right helpers
    right: tuple[str, ...] = ()  # functions that are right with the student's own wrong helpers
    truth: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)  # what is wrong where

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.path.stem}"

    @property
    def compensating(self) -> bool:
        """Does one fault undo another, so that a caller is right although its helper is not?"""
        return bool(self.right)

    @property
    def names(self) -> frozenset[str]:
        """Every misconception that may truly be said of this program."""
        return frozenset(self.misconceptions + self.also)

    def names_for(self, function: str) -> frozenset[str]:
        """Every misconception that may truly be said of this function of the program."""
        if self.truth:
            return frozenset(self.truth.get(function, ()))
        return self.names if function in self.wrong else frozenset()

    def source(self) -> str:
        return self.path.read_text(encoding="utf-8")


def _words(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(","))
    return () if words == ("none",) else words


def read(path: Path, kind: str) -> Program:
    """The program in `path`, its header checked: unknown keys and missing ones are errors."""
    if kind in ("right", "right_advisory"):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        if not first.startswith("# "):
            raise HeaderError(f"{path.name}: the first line should say what is unusual")
        return Program(path, "", (), (), first[2:], kind)
    fields: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not (match := _HEADER_LINE.match(line)):
            break
        fields.setdefault(match[1], []).append(match[2])
    if extra := set(fields) - _KEYS[kind]:
        raise HeaderError(f"{path.name}: unknown header key {min(extra)!r}")
    if (function := fields.get("function", [""])[0]) not in FUNCTIONS:
        raise HeaderError(f"{path.name}: function is {function!r}, expected one of {', '.join(FUNCTIONS)}")
    name_key = {"single": "misconception", "compound": "misconceptions", "cheats": "expect"}[kind]
    if name_key not in fields:
        raise HeaderError(f"{path.name}: no line '# {name_key}: ...'")
    names = () if kind == "cheats" else _words(fields[name_key][0])
    also = _words(fields["also"][0]) if "also" in fields else ()
    wrong = _words(fields["wrong"][0]) if "wrong" in fields else (function,)
    right = _words(fields["right"][0]) if "right" in fields else ()
    truth: dict[str, tuple[str, ...]] = {}
    for item in fields.get("truth", [""])[0].split(","):
        if item.strip():
            where, _, what = item.strip().partition("=")
            truth[where] = truth.get(where, ()) + _words(what)
    return Program(path, function, names, also, " ".join(fields.get("note", [])), kind, wrong, right, truth)


def folder(kind: str) -> Path:
    return SUBMISSIONS / kind if kind.startswith("right") else HERE / kind


def programs(*kinds: str) -> Iterator[Program]:
    """Every program of these kinds (all when none is given), in the order of their names."""
    for kind in kinds or KINDS:
        for path in sorted(folder(kind).glob("*.py")):
            yield read(path, kind)
