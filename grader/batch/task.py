"""What goes to a worker and what comes back: plain data, sent as bytes to a process or a machine.

Neither is a pickle. A worker has read files that strangers wrote; what it says is checked field by
field when it is decoded, and is never code.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec


class Named(msgspec.Struct, frozen=True):
    """One of the hand-ins that share a content: what it is called, and its report's file name."""

    name: str
    label: str


class Task(msgspec.Struct, frozen=True):
    """Grade ``raw``, or only render ``document`` where that was done before.

    With ``verdict`` there is nothing to grade: it is why these hand-ins get no points and no zero.
    """

    key: str
    names: tuple[Named, ...]
    raw: bytes = b""
    document: bytes = b""
    sha256: str = ""
    verdict: str = ""
    status: Literal["not_graded", "unreadable"] = "unreadable"
    attempt: int = 1

    @property
    def size(self) -> int:
        """Bytes that the task holds while it waits."""
        return len(self.raw) + len(self.document)


class FunctionLine(msgspec.Struct, frozen=True, array_like=True):
    """One function of one result, for the class: ``outcomes`` has one letter a case."""

    name: str
    status: str
    score: float
    max_score: float
    follow_through: bool
    diagnoses: tuple[str, ...]
    outcomes: str


class Summary(msgspec.Struct, frozen=True):
    """What the tables of the whole class need of one result."""

    status: Literal["graded", "not_graded", "unreadable"]
    reason: str
    score: float
    max_score: float
    seconds: float
    functions: tuple[FunctionLine, ...] = ()


class Trait(msgspec.Struct, frozen=True, array_like=True):
    """Something that several submissions can have in common: see ``traits``."""

    kind: Literal["misconception", "failure", "source", "structure"]
    function: str
    value: str
    text: str = ""
    size: int = 0


class Graded(msgspec.Struct, frozen=True, tag=True):
    """The answer to a task: the result (empty where the task brought it) and its rendered reports."""

    key: str
    files: dict[str, dict[str, str]]  # label -> suffix -> text
    document: bytes = b""
    summary: Summary | None = None
    traits: tuple[Trait, ...] = ()
    problems: tuple[str, ...] = ()  # formats that could not be rendered, a sentence each


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The task was not done through no fault of the student."""

    key: str
    reason: str


class CaseLine(msgspec.Struct, frozen=True, array_like=True):
    """One case of the pack, for the class."""

    function: str
    name: str
    group: str
    visibility: str
    points: float


class Refused(msgspec.Struct, frozen=True, tag=True):
    """A worker cannot work at all: wrong settings (exit code 2), or no sandbox (3)."""

    reason: str
    exit_code: int = 3


class Facts(msgspec.Struct, frozen=True, tag=True):
    """What every result of a batch has in common; a worker says it when it is ready."""

    assignment: str
    title: str
    functions: tuple[tuple[str, float, bool], ...]  # name, points, whether they count
    cases: tuple[CaseLine, ...]
    fingerprint: str  # of the case set
    pack: str
    catalogue: str  # digest of pages and fault models
    engine: str  # version and digest of the code that decides
    python: str
    numpy: str
    sandbox: str
    limits: str
    values: bytes = b""  # inputs and expected answers, see grader.report.archive

    def setting(self) -> dict[str, Any]:
        """All that decides a result beside the submission."""
        return {
            "assignment": self.assignment,
            "pack": self.pack,
            "catalogue": self.catalogue,
            "cases": self.fingerprint,
            "engine": self.engine,
            "python": self.python,
            "numpy": self.numpy,
            "sandbox": self.sandbox,
            "limits": self.limits,
        }


Reply: TypeAlias = Graded | Failed | Refused | Facts


def encode(message: msgspec.Struct) -> bytes:
    """The bytes of a message."""
    return msgspec.msgpack.encode(message)


def decode_task(data: bytes) -> Task:
    """The task in ``data``."""
    return msgspec.msgpack.decode(data, type=Task)


def decode_reply(data: bytes) -> Reply:
    """What a worker said; raises msgspec.DecodeError where it is nothing a worker says."""
    reply: Reply = msgspec.msgpack.decode(data, type=Reply)
    return reply
