"""How often the diagnosis is right: over the bank of faulty programs, whose authors never saw the models.

``right`` counts a program whose first diagnosis is a true name of its fault; ``confidently wrong`` one that
is called likely under a name that is not true. Programs without a name in the catalogue must get none
that is likely.
"""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grader.audit.answers import answers
from grader.cases import CaseSet
from grader.diagnose import diagnose, gather_evidence
from grader.model import Certainty, Diagnosis
from grader.pack import Pack
from grader.pipeline import PAIR_SECONDS
from tests.benchmarks.measure import Row
from tests.benchmarks.subjects import Subjects
from tests.faults.bank import Program, programs


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one faulty program, and how long that took."""

    program: Program
    diagnoses: tuple[Diagnosis, ...]
    seconds: float
    alone: float  # the seconds without the search for two faults at once

    @property
    def right(self) -> bool:
        """Whether the first name is a true one; for a fault without a name, that none is likely."""
        if not self.program.names:
            return not self.confidently_wrong
        return bool(self.diagnoses) and self._true(self.diagnoses[0])

    @property
    def confidently_wrong(self) -> bool:
        return any(d.certainty is Certainty.LIKELY and not self._true(d) for d in self.diagnoses)

    @property
    def named(self) -> bool:
        return bool(self.diagnoses)

    def _true(self, diagnosis: Diagnosis) -> bool:
        return bool({diagnosis.id, *diagnosis.synonyms} & self.program.names)


def verdicts(kind: str, pack: Pack, cases: CaseSet) -> Iterator[Verdict]:
    """The diagnosis of every program of ``kind``; the programs are our own and run in this process."""
    for program in programs(kind):
        if program.compensating:
            continue
        namespace: dict[str, object] = {"__name__": "student"}
        spec = pack.function(program.function)
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(program.source(), str(program.path), "exec"), namespace)
            np.random.seed(0)
            results = answers(namespace[spec.name], cases.functions[spec.name], spec)  # type: ignore[arg-type]
        times = []
        for seconds in (0.0, PAIR_SECONDS):
            start = time.perf_counter()
            found = diagnose(
                spec.name,
                gather_evidence(results, spec.outputs),
                pack.fault_models,
                pack.misconceptions,
                seconds=seconds,
            )
            times.append(time.perf_counter() - start)
        yield Verdict(program, found, times[1], times[0])


def rows(subjects: Subjects, _: int) -> list[Row]:
    pack, cases = subjects.pack, subjects.cases
    found: list[Row] = []
    for kind, title in (("single", "one fault"), ("compound", "two faults")):
        given = list(verdicts(kind, pack, cases))
        named = [v for v in given if v.program.names]
        unnamed = [v for v in given if not v.program.names]
        right = sum(v.right for v in named) / len(named)
        spoken = [v for v in named if v.named]
        true = sum(v.right for v in spoken) / max(1, len(spoken))
        wrong = sum(v.confidently_wrong for v in given) / len(given)
        slowest = max(v.seconds for v in given)
        found += [
            Row(f"{title}: first name true, of all {len(named)}", 100 * right, "%"),
            Row(f"{title}: named at all, and then true", 100 * true, "%", None, f"{len(spoken)} named"),
            Row(f"{title}: confidently wrong", 100 * wrong, "%", 0.0 if kind == "single" else 1.0),
            Row(f"{title}: slowest search for one", 1e3 * max(v.alone for v in given), "ms", 150.0),
            Row(f"{title}: slowest diagnosis, with pairs", 1e3 * slowest, "ms", 1000.0),
        ]
        if unnamed:
            silent = sum(v.right for v in unnamed) / len(unnamed)
            found.append(Row(f"{title}: nothing likely where there is no name", 100 * silent, "%"))
    return found
