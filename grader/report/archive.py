"""A whole report as bytes and back, so that another format can be made of it without grading again.

``grader.report/1`` is a contract with other programs and leaves out what they do not need: answers,
worked examples, inputs. This is the engine's own form, kept in a batch's store and read by nobody
else. It holds plain data and the model's own classes by name, never a pickle.

What all submissions share (cases and expected answers) is kept once, in ``CaseValues``, and what a
student returned is cut to a budget: a report must not cost megabytes because an answer did.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

import msgspec
import msgspec.structs
from msgspec.structs import replace

from grader import model
from grader.model import (
    Case,
    CaseResult,
    NoValue,
    Opaque,
    Outcome,
    Reply,
    Report,
    Returned,
    Submission,
    Value,
)

#: The classes that may be in an archive, by name.
_CLASSES = {
    c.__name__: c
    for c in (
        model.Case,
        model.CaseResult,
        model.Definition,
        model.Diagnosis,
        model.Difference,
        model.Environment,
        model.FunctionResult,
        model.Note,
        model.NoValue,
        model.Opaque,
        model.Place,
        model.Raised,
        model.Report,
        model.Returned,
        model.Submission,
        model.Twin,
    )
}
_ENUMS = {
    e.__name__: e
    for e in (
        model.Certainty,
        model.DefinitionState,
        model.Level,
        model.Outcome,
        model.Status,
        model.Visibility,
    )
}
#: Never kept: code, and what is in the submission's own file.
_LEFT_OUT = {"Case": {"judge"}, "Submission": {"cells", "raw", "metadata"}}

#: Bytes of one array of an answer, of all of them in one report; characters of one text.
MOST_ARRAY = 32_768
MOST_ANSWERS = 262_144
MOST_TEXT = 4_000

#: (function, case) -> the case and its expected answers.
CaseValues: TypeAlias = Mapping[tuple[str, str], tuple[Case, tuple[Value, ...]]]


class Unreadable(ValueError):
    """The bytes are no archive of this version."""


def freeze(report: Report, shared: CaseValues) -> bytes:
    """``report`` as bytes; the cases that are ``shared`` are left out."""
    budget = _Budget()
    functions = tuple(
        replace(f, cases=tuple(_without_shared(c, shared, budget) for c in f.cases)) for f in report.functions
    )
    return _pack(replace(report, functions=functions))


def thaw(data: bytes, shared: CaseValues) -> Report:
    """The report in ``data``, its submission without cells; raises Unreadable."""
    report = _unpack(data)
    if not isinstance(report, Report):
        raise Unreadable("not a report")
    functions = tuple(
        replace(f, cases=tuple(_with_shared(c, shared) for c in f.cases)) for f in report.functions
    )
    return replace(report, functions=functions)


def freeze_values(values: CaseValues) -> bytes:
    """The cases and their expected answers as bytes."""
    return _pack([(replace(case, judge=None), expected) for case, expected in values.values()])


def thaw_values(data: bytes) -> CaseValues:
    """What ``freeze_values`` was given; nothing for no bytes."""
    if not data:
        return {}
    return {(case.function, case.name): (case, expected) for case, expected in _unpack(data)}


# --------------------------------------------------------------------------- what is left out


@dataclass
class _Budget:
    """How many bytes of answers may still be kept."""

    left: int = field(default=MOST_ANSWERS)

    def cut(self, value: Value) -> Value:
        """``value`` with its large arrays replaced by a word about them."""
        import numpy as np

        if isinstance(value, np.ndarray):
            if value.nbytes > min(MOST_ARRAY, self.left):
                return Opaque("array", f"of shape {value.shape}, {value.dtype}, too large to be kept")
            self.left -= value.nbytes
        elif isinstance(value, str):
            return _cut_text(value)
        elif isinstance(value, (tuple, list)):
            return type(value)(self.cut(item) for item in value)
        elif isinstance(value, dict):
            return {key: self.cut(item) for key, item in value.items()}
        return value


def _cut_text(text: str) -> str:
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"


@dataclass(frozen=True, slots=True)
class _Shared:
    """Stands for a case that is kept once for all."""

    function: str
    name: str


def _without_shared(result: CaseResult, shared: CaseValues, budget: _Budget) -> CaseResult:
    case: Any = result.case
    expected = result.expected
    known = shared.get((case.function, case.name))
    if known is not None and known[0] is case:
        case = _Shared(case.function, case.name)
        expected = () if known[1] is expected else expected
    right = result.outcome is Outcome.CORRECT and len(result.replies) == len(result.expected)
    replies = tuple(_cut_reply(reply, right, budget) for reply in result.replies)
    return replace(result, case=case, expected=expected, replies=replies)


def _cut_reply(reply: Reply, right: bool, budget: _Budget) -> Reply:
    if len(reply.printed) > MOST_TEXT:
        reply = replace(reply, printed=_cut_text(reply.printed))
    if isinstance(reply, NoValue):
        return reply
    return replace(reply, value=None if right else budget.cut(reply.value))


def _with_shared(result: CaseResult, shared: CaseValues) -> CaseResult:
    case: Any = result.case
    expected = result.expected
    if isinstance(case, _Shared):
        if (known := shared.get((case.function, case.name))) is None:
            raise Unreadable(f"its case {case.name!r} is not kept")
        case, expected = known[0], expected or known[1]
    replies = result.replies
    # A right answer was not kept: it is the expected one.
    if result.outcome is Outcome.CORRECT and len(replies) == len(expected):
        replies = tuple(
            replace(r, value=e) if isinstance(r, Returned) else r
            for r, e in zip(replies, expected, strict=True)
        )
    return replace(result, case=case, expected=expected, replies=replies)


# --------------------------------------------------------------------------- bytes


def _pack(value: Any) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(_plain(value)), 1)


def _unpack(data: bytes) -> Any:
    try:
        return _built(msgspec.msgpack.decode(zlib.decompress(data)))
    except (zlib.error, msgspec.DecodeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from None


def _plain(value: Any) -> Any:
    """A tree of numbers, texts, bytes and lists; a list's first item says what it stands for."""
    kind = type(value)
    if value is None or kind in (bool, float, bytes):
        return value
    if kind is str:
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if kind in (tuple, list):
        return ["t" if kind is tuple else "l", *map(_plain, value)]
    if kind is _Shared:
        return ["r", value.function, value.name]
    if kind in _KEPT_FIELDS:
        kept = {}
        for name, default in _KEPT_FIELDS[kind]:
            content = getattr(value, name)
            if content is not default:
                kept[name] = _plain(content)
        return ["m", kind.__name__, kept]
    if isinstance(value, Enum):
        return ["e", kind.__name__, value.value]
    if kind is int:
        return value if -(1 << 63) <= value < 1 << 63 else ["i", f"{value:x}"]
    if kind is complex:
        return ["c", value.real, value.imag]
    if isinstance(value, Mapping):
        return ["d", *(_plain(part) for item in value.items() for part in item)]
    return _array(value)


#: Class -> its fields with their defaults, which are not written.
_KEPT_FIELDS = {
    kind: tuple(
        (f.name, f.default) for f in msgspec.structs.fields(kind) if f.name not in _LEFT_OUT.get(name, ())
    )
    for name, kind in _CLASSES.items()
}


def _array(value: Any) -> Any:
    import numpy as np

    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biufc":
        kind = "a" if isinstance(value, np.ndarray) else "s"
        return [kind, value.dtype.str, list(value.shape), np.ascontiguousarray(value).tobytes()]
    return ["m", "Opaque", {"type_name": type(value).__name__, "reason": "not kept"}]


def _built(tree: Any) -> Any:
    if not isinstance(tree, list):
        return tree
    kind, parts = tree[0], tree[1:]
    if kind in ("t", "l"):
        items = [_built(part) for part in parts]
        return tuple(items) if kind == "t" else items
    if kind == "d":
        return {_built(k): _built(v) for k, v in zip(parts[::2], parts[1::2], strict=True)}
    if kind == "e":
        return _ENUMS[parts[0]](parts[1])
    if kind == "r":
        return _Shared(parts[0], parts[1])
    if kind == "i":
        return int(parts[0], 16)
    if kind == "c":
        return complex(parts[0], parts[1])
    if kind in ("a", "s"):
        import numpy as np

        array = np.frombuffer(parts[2], np.dtype(parts[0])).reshape(parts[1])
        return array.copy() if kind == "a" else array[()]
    if kind == "m":
        return _object(parts[0], parts[1])
    raise Unreadable(f"a part of the unknown kind {kind!r}")


def _object(name: str, content: Mapping[str, Any]) -> Any:
    kind = _CLASSES[name]
    known = {f.name for f in msgspec.structs.fields(kind)}
    values = {key: _built(value) for key, value in content.items() if key in known}
    if kind is Submission:
        values["cells"] = ()
    return kind(**values)
