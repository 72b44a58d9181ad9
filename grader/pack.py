"""An assignment as a folder: its rubric, its cases, its reference and its catalogue of misconceptions.

Packs are loaded by path rather than imported as part of the engine, so that a course keeps its own
without touching ``grader/``. A pack's Python (cases, reference, fault models) is trusted code of the
instructor; what is wrong with it is a PackError or ConfigError, never a student's mistake.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Struct

from grader.errors import ConfigError, GraderError, PackError
from grader.model import Arguments, Difference, FaultModel, Output, Value, Visibility
from grader.settings_file import convert, load_yaml

if TYPE_CHECKING:
    import numpy as np

Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class ReturnEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One output in ``assignment.yaml``."""

    name: str
    kind: Literal["array", "scalar", "record"] = "array"


class GroupEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A group of cases that shares its points by the cases' weights."""

    name: str
    points: Annotated[float, msgspec.Meta(ge=0)]
    title: str = ""
    all_or_nothing: bool = False


class FunctionEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One function in ``assignment.yaml``."""

    name: str
    points: Positive
    signature: str
    returns: tuple[ReturnEntry, ...]
    groups: tuple[GroupEntry, ...]
    helpers: tuple[str, ...] = ()
    role: Literal["required", "bonus", "practice"] = "required"
    minimum_for_credit: Share = 0.0


class LimitsEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Limits in ``assignment.yaml`` and ``config.yaml``; what is absent keeps its default."""

    seconds_per_case: Positive | None = None
    seconds_per_submission: Positive | None = None
    memory_mb: Annotated[int, msgspec.Meta(ge=32)] | None = None
    output_kb: Annotated[int, msgspec.Meta(ge=1)] | None = None


class AssignmentFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``assignment.yaml`` as a whole."""

    title: str
    functions: Annotated[tuple[FunctionEntry, ...], msgspec.Meta(min_length=1)]
    reference: str = ""
    allowed_imports: tuple[str, ...] = ("numpy", "math")
    compat: tuple[str, ...] = ()
    limits: LimitsEntry = LimitsEntry()
    vary_by_submission: bool = False


class Group(Struct, frozen=True):
    """A group of cases and the points they share."""

    name: str
    points: float
    title: str
    all_or_nothing: bool = False


class FunctionSpec(Struct, frozen=True):
    """What the rubric says of one function."""

    name: str
    points: float
    signature: str
    outputs: tuple[Output, ...]
    groups: tuple[Group, ...]
    helpers: tuple[str, ...] = ()
    role: str = "required"
    minimum_for_credit: float = 0.0

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameter names of ``signature``."""
        inside = self.signature.partition("(")[2].rpartition(")")[0]
        return tuple(name for p in inside.split(",") if (name := p.partition("=")[0].strip()))

    def group(self, name: str) -> Group:
        """The group called ``name``."""
        return next(g for g in self.groups if g.name == name)


Judge = Callable[[tuple[Value, ...]], "Difference | None"]


class CasePlan(Struct, frozen=True):
    """How a case is made: the author's side of a Case.

    ``build(rng)`` returns the arguments of one call, or a list of such tuples for several calls.
    ``judge(calls)`` returns the judge for those calls; without it the reference judges.
    """

    name: str
    build: Callable[[np.random.Generator], Arguments | list[Arguments]]
    group: str
    visibility: Visibility
    weight: float = 1.0
    outputs: tuple[str, ...] = ()
    unchanged: bool = False
    property_id: str = ""
    judge: Callable[[tuple[Arguments, ...]], Judge] | None = None
    meaning: str = ""


def public(name: str, build: Callable[[Any], Any], group: str, **more: Any) -> CasePlan:
    """A case whose inputs and answers a student may see."""
    return CasePlan(name, build, group, Visibility.PUBLIC, **more)


def hidden(name: str, build: Callable[[Any], Any], group: str, **more: Any) -> CasePlan:
    """A case of which a student sees only group and outcome."""
    return CasePlan(name, build, group, Visibility.HIDDEN, **more)


class Misconception(Struct, frozen=True):
    """One page of the catalogue."""

    id: str
    title: str
    idea: str
    functions: tuple[str, ...]
    summary: str
    question: str
    synonyms: tuple[str, ...]
    variants: Mapping[str, str]
    body: str
    path: Path

    def say(self, function: str, variant: str = "") -> str:
        """The summary as a sentence about ``function``."""
        text = self.variants.get(variant) or self.summary
        return text.replace("{function}", function)


class _PageHeader(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    id: str
    title: str
    idea: str
    functions: tuple[str, ...]
    summary: str
    question: str
    synonyms: tuple[str, ...] = ()
    variants: dict[str, str] = msgspec.field(default_factory=dict)


@dataclass(frozen=True)
class Pack:
    """A loaded assignment."""

    name: str
    title: str
    folder: Path
    functions: tuple[FunctionSpec, ...]
    reference_path: Path
    allowed_imports: tuple[str, ...]
    compat: tuple[str, ...]
    limits: LimitsEntry
    vary_by_submission: bool
    _modules: dict[Path, ModuleType] = field(default_factory=dict, repr=False, compare=False)

    def function(self, name: str) -> FunctionSpec:
        """The rubric of the function called ``name``."""
        return next(f for f in self.functions if f.name == name)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names of the functions, in the order of the rubric."""
        return tuple(f.name for f in self.functions)

    @cached_property
    def digest(self) -> str:
        """A hash of every file that decides a mark: rubric, cases, reference."""
        total = hashlib.sha256()
        for path in [self.folder / "assignment.yaml", *sorted(self.folder.glob("*.py")), self.reference_path]:
            if path.exists():
                total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return "sha256:" + total.hexdigest()[:16]

    def reference(self, function: str) -> Callable[..., Value]:
        """The reference solution of ``function``: trusted code, never sent to the student's process."""
        found = getattr(self.module(self.reference_path), function, None)
        if not callable(found):
            raise ConfigError(f"{self.reference_path}: expected a function called {function}")
        return found  # type: ignore[no-any-return]

    @cached_property
    def reference_source(self) -> str:
        """The text of the reference, for the separate process that answers helper calls."""
        return self.reference_path.read_text(encoding="utf-8")

    def plans(self, function: str) -> tuple[CasePlan, ...]:
        """The case plans of ``function`` out of ``cases.py``."""
        path = self.folder / "cases.py"
        maker = getattr(self.module(path), f"{function}_cases", None)
        if maker is None:
            raise ConfigError(f"{path}: expected a function called {function}_cases")
        plans = tuple(self.guard(f"{path}: {function}_cases", lambda: list(maker())))
        known = {g.name for g in self.function(function).groups}
        for plan in plans:
            if plan.group not in known:
                raise ConfigError(
                    f"{path}: {function}_cases: case {plan.name!r} is in group {plan.group!r}, which"
                    f" assignment.yaml does not list (it lists {', '.join(sorted(known))})"
                )
        for name in known - {plan.group for plan in plans}:
            raise ConfigError(f"{path}: {function}_cases: no case is in group {name!r}")
        return plans

    @cached_property
    def fault_models(self) -> tuple[FaultModel, ...]:
        """The fault models of ``misconceptions/models.py``; none where the pack has none."""
        path = self.folder / "misconceptions" / "models.py"
        if not path.exists():
            return ()
        maker = self.module(path).fault_models
        return tuple(self.guard(f"{path}: fault_models", lambda: list(maker())))

    @cached_property
    def twins(self) -> ModuleType | None:
        """``misconceptions/twins.py``: tiny public cases and how they are worked out; None without it."""
        path = self.folder / "misconceptions" / "twins.py"
        return self.module(path) if path.exists() else None

    @cached_property
    def misconceptions(self) -> Mapping[str, Misconception]:
        """The pages of the catalogue by id, each read when it is asked for."""
        return Pages(self.folder / "misconceptions")

    def module(self, path: Path) -> ModuleType:
        """A Python file of the pack, executed once.

        Raises ConfigError where it is missing, PackError where it fails.
        """
        if path not in self._modules:
            if not path.exists():
                raise ConfigError(f"{path}: there is no such file")
            self._modules[path] = self.guard(str(path), lambda: _execute(path, self.name))
        return self._modules[path]

    def guard(self, what: str, run: Callable[[], Any]) -> Any:
        """``run()``; an exception out of the pack's own code becomes a PackError that names it."""
        try:
            return run()
        except GraderError:
            raise
        except Exception as error:
            raise PackError(f"{what}: {type(error).__name__}: {error}") from error


def _execute(path: Path, pack: str) -> ModuleType:
    name = f"grader_pack_{pack}_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses defined in a pack look their module up
    spec.loader.exec_module(module)
    return module


def load_pack(folder: Path, reference_dir: Path | None = None) -> Pack:
    """The pack in ``folder``.

    Raises ConfigError naming file and field where something in it is wrong.
    """
    path = folder / "assignment.yaml"
    if not path.exists():
        raise ConfigError(f"{folder}: not an assignment (expected a file assignment.yaml in it)")
    entry = convert(load_yaml(path), AssignmentFile, path)
    _check_rubric(entry, path)
    functions = tuple(
        FunctionSpec(
            f.name,
            f.points,
            f.signature,
            tuple(Output(r.name, r.kind) for r in f.returns),
            tuple(Group(g.name, g.points, g.title or g.name, g.all_or_nothing) for g in f.groups),
            f.helpers,
            f.role,
            f.minimum_for_credit,
        )
        for f in entry.functions
    )
    name = folder.resolve().name
    if entry.reference:
        reference = folder / entry.reference
    elif (folder / "reference.py").exists():
        reference = folder / "reference.py"
    else:
        reference = (reference_dir or folder.parent.parent / "reference") / f"{name}.py"
    return Pack(
        name,
        entry.title,
        folder,
        functions,
        reference,
        entry.allowed_imports,
        entry.compat,
        entry.limits,
        entry.vary_by_submission,
    )


def _check_rubric(entry: AssignmentFile, path: Path) -> None:
    names = [f.name for f in entry.functions]
    for position, function in enumerate(entry.functions):
        where = f"{path}: functions[{position}]"
        if not function.name.isidentifier():
            raise ConfigError(f"{where}.name: {function.name!r} is not a Python name")
        if names.count(function.name) > 1:
            raise ConfigError(f"{where}.name: {function.name!r} is listed twice")
        if not function.returns:
            raise ConfigError(f"{where}.returns: expected at least one output")
        total = sum(g.points for g in function.groups)
        if abs(total - function.points) > 1e-9:
            raise ConfigError(
                f"{where}.groups: the groups' points add up to {total:g}, expected {function.points:g}"
            )
        for helper in function.helpers:
            if helper not in names[:position]:
                raise ConfigError(f"{where}.helpers: {helper!r} is not a function listed before it")


def read_page(path: Path) -> Misconception:
    """One page of the catalogue: YAML front matter between ``---`` lines, then Markdown."""
    import yaml

    text = path.read_text(encoding="utf-8")
    opening, header, body = (*text.split("---\n", 2), "", "")[:3]
    if opening.strip() or not body:
        raise ConfigError(f"{path}: expected a header between two lines of ---")
    try:
        data = yaml.load(header, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: the header is not valid YAML ({error})") from None
    page = convert(data, _PageHeader, path)
    if page.id != path.stem:
        raise ConfigError(f"{path}: id: {page.id!r}, expected {path.stem!r} (the file's name)")
    return Misconception(
        page.id,
        page.title,
        page.idea,
        page.functions,
        page.summary,
        page.question,
        page.synonyms,
        page.variants,
        body.strip() + "\n",
        path,
    )


class Pages(Mapping[str, Misconception]):
    """A catalogue's pages by id: a failed hand-in needs one of a hundred files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths = {path.stem: path for path in sorted(folder.glob("*.md"))}
        self._read: dict[str, Misconception] = {}

    def __getitem__(self, page_id: str) -> Misconception:
        if page_id not in self._read:
            self._read[page_id] = read_page(self._paths[page_id])
        return self._read[page_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def find_packs(assignments_dir: Path) -> Iterator[Path]:
    """The folders below ``assignments_dir`` that hold an assignment.yaml, by name."""
    if assignments_dir.is_dir():
        yield from sorted(p.parent for p in assignments_dir.glob("*/assignment.yaml"))
