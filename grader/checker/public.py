"""The public checks of an assignment as data: what a hand-out brings instead of cases and a reference.

Two files, ``checks/<assignment>.json`` and ``.npz``. They hold the visible cases with their inputs and
expected answers, and the visible properties with what must hold, so that a self-check needs neither the
reference nor any code of the pack.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from grader.cases import CaseSet, Prepared
from grader.checker.values import Writer, read, read_npz
from grader.errors import ConfigError, PackError
from grader.model import Arguments, Case, Limits, Output, Value, Visibility
from grader.pack import FunctionSpec, Group, LimitsEntry, Pack
from grader.pipeline import SLOWER_THAN_REFERENCE
from grader.properties import Balanced, Equals, Every, Property, Related, Same, Take
from grader.settings_file import convert

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA = "grader.checks/1"

#: Output -> input -> for every entry of the output, first and last index (plus one) along every axis of
#: the input between which all lies that the entry is made of; -1 where nothing of it is used.
Footprints = Mapping[str, Mapping[str, "NDArray[np.int16]"]]


# --------------------------------------------------------------------------- the file


class _Equals(msgspec.Struct, tag_field="must", tag="equal", forbid_unknown_fields=True):
    output: str
    value: Any


class _Related(msgspec.Struct, tag_field="must", tag="relate", forbid_unknown_fields=True):
    output: str
    transform: Literal["same", "take", "every"]
    axes: tuple[int, ...] = ()
    indices: tuple[int, ...] = ()
    step: int = 1


class _Balanced(msgspec.Struct, tag_field="must", tag="balance", forbid_unknown_fields=True):
    output: str
    weights: Any
    value: float


class _Case(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    group: str
    calls: list[Any]
    meaning: str = ""
    outputs: tuple[str, ...] = ()
    unchanged: bool = False
    expected: list[Any] = []
    assertions: tuple[_Equals | _Related | _Balanced, ...] = ()
    made_of: dict[str, dict[str, Any]] = {}


class _Function(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    signature: str
    points: float
    role: str
    returns: list[dict[str, str]]
    groups: dict[str, str]
    helpers: tuple[str, ...]
    cases: list[_Case]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    schema: str
    assignment: str
    title: str
    allowed_imports: tuple[str, ...]
    compat: tuple[str, ...]
    limits: LimitsEntry
    functions: list[_Function]


# --------------------------------------------------------------------------- in memory


@dataclass(frozen=True, slots=True)
class PublicFunction:
    """One function's public checks. Its ``spec`` gives one point a check: points are not decided here."""

    spec: FunctionSpec
    points: float
    helpers: tuple[str, ...]
    cases: tuple[Prepared, ...]
    footprints: Mapping[str, Footprints]  # case -> footprints

    @property
    def name(self) -> str:
        """The function's name."""
        return self.spec.name


@dataclass(frozen=True, slots=True)
class PublicChecks:
    """The public checks of one assignment, as read from ``path``."""

    path: Path
    assignment: str
    title: str
    allowed_imports: tuple[str, ...]
    compat: tuple[str, ...]
    limits: Limits
    functions: tuple[PublicFunction, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The functions' names, in the order of the rubric."""
        return tuple(f.name for f in self.functions)

    def function(self, name: str) -> PublicFunction:
        """The checks of the function called ``name``."""
        return next(f for f in self.functions if f.name == name)

    def reached(self, names: Sequence[str]) -> tuple[str, ...]:
        """``names`` and the functions that they are built on, in the order of the rubric."""
        wanted = set(names)
        for function in reversed(self.functions):
            if function.name in wanted:
                wanted.update(function.helpers)
        return tuple(name for name in self.names if name in wanted)

    def pack(self, names: Sequence[str]) -> Pack:
        """A pack of these functions for the pipeline: no folder, no reference, no fault models."""
        nowhere = self.path.with_suffix("")
        return Pack(
            self.assignment,
            self.title,
            nowhere,
            tuple(f.spec for f in self.functions if f.name in names),
            nowhere / "reference.py",
            self.allowed_imports,
            self.compat,
            LimitsEntry(),
            vary_by_submission=False,
        )

    def cases(self, names: Sequence[str]) -> CaseSet:
        """The cases of these functions. There is no secret behind them and none to warn of."""
        return CaseSet({f.name: f.cases for f in self.functions if f.name in names}, "", secret=True)


# --------------------------------------------------------------------------- writing


def dump(
    pack: Pack, cases: CaseSet, footprints: Mapping[tuple[str, str], Footprints] | None = None
) -> tuple[bytes, bytes]:
    """The public part of ``cases`` as the bytes of a JSON and an ``.npz`` file.

    Raises PackError where a public case cannot be handed out as data.
    """
    writer = Writer()
    functions = [
        _written_function(f, [p for p in cases.functions[f.name] if _public(p)], writer, footprints or {})
        for f in pack.functions
    ]
    entry = _File(SCHEMA, pack.name, pack.title, pack.allowed_imports, pack.compat, pack.limits, functions)
    text = json.dumps(msgspec.to_builtins(entry), indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode(), writer.npz()


def _public(prepared: Prepared) -> bool:
    return prepared.case.visibility is Visibility.PUBLIC


def _written_function(
    spec: FunctionSpec,
    cases: Sequence[Prepared],
    writer: Writer,
    footprints: Mapping[tuple[str, str], Footprints],
) -> _Function:
    shown = {p.case.group for p in cases}
    return _Function(
        spec.name,
        spec.signature,
        spec.points,
        spec.role,
        [{"name": o.name, "kind": o.kind} for o in spec.outputs],
        {g.name: g.title for g in spec.groups if g.name in shown},
        spec.helpers,
        [
            _written_case(p, spec, f"{spec.name}/{k}", writer, footprints.get((spec.name, p.case.name), {}))
            for k, p in enumerate(cases, start=1)
        ],
    )


def _written_case(
    prepared: Prepared, spec: FunctionSpec, key: str, writer: Writer, footprints: Footprints
) -> _Case:
    case = prepared.case
    judge = case.judge
    if judge is not None and not isinstance(judge, Property):
        raise PackError(
            f"{case.function}: case {case.name!r} is public but judged by code of its own, which cannot be"
            " handed out; declare it as a property, or make it hidden"
        )
    calls: list[Any] = []
    for position, call in enumerate(case.calls):
        earlier = next((k for k in range(position) if case.calls[k] is call), None)
        nth = f"{key}" if len(case.calls) == 1 else f"{key}/call{position + 1}"
        calls.append(
            {"same_as": earlier}
            if earlier is not None
            else [writer.write(v, f"{nth}/{_parameter(spec, k)}") for k, v in enumerate(call)]
        )
    written = _Case(case.name, case.group, calls, case.meaning, case.outputs, case.unchanged)
    if judge is not None:
        written.assertions = tuple(
            _written_assertion(a, f"{key}/must{k}", writer) for k, a in enumerate(judge.assertions, start=1)
        )
        return written
    written.expected = [
        writer.write(v, f"{key}/expected{k + 1 if k else ''}") for k, v in enumerate(prepared.expected)
    ]
    written.made_of = {
        output: {label: writer.write(box, f"{key}/made_of/{output}/{label}") for label, box in boxes.items()}
        for output, boxes in footprints.items()
    }
    return written


def _parameter(spec: FunctionSpec, position: int) -> str:
    names = spec.parameters
    return names[position] if position < len(names) else f"argument{position + 1}"


def _written_assertion(
    assertion: Equals | Related | Balanced, key: str, writer: Writer
) -> _Equals | _Related | _Balanced:
    if isinstance(assertion, Equals):
        return _Equals(assertion.output, writer.write(assertion.value, key))
    if isinstance(assertion, Balanced):
        return _Balanced(assertion.output, writer.write(assertion.weights, key), float(assertion.value))
    transform = assertion.transform
    if isinstance(transform, Take):
        return _Related(assertion.output, "take", axes=(transform.axis,), indices=tuple(transform.indices))
    if isinstance(transform, Every):
        return _Related(assertion.output, "every", axes=tuple(transform.axes), step=transform.step)
    return _Related(assertion.output, "same")


# --------------------------------------------------------------------------- reading


def load(path: Path) -> PublicChecks:
    """The checks in ``path`` (the JSON file; the ``.npz`` lies beside it).

    Raises ConfigError naming file and field where they cannot be read.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); was it downloaded completely?") from None
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise ConfigError(
            f"{path}: schema: {schema!r}, expected {SCHEMA!r}; is it a file of another version of grader?"
        )
    entry = convert(data, _File, path)
    arrays = read_npz(path.with_suffix(".npz"))
    try:
        limits = Limits(**{k: v for k, v in msgspec.structs.asdict(entry.limits).items() if v is not None})
        functions = tuple(_read_function(f, limits, arrays) for f in entry.functions)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise ConfigError(f"{path}: {error}") from None
    return PublicChecks(
        path, entry.assignment, entry.title, entry.allowed_imports, entry.compat, limits, functions
    )


def _read_function(
    entry: _Function, limits: Limits, arrays: Mapping[str, np.ndarray[Any, Any]]
) -> PublicFunction:
    outputs = tuple(Output(r["name"], r.get("kind", "array")) for r in entry.returns)
    cases = tuple(_read_case(c, entry, outputs, limits, arrays) for c in entry.cases)
    counts = {name: sum(p.case.group == name for p in cases) for name in entry.groups}
    spec = FunctionSpec(
        entry.name,
        float(len(cases)),
        entry.signature,
        outputs,
        tuple(Group(name, float(counts[name]), title) for name, title in entry.groups.items()),
    )
    footprints = {
        c.name: {
            output: {label: read(box, arrays) for label, box in boxes.items()}
            for output, boxes in c.made_of.items()
        }
        for c in entry.cases
        if c.made_of
    }
    return PublicFunction(spec, entry.points, entry.helpers, cases, footprints)


def _read_case(
    entry: _Case,
    function: _Function,
    outputs: tuple[Output, ...],
    limits: Limits,
    arrays: Mapping[str, np.ndarray[Any, Any]],
) -> Prepared:
    calls: list[Arguments] = []
    for call in entry.calls:
        calls.append(calls[call["same_as"]] if isinstance(call, dict) else tuple(read(call, arrays)))
    judge = None
    if entry.assertions:
        judge = Property(entry.meaning, outputs, tuple(_read_assertions(entry, arrays)))
    expected: tuple[Value, ...] = tuple(read(v, arrays) for v in entry.expected)
    if judge is None and len(expected) != len(calls):
        raise ValueError(f"{function.name}: case {entry.name!r}: {len(expected)} expected answers")
    case = Case(
        entry.name,
        function.name,
        tuple(calls),
        entry.group,
        Visibility.PUBLIC,
        1.0,
        entry.outputs,
        entry.unchanged,
        judge,
        entry.name if judge is not None else "",
        entry.meaning,
        function.groups[entry.group],
    )
    # Nobody timed a reference here: a call may take what a case may take.
    seconds = limits.seconds_per_case / SLOWER_THAN_REFERENCE
    answers = (expected or (None,) * len(calls), (seconds,) * len(calls))
    return Prepared(case.visibility, lambda: case, lambda _: answers)


def _read_assertions(
    entry: _Case, arrays: Mapping[str, np.ndarray[Any, Any]]
) -> Iterator[Equals | Related | Balanced]:
    for given in entry.assertions:
        if isinstance(given, _Equals):
            yield Equals(given.output, read(given.value, arrays))
        elif isinstance(given, _Balanced):
            yield Balanced(given.output, read(given.weights, arrays), given.value)
        elif given.transform == "take":
            yield Related(given.output, Take(given.axes[0], given.indices))
        elif given.transform == "every":
            yield Related(given.output, Every(given.axes, given.step))
        else:
            yield Related(given.output, Same())
