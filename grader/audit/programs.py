"""Grades whole programs for an audit: the reference, trivial ones, right ones, mutants, samples."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from grader.audit.findings import Check, Finding
from grader.audit.mutate import Mutant, mutants
from grader.cases import CaseSet
from grader.errors import SubmissionError
from grader.judge import judge
from grader.model import (
    Cell,
    ExtractedSource,
    FunctionResult,
    Limits,
    Outcome,
    Program,
    Report,
    Submission,
)
from grader.notebook import read_submission
from grader.pack import FunctionSpec, Pack
from grader.pipeline import Options, grade
from grader.sandbox import Runner
from grader.settings_file import convert, load_yaml


class ExpectedFunction(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What ``submissions/expected.yaml`` says of one function."""

    status: str
    diagnosis: str | None = None
    follow_through: bool | None = None


def submission(name: str, source: str) -> Submission:
    """A program as if it had been handed in as a .py file."""
    raw = source.encode()
    return Submission(name, hashlib.sha256(raw).hexdigest(), "py", (Cell(source, None, 0),), raw=raw)


class Grader:
    """Grades with one pack, one case set and one sandbox."""

    def __init__(self, pack: Pack, cases: CaseSet, runner: Runner, limits: Limits) -> None:
        self.pack, self.cases, self.runner, self.options = pack, cases, runner, Options(limits)

    def grade(self, name: str, source: str) -> Report:
        return grade(submission(name, source), self.pack, self.cases, self.runner, self.options)

    def grade_file(self, path: Path) -> Report:
        return grade(read_submission(path), self.pack, self.cases, self.runner, self.options)


def reference_passes(grader: Grader) -> Check:
    """The reference itself, handed in, must get full marks."""
    return _full_marks(
        "reference", [("the reference", grader.grade("reference.py", grader.pack.reference_source))]
    )


def right_ones_pass(grader: Grader) -> Check:
    """Every program in ``submissions/right`` must get full marks."""
    folder = grader.pack.folder / "submissions" / "right"
    reports = ((path.name, grader.grade_file(path)) for path in sorted(folder.glob("*")) if path.is_file())
    return _full_marks("right solutions", reports)


def _full_marks(check: str, reports: Iterator[tuple[str, Report]] | Sequence[tuple[str, Report]]) -> Check:
    findings, total = [], 0
    for name, report in reports:
        total += 1
        for function in report.functions:
            if function.score < function.max_score:
                findings.append(
                    Finding(
                        check,
                        f"{name}: {function.name} gets {function.score:g} of {function.max_score:g}"
                        f" ({function.detail or function.status})",
                    )
                )
    names = len({f.message.split(":")[0] for f in findings})
    return Check(check, f"{total - names} of {total} get full marks", tuple(findings))


def trivial_ones_fail(grader: Grader) -> Check:
    """Programs that answer nothing, or always the same, must get nothing."""
    findings, total = [], 0
    for name, source in trivial(grader.pack):
        total += 1
        report = grader.grade(f"{name}.py", source)
        for function in report.functions:
            if function.score > 0:
                right = ", ".join(c.case.name for c in function.cases if c.outcome is Outcome.CORRECT)
                findings.append(
                    Finding(
                        "trivial programs", f"{name}: {function.name} gets {function.score:g} for: {right}"
                    )
                )
    return Check(
        "trivial programs",
        f"{total} programs that answer nothing; {len(findings)} functions get points",
        tuple(findings),
    )


def trivial(pack: Pack) -> Iterator[tuple[str, str]]:
    """(name, source) of programs without any work in them."""
    bodies: dict[str, Callable[[FunctionSpec], str]] = {
        "blank": lambda spec: "pass",
        "not implemented": lambda spec: "raise NotImplementedError",
        "returns None": lambda spec: "return None",
        "always raises": lambda spec: "raise ValueError('no')",
        "returns 0": lambda spec: f"return {_tuple(spec, '0.0')}",
        "returns a zero array": lambda spec: f"return {_tuple(spec, 'np.zeros((1, 1, 1, 1))')}",
        "returns its first argument": lambda spec: f"return {_tuple(spec, spec.parameters[0])}",
        "returns zeros like its first argument": lambda spec: (
            f"return {_tuple(spec, f'np.zeros_like({spec.parameters[0]})')}"
        ),
        "returns its last argument": lambda spec: f"return {_tuple(spec, spec.parameters[-1])}",
        "returns its arguments": lambda spec: f"return ({', '.join(spec.parameters)},)",
        "returns NaN": lambda spec: f"return {_tuple(spec, 'np.nan')}",
    }
    for name, body in bodies.items():
        functions = (f"def {f.signature}:\n    {body(f)}\n" for f in pack.functions)
        yield name, "import numpy as np\n" + "\n".join(functions)


def _tuple(spec: FunctionSpec, value: str) -> str:
    return value if len(spec.outputs) == 1 else "(" + ", ".join([value] * len(spec.outputs)) + ")"


def samples_match(grader: Grader) -> Check:
    """The hand-ins in ``submissions/`` must get the report that ``expected.yaml`` says."""
    path = grader.pack.folder / "submissions" / "expected.yaml"
    if not path.exists():
        return Check("sample hand-ins", "no submissions/expected.yaml")
    expected = convert(load_yaml(path), dict[str, dict[str, ExpectedFunction]], path)
    findings = []
    for name, functions in expected.items():
        try:
            report = grader.grade_file(path.parent / name)
        except SubmissionError as error:
            findings.append(Finding("sample hand-ins", f"{name}: {error}"))
            continue
        for result in report.functions:
            if (entry := functions.get(result.name)) is not None:
                findings += [Finding("sample hand-ins", f"{name}: {m}") for m in _surprises(result, entry)]
    wrong = len({f.message.split(":")[0] for f in findings})
    summary = f"{len(expected) - wrong} of {len(expected)} get the expected report"
    return Check("sample hand-ins", summary, tuple(findings))


def _surprises(result: FunctionResult, entry: ExpectedFunction) -> Iterator[str]:
    if result.status.value != entry.status:
        yield f"{result.name} is {result.status}, expected {entry.status}"
    first = result.diagnoses[0].id if result.diagnoses else None
    if entry.diagnosis is not None and first != entry.diagnosis:
        yield f"{result.name}: diagnosis {first}, expected {entry.diagnosis}"
    if entry.follow_through is not None and result.follow_through != entry.follow_through:
        yield f"{result.name}: follow_through is {result.follow_through}, expected {entry.follow_through}"


def handout_fails(grader: Grader) -> Check:
    """The hand-out, made from the instructor's notebook and handed in as it is given, must get nothing."""
    from grader.release.handout import make
    from grader.release.verify import earned

    hand_out = make(grader.pack, grader.cases, install="")
    earning = earned(hand_out, grader.pack, grader.cases, grader.runner, grader.options)
    findings = tuple(Finding("hand-out", sentence) for sentence in earning)
    return Check("hand-out", "handed in as it is given, it gets " + ("points" if findings else "0"), findings)


# --------------------------------------------------------------------------- mutants


def mutants_die(grader: Grader, equivalent: Mapping[str, str]) -> Check:
    """Every mutant of the reference must fail a case, or be listed as equivalent with a reason."""
    findings, total, killed = [], 0, 0
    unused = dict(equivalent)
    for mutant in mutants(grader.pack.reference_source, grader.pack.wanted):
        total += 1
        if not survives(grader, mutant):
            killed += 1
        elif mutant.key in unused:
            findings.append(
                Finding("mutants", f"equivalent: {mutant.key} ({unused.pop(mutant.key)})", sound=True)
            )
        elif mutant.key not in equivalent:
            findings.append(Finding("mutants", f"survives: {mutant.key}"))
    for key in unused:
        findings.append(
            Finding("mutants", f"audit.yaml lists as equivalent what is no surviving mutant: {key}")
        )
    alive = sum(not f.sound for f in findings)
    return Check(
        "mutants",
        f"{killed} of {total} mutants of the reference fail a case, {total - killed - alive} are equivalent",
        tuple(findings),
    )


def survives(grader: Grader, mutant: Mutant) -> bool:
    """Whether no case of the mutant's own function sees the change. Stops at the first that does."""
    spec = grader.pack.function(mutant.function)
    program = Program(mutant.source, grader.pack.wanted, grader.options.limits, grader.pack.allowed_imports)
    nowhere = ExtractedSource(mutant.source, {}, ())
    with grader.runner.open(program) as session:
        for item in sorted(grader.cases.functions[mutant.function], key=lambda p: p.cost):
            replies = []
            for call in item.case.calls:
                replies.append(session.call(mutant.function, call, 1.0))
                if not hasattr(replies[-1], "value"):
                    return False
            if judge(item, replies, spec, nowhere).outcome is not Outcome.CORRECT:
                return False
    return True
