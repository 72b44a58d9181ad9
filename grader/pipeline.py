"""Grades one submission: the whole flow on one page.

    submission ─► extract ─► run in the sandbox ─► judge ─► follow through ─► diagnose ─► score ─► report

Everything but the sandbox is pure. A later function is run with the student's own helpers first;
where that fails and a helper is not right, again with right helpers in its place, computed by another
process: a mistake is charged once, where it was made.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from grader import __version__, score
from grader.cases import CaseSet, Prepared, copied
from grader.extract import extract
from grader.judge import judge
from grader.model import (
    Arguments,
    CaseResult,
    Definition,
    DefinitionState,
    Diagnosis,
    Environment,
    ExtractedSource,
    FunctionResult,
    Level,
    Limits,
    Note,
    NoValue,
    Outcome,
    Program,
    Reply,
    Report,
    Status,
    Submission,
    Visibility,
    system,
)
from grader.pack import FunctionSpec, Pack

if TYPE_CHECKING:
    from grader.sandbox import Runner, Session

#: A call may take this many times what the reference took, but never less than the floor.
SLOWER_THAN_REFERENCE = 200
FLOOR_SECONDS = 1.0

#: How long two misconceptions at once are looked for.
PAIR_SECONDS = 1.0

#: From this hint level on a diagnosis shows a small case.
TWIN_HINTS = 2


class Options(Struct, frozen=True):
    """What may differ from one grading to another with the same pack."""

    limits: Limits = field(default_factory=Limits)
    hints: int = 2
    diagnose: bool = True  # whether wrong answers are explained, which only costs time where there are any


def grade(
    submission: Submission,
    pack: Pack,
    cases: CaseSet,
    runner: Runner,
    options: Options | None = None,
    meanwhile: Callable[[ExtractedSource], None] = lambda _: None,
) -> Report:
    """The report on ``submission``. ``meanwhile`` is called while the student's functions are being run.

    Raises NotGraded where something of ours fails; a student's mistake never raises.
    """
    options = options or Options()
    extracted = extract(submission, pack.wanted, allowed_imports=pack.allowed_imports, compat=pack.compat)
    run = _Run(pack, cases, runner, options, extracted, meanwhile)
    try:
        results = _with_findings(run.functions(), submission, extracted)
        notes = (*submission.notes, *_left_out(extracted), *extracted.notes, *run.notes, *_secret_note(cases))
    finally:
        run.close()
    ungraded = any(c.outcome is Outcome.UNGRADED for f in results for c in f.cases)
    return Report(
        assignment=pack.name,
        title=pack.title,
        submission=submission,
        functions=results,
        notes=notes,
        environment=Environment(
            python=runner.python,
            numpy=runner.numpy,
            sandbox=runner.mode,
            mechanisms=runner.mechanisms,
            cases=cases.fingerprint,
            pack=pack.digest,
            platform=system(),
        ),
        grader_version=__version__,
        status="not_graded" if ungraded else "graded",
        reason="some cases could not be run through no fault of the student" if ungraded else "",
    )


def _left_out(extracted: ExtractedSource) -> Iterator[Note]:
    """What was not taken out of the submission although it might be missed."""
    for piece in extracted.dropped:
        yield Note(Level.WARNING, f"left out: {piece.reason}", piece.place)


def _with_findings(
    results: tuple[FunctionResult, ...], submission: Submission, extracted: ExtractedSource
) -> tuple[FunctionResult, ...]:
    """What can be read off the source of the functions that lost points."""
    wrong = [f.name for f in results if f.status in (Status.PARTIAL, Status.INCORRECT)]
    if not wrong:
        return results
    from grader.findings import find

    notes = find(submission, extracted, wrong)
    return tuple(
        replace(f, findings=(*f.findings, *(n for n in notes if n.function == f.name))) for f in results
    )


def not_graded(submission: Submission, pack: Pack, reason: str) -> Report:
    """The report where something of ours failed: no marks, neither good nor bad ones."""
    functions = tuple(
        FunctionResult(
            f.name,
            Status.NOT_GRADED,
            0.0,
            f.points,
            detail="not graded, through no fault of yours",
            counted=f.role == "required",
        )
        for f in pack.functions
    )
    return Report(
        assignment=pack.name,
        title=pack.title,
        submission=submission,
        functions=functions,
        notes=submission.notes,
        environment=Environment(platform.python_version(), "", "", pack=pack.digest),
        grader_version=__version__,
        status="not_graded",
        reason=reason,
    )


def _secret_note(cases: CaseSet) -> tuple[Note, ...]:
    if cases.secret:
        return ()
    return (
        Note(
            Level.WARNING,
            "no hidden_seed is set: the hidden cases are the public defaults, which anybody can compute",
        ),
    )


class _Run:
    """The sessions of one submission: its own, and those with right helpers."""

    def __init__(
        self,
        pack: Pack,
        cases: CaseSet,
        runner: Runner,
        options: Options,
        extracted: ExtractedSource,
        meanwhile: Callable[[ExtractedSource], None],
    ) -> None:
        self.pack, self.cases, self.runner, self.options = pack, cases, runner, options
        self.extracted, self._meanwhile = extracted, meanwhile
        self.notes: list[Note] = []
        self._sessions: list[Session] = []
        self._oracle: Session | None = None
        self._seconds_left = options.limits.seconds_per_submission

    def close(self) -> None:
        """End every process that was started for this submission."""
        for session in (*self._sessions, *([self._oracle] if self._oracle else [])):
            session.close()

    def functions(self) -> tuple[FunctionResult, ...]:
        """The verdicts, in the order of the rubric."""
        own = self._run_all()
        results: dict[str, FunctionResult] = {}
        for spec in self.pack.functions:
            results[spec.name] = self._function(spec, own.get(spec.name, ()), results)
        return tuple(results.values())

    def _run_all(self) -> dict[str, tuple[CaseResult, ...]]:
        """Every function's cases with the student's own helpers.

        All public cases of all functions come before the first hidden one: what a public case returns
        is shown, and a program that had seen hidden inputs could repeat them there.
        """
        defined = [
            spec
            for spec in self.pack.functions
            if self.extracted.definitions[spec.name].state
            not in (DefinitionState.MISSING, DefinitionState.BROKEN)
        ]
        if not defined:
            return {}
        session = self._open(())
        runs = {spec.name: _CaseRun(self, session, spec, self.cases.functions[spec.name]) for spec in defined}
        session.plan([call for run in runs.values() for call in run.calls(Visibility.PUBLIC)])
        for spec in defined:
            for item in self.cases.functions[spec.name]:
                _ = item.case  # drawn while the process computes the public ones
        self._meanwhile(self.extracted)
        self._note_load_errors(session)
        for run in runs.values():
            run.run(Visibility.PUBLIC)
        session.plan([call for run in runs.values() for call in run.calls(Visibility.HIDDEN)])
        for run in runs.values():
            run.run(Visibility.HIDDEN)
        session.close()
        return {name: run.results for name, run in runs.items()}

    # ----------------------------------------------------------------- one function

    def _function(
        self, spec: FunctionSpec, cases: tuple[CaseResult, ...], earlier: Mapping[str, FunctionResult]
    ) -> FunctionResult:
        prepared = self.cases.functions[spec.name]
        definition = self.extracted.definitions[spec.name]
        if definition.state in (DefinitionState.MISSING, DefinitionState.BROKEN):
            return _undefined(spec, prepared, definition)
        blamed: tuple[str, ...] = ()
        evidence = cases
        wrong: tuple[str, ...] = ()
        if not score.all_correct(cases):
            wrong = tuple(h for h in spec.helpers if not _is_right(earlier[h]))
            cases, blamed, evidence = self._follow_through(spec, prepared, cases, wrong)
        earned = score.points(spec, cases)
        status = score.status(earned, spec.points, cases)
        if definition.state is DefinitionState.BLANK and earned == 0:
            return FunctionResult(
                spec.name,
                Status.BLANK,
                0.0,
                spec.points,
                tuple(replace(c, score=0.0) for c in cases),
                definition=definition,
                counted=spec.role == "required",
                detail=definition.detail or "this function still has to be written",
            )
        diagnoses: tuple[Diagnosis, ...] = ()
        if not score.all_correct(cases):
            diagnoses = self._diagnose(spec, evidence)
            diagnoses = self._with_twin(spec, diagnoses, wrong)
        return FunctionResult(
            name=spec.name,
            status=status,
            score=earned if spec.role != "practice" else 0.0,
            max_score=spec.points,
            cases=cases,
            diagnoses=diagnoses,
            follow_through=bool(blamed),
            blamed=tuple(h for h in blamed if h in definition.uses or h in definition.undefined) or blamed,
            definition=definition,
            detail=_first_thing(cases),
            counted=spec.role == "required",
        )

    def _follow_through(
        self,
        spec: FunctionSpec,
        prepared: Sequence[Prepared],
        own: tuple[CaseResult, ...],
        wrong: Sequence[str],
    ) -> tuple[tuple[CaseResult, ...], tuple[str, ...], tuple[CaseResult, ...]]:
        """The best run, the helpers it has right ones for, and the run that shows the own mistakes.

        All wrong helpers are replaced first; smaller sets only matter where a caller makes up for
        one helper's mistake and suffers from another's.
        """
        best = evidence = own
        blamed: tuple[str, ...] = ()
        for size in range(len(wrong), 0, -1):
            for stubs in combinations(wrong, size):
                cases = self._run_stubbed(stubs, spec, prepared)
                if size == len(wrong):
                    evidence = cases
                if score.points(spec, cases) > score.points(spec, best):
                    best = tuple(
                        replace(c, follow_through=c.outcome is Outcome.CORRECT and o.outcome is not c.outcome)
                        for c, o in zip(cases, own, strict=True)
                    )
                    blamed = stubs
                if score.all_correct(best):
                    return best, blamed, evidence
        return best, blamed, evidence

    def _diagnose(self, spec: FunctionSpec, cases: Sequence[CaseResult]) -> tuple[Diagnosis, ...]:
        """What the answers say about the student's belief."""
        if not self.options.diagnose:
            return ()
        from grader.diagnose import diagnose, gather_evidence

        found = self.pack.guard(
            f"{self.pack.folder}: diagnosing {spec.name}",
            lambda: diagnose(
                spec.name,
                gather_evidence(cases, spec.outputs),
                self.pack.fault_models,
                self.pack.misconceptions,
                seconds=PAIR_SECONDS,
            ),
        )
        return tuple(found)

    def _with_twin(
        self, spec: FunctionSpec, diagnoses: tuple[Diagnosis, ...], wrong: tuple[str, ...]
    ) -> tuple[Diagnosis, ...]:
        """The first diagnosis with a small public case beside it, where the pack has one that shows it.

        The student's function answers it in a process that has seen no hidden input.
        """
        workings = self.pack.twins
        if workings is None or not diagnoses or self.options.hints < TWIN_HINTS:
            return diagnoses
        first = diagnoses[0]
        models = (
            m
            for m in self.pack.fault_models
            if (m.function, m.misconception, m.variant) == (spec.name, first.id, first.variant)
        )
        model = next(models, None)
        if model is None:
            return diagnoses
        from grader.twin import choose, make_twin

        reference = self.pack.reference(spec.name)
        cases = workings.twin_cases(spec.name)
        call = self.pack.guard("twins.py", lambda: choose(model, cases, reference, spec.outputs))
        if call is None:
            return diagnoses
        session = self._open(wrong)
        reply = self.call(session, spec.name, call, 0.0, 0)
        session.close()
        expected = reference(*copied(call))
        twin = self.pack.guard(
            "twins.py", lambda: make_twin(spec.name, spec.outputs, workings, call, reply, expected)
        )
        return (replace(first, twin=twin), *diagnoses[1:])

    def _run_stubbed(
        self, stubs: tuple[str, ...], spec: FunctionSpec, prepared: Sequence[Prepared]
    ) -> tuple[CaseResult, ...]:
        """The function's cases in a process of their own, with right helpers for ``stubs``."""
        session = self._open(stubs)
        run = _CaseRun(self, session, spec, prepared)
        for visibility in (Visibility.PUBLIC, Visibility.HIDDEN):
            session.plan(run.calls(visibility))
            run.run(visibility)
        session.close()
        return run.results

    def call(self, session: Session, function: str, call: Arguments, reference: float, entropy: int) -> Reply:
        """One call within the time that the case and the submission have."""
        scaled = max(FLOOR_SECONDS, SLOWER_THAN_REFERENCE * reference)
        left = self._seconds_left - sum(one.load_seconds for one in self._sessions)
        allowed = min(scaled, self.options.limits.seconds_per_case, left)
        if allowed <= 0:
            return NoValue(Outcome.NOT_RUN, "not run: the submission has used up its time")
        reply = session.call(function, call, allowed, entropy=entropy)
        self._seconds_left -= reply.seconds
        return reply

    # ----------------------------------------------------------------- processes

    def _open(self, stubs: tuple[str, ...]) -> Session:
        program = Program(
            self.extracted.source,
            self.pack.wanted,
            self.options.limits,
            self.pack.allowed_imports,
            self.pack.compat,
            stubs,
        )
        session = self.runner.open(program, self._answer if stubs else None)
        self._sessions.append(session)
        return session

    def _answer(self, helper: str, arguments: Arguments) -> Reply:
        """A right helper's answer, computed in a process of its own under the same limits."""
        if self._oracle is None:
            program = Program(
                self.pack.reference_source, self.pack.wanted, self.options.limits, self.pack.allowed_imports
            )
            self._oracle = self.runner.open(program)
        return self._oracle.call(helper, arguments, FLOOR_SECONDS)

    def _note_load_errors(self, session: Session) -> None:
        for error in session.load_errors:
            place = self.extracted.place(error.line)
            said = f"{error.raised.type_name}: {error.raised.message}".rstrip(": ")
            self.notes.append(Note(Level.ERROR, f"this statement fails when it is executed: {said}", place))


class _CaseRun:
    """The cases of one function in one session, cheapest first.

    After a time-out the rest of the function's cases are not run: a hang costs its limit once.
    """

    def __init__(self, run: _Run, session: Session, spec: FunctionSpec, prepared: Sequence[Prepared]) -> None:
        self._run, self._session, self._spec, self._prepared = run, session, spec, prepared
        self._done: dict[str, CaseResult] = {}
        self._hung = False

    @property
    def results(self) -> tuple[CaseResult, ...]:
        """The results so far, in the pack's order."""
        return tuple(self._done[p.case.name] for p in self._prepared if p.case.name in self._done)

    def _todo(self, visibility: Visibility) -> list[Prepared]:
        """The cheapest case first; last those that look back on the calls of all the others."""
        todo = (p for p in self._prepared if p.visibility is visibility)
        return sorted(todo, key=lambda p: (p.case.unchanged, p.cost))

    def calls(self, visibility: Visibility) -> list[tuple[str, Arguments, int]]:
        """The calls that ``run`` is going to make: told in advance, the process need not wait for each."""
        if self._hung:
            return []
        return [
            (item.case.function, call, position)
            for item in self._todo(visibility)
            for position, call in enumerate(item.case.calls)
        ]

    def run(self, visibility: Visibility) -> None:
        """Run the cases of this visibility."""
        for item in self._todo(visibility):
            replies = self._replies(item)
            others = self._earlier() if item.case.unchanged else []
            self._done[item.case.name] = judge(item, replies, self._spec, self._run.extracted, others)

    def _earlier(self) -> list[Reply]:
        return [reply for result in self._done.values() for reply in result.replies]

    def _replies(self, item: Prepared) -> tuple[Reply, ...]:
        if self._hung:
            return (NoValue(Outcome.NOT_RUN, "not run: an earlier case of this function hit its time limit"),)
        replies: list[Reply] = []
        for position, (call, seconds) in enumerate(zip(item.case.calls, item.seconds, strict=True)):
            reply = self._run.call(self._session, item.case.function, call, seconds, position)
            replies.append(reply)
            if isinstance(reply, NoValue):
                self._hung = reply.outcome is Outcome.TIMED_OUT
                break
        return tuple(replies)


def _undefined(spec: FunctionSpec, prepared: Sequence[Prepared], definition: Definition) -> FunctionResult:
    broken = definition.state is DefinitionState.BROKEN
    detail = definition.detail or f"no function called {spec.name} was found"
    reply = NoValue(Outcome.MISSING, detail)
    cases = tuple(
        CaseResult(p.case, Outcome.MISSING, detail, replies=(reply,), expected=p.expected) for p in prepared
    )
    return FunctionResult(
        spec.name,
        Status.INCORRECT if broken else Status.MISSING,
        0.0,
        spec.points,
        cases,
        definition=definition,
        detail=detail,
        counted=spec.role == "required",
    )


def _is_right(result: FunctionResult) -> bool:
    return result.status is Status.CORRECT and not result.follow_through


def _first_thing(cases: Sequence[CaseResult]) -> str:
    """The sentence of the first case that failed, public ones first."""
    failed = [c for c in cases if c.outcome is not Outcome.CORRECT]
    failed.sort(key=lambda c: c.case.visibility.value != "public")
    return failed[0].detail if failed else ""
