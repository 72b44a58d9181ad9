"""Turns a pack's case plans into cases with values, expected answers and points.

Each case draws its values from its own generator, seeded by an HMAC of the course's secret over the
names of pack, function and case. Knowing all of this code, but not the secret, tells nothing about a
hidden value; changing one case leaves the others as they were. Shapes and conditions are the plan's,
so scores are comparable whatever the secret.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from msgspec import Struct

from grader.errors import PackError
from grader.model import Arguments, Case, Value, Visibility
from grader.pack import CasePlan, FunctionSpec, Pack

#: Used without a secret: everybody can compute these cases, and the report says so.
PUBLIC_SEED = b"grader: public default seed"


#: The reference's answers and the seconds that each took, one entry a call.
Answers = tuple[tuple[Value, ...], tuple[float, ...]]


class Prepared:
    """A case and the reference's answers, each worked out when it is first asked for.

    So the student's process computes the first cases while the grader still draws the others, and computes
    answers while the grader computes its own.
    """

    __slots__ = ("_answers", "_case", "_cost", "_make", "_work_out", "visibility")

    def __init__(
        self, visibility: Visibility, make: Callable[[], Case], work_out: Callable[[Case], Answers]
    ) -> None:
        self.visibility, self._make, self._work_out = visibility, make, work_out
        self._case: Case | None = None
        self._cost: int | None = None
        self._answers: Answers | None = None

    @property
    def case(self) -> Case:
        """The case with its values. Raises PackError where the plan fails."""
        if self._case is None:
            self._case = self._make()
        return self._case

    @property
    def cost(self) -> int:
        """A repeatable measure of the work."""
        if self._cost is None:
            self._cost = sum(map(_size, self.case.calls))
        return self._cost

    @property
    def answers(self) -> Answers:
        """Both of the below. Raises PackError where the reference fails."""
        if self._answers is None:
            self._answers = self._work_out(self.case)
        return self._answers

    @property
    def expected(self) -> tuple[Value, ...]:
        """What the reference returns for each call."""
        return self.answers[0]

    @property
    def seconds(self) -> tuple[float, ...]:
        """How long the reference took for each call."""
        return self.answers[1]


class CaseSet(Struct, frozen=True):
    """All cases of a pack for one secret."""

    functions: Mapping[str, tuple[Prepared, ...]]
    fingerprint: str
    secret: bool  # whether a secret is behind the hidden cases


def prepare(pack: Pack, secret: bytes | None, variation: str = "", *, ahead: bool = True) -> CaseSet:
    """The cases of ``pack``, worked out at once unless there is no need to have them ``ahead``.

    ``variation`` (e.g. a submission's hash) changes the hidden values, never shapes or conditions.
    Raises PackError where a plan or the reference fails.
    """
    key = secret or PUBLIC_SEED
    functions = {f.name: tuple(_prepare_function(pack, f, key, variation)) for f in pack.functions}
    if ahead:
        for prepared in functions.values():
            for item in prepared:
                _ = item.answers
    mark = hmac.new(key, f"fingerprint|{pack.name}|{pack.digest}".encode(), hashlib.sha256).hexdigest()
    return CaseSet(functions, f"sha256:{mark[:16]}", secret is not None)


def generator(key: bytes, *names: str) -> np.random.Generator:
    """The random generator of one case."""
    digest = hmac.new(key, "|".join(names).encode(), hashlib.sha256).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))


def _prepare_function(pack: Pack, spec: FunctionSpec, key: bytes, variation: str) -> list[Prepared]:
    plans = pack.plans(spec.name)
    names = [plan.name for plan in plans]
    if len(set(names)) != len(names):
        raise PackError(f"{pack.folder}/cases.py: {spec.name}_cases: two cases have one name")
    weights: dict[str, float] = {}
    for plan in plans:
        weights[plan.group] = weights.get(plan.group, 0.0) + plan.weight
    reference = pack.reference(spec.name)
    return [_prepare_case(pack, spec, plan, weights[plan.group], reference, key, variation) for plan in plans]


def _prepare_case(
    pack: Pack,
    spec: FunctionSpec,
    plan: CasePlan,
    weights: float,
    reference: object,
    key: bytes,
    variation: str,
) -> Prepared:
    """One case; ``weights`` is the sum of those of its group."""
    what = f"{pack.folder}/cases.py: {spec.name}: case {plan.name!r}"
    group = spec.group(plan.group)

    def make() -> Case:
        hidden = plan.visibility is Visibility.HIDDEN
        names = (pack.name, spec.name, plan.name)
        rng = generator(key, *names, variation) if hidden else generator(PUBLIC_SEED, *names)
        built = pack.guard(what, lambda: plan.build(rng))
        calls: tuple[Arguments, ...] = tuple(built) if isinstance(built, list) else (built,)
        make_judge = plan.judge
        judge = pack.guard(what, lambda: make_judge(calls)) if make_judge is not None else None
        return Case(
            plan.name,
            spec.name,
            calls,
            plan.group,
            plan.visibility,
            group.points * plan.weight / weights,
            plan.outputs,
            plan.unchanged,
            judge,
            plan.property_id,
            plan.meaning,
            group.title,
        )

    return Prepared(plan.visibility, make, lambda case: _answers(pack, what, reference, case.calls))


def _answers(pack: Pack, what: str, reference: object, calls: Sequence[Arguments]) -> Answers:
    expected, seconds = [], []
    for call in calls:
        start = time.perf_counter()
        answer = pack.guard(f"{what}: the reference", lambda call=call: reference(*copied(call)))  # type: ignore[operator, misc]
        seconds.append(time.perf_counter() - start)
        expected.append(answer)
    return tuple(expected), tuple(seconds)


def copied(value: Value) -> Value:
    """A deep copy of a nested value, so that nobody's in-place work reaches anybody else."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, tuple):
        return tuple(copied(v) for v in value)
    if isinstance(value, list):
        return [copied(v) for v in value]
    if isinstance(value, dict):
        return {k: copied(v) for k, v in value.items()}
    return value


def _size(value: Value) -> int:
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, (tuple, list)):
        return sum(map(_size, value))
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return 8
