"""What a self-check found out, as facts and as text; ``page`` lays the same facts out as HTML.

It never says that all is well: what it can see is the visible part. So it counts what holds, and says
each time that the hidden checks decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.checker.public import PublicFunction
from grader.checker.window import Window, made_of, window
from grader.model import CaseResult, DefinitionState, FunctionResult, Level, Note, Outcome, Status
from grader.report.words import OUTCOME_SIGNS, OUTCOME_WORDS, STATUS_SIGNS, clean, counted, raised_by

#: Failed checks that are shown with all that is known of them; the others get a line each.
SHOWN = 1
#: Failed checks that get a line at all; an endless list is read by nobody.
LISTED = 4

#: One question for the first thing that is wrong, by what is wrong. It asks; it never gives the fix.
_QUESTIONS = {
    "arity": "What does the docstring promise to return, and what does your return statement say?",
    "type": "What kind of thing does your return statement give back?",
    "shape": "Which line decides this shape, and from which numbers?",
    "finite": "Where could a division by zero, or an entry that was never filled, come from?",
    "values": "Can you work out this one entry by hand, from the numbers that went in?",
    "arguments": "Which line writes into an array that belongs to the caller?",
    "overwritten": "Which line makes the array that the function returns, and how often is that line run?",
    "repeat": "What does the function remember from one call to the next?",
    "property": "Try it on paper with one small array: where does it stop being true?",
}
_OUTCOME_QUESTIONS: dict[str, str] = {
    "NameError": "Is this name an argument of the function, or does it belong to another cell?",
    Outcome.RAISED: "What are the shapes and types in that line, just before it fails?",
    Outcome.TIMED_OUT: "Which loop does not come to its end?",
    Outcome.KILLED: "How large is the largest array that you make?",
}


@dataclass(frozen=True, slots=True)
class FunctionCheck:
    """One function's public checks and what became of them."""

    result: FunctionResult
    public: PublicFunction

    @property
    def name(self) -> str:
        """The function's name."""
        return self.result.name

    @property
    def holding(self) -> int:
        """How many of its public checks hold."""
        return sum(c.outcome is Outcome.CORRECT for c in self.result.cases)

    @property
    def total(self) -> int:
        """How many public checks it has."""
        return len(self.result.cases)

    @property
    def holds(self) -> bool:
        """Whether every public check holds."""
        return self.holding == self.total

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """What does not hold, examples before properties: their numbers can be looked at."""
        wrong = [c for c in self.result.cases if c.outcome is not Outcome.CORRECT]
        return tuple(sorted(wrong, key=lambda c: (c.outcome is Outcome.NOT_RUN, bool(c.case.property_id))))

    @property
    def alike(self) -> tuple[tuple[CaseResult, ...], ...]:
        """What does not hold, with checks that failed in the same words put together."""
        by_detail: dict[tuple[Outcome, str], list[CaseResult]] = {}
        for result in self.failed:
            by_detail.setdefault((result.outcome, result.detail), []).append(result)
        return tuple(tuple(results) for results in by_detail.values())

    @property
    def headline(self) -> str:
        """``3 of 12 public checks hold``, or why none was made."""
        if self.result.status is Status.BLANK:
            return f"still to be written; {counted(self.total, 'public check')} will tell you more"
        if not self.tried:
            return clean(self.result.detail)
        verb = "holds" if self.total == 1 else "hold"
        return f"{self.holding} of {counted(self.total, 'public check')} {verb}"

    @property
    def sign(self) -> str:
        """The sign of its status."""
        return STATUS_SIGNS[self.result.status]

    @property
    def tried(self) -> bool:
        """Whether there was a function to call."""
        definition = self.result.definition
        broken = definition is not None and definition.state is DefinitionState.BROKEN
        return not broken and self.result.status not in (Status.BLANK, Status.MISSING)

    @property
    def question(self) -> str:
        """One question about the first thing that is wrong."""
        if not self.failed or not self.tried:
            return ""
        first = self.failed[0]
        if first.difference is not None:
            return _QUESTIONS.get(first.difference.rung, "")
        raised = raised_by(first)
        known = raised.type_name if raised is not None else ""
        return _OUTCOME_QUESTIONS.get(known) or _OUTCOME_QUESTIONS.get(first.outcome, "")

    def window(self, result: CaseResult) -> Window | None:
        """The part of the answer round its first wrong entry, beside the expected one."""
        return window(result, self.public.spec.outputs)

    def made_of(self, result: CaseResult) -> tuple[str, ...]:
        """What the first wrong entry is made of, a line for each input."""
        return made_of(result, self.public)


@dataclass(frozen=True, slots=True, repr=False)
class CheckResult:
    """What one self-check found. It shows itself, as HTML in a notebook and as text elsewhere."""

    functions: tuple[FunctionCheck, ...]
    helpers: tuple[FunctionCheck, ...] = ()  # what the functions are built on, where that does not hold
    notes: tuple[Note, ...] = ()
    remark: str = ""  # about how it was run

    @property
    def holds(self) -> bool:
        """Whether every public check holds. Hidden checks decide the grade."""
        return all(f.holds for f in self.functions)

    @property
    def holding(self) -> int:
        """How many public checks hold."""
        return sum(f.holding for f in self.functions)

    @property
    def total(self) -> int:
        """How many public checks there are."""
        return sum(f.total for f in self.functions)

    @property
    def summary(self) -> str:
        """``5 of 5 public checks hold; hidden checks decide the grade``."""
        verb = "holds" if self.total == 1 else "hold"
        return (
            f"{self.holding} of {counted(self.total, 'public check')} {verb}; hidden checks decide the grade"
        )

    def text(self, *, verbose: bool = False) -> str:
        """All of it as plain text; ``verbose`` lists what holds too."""
        lines = [line for function in self.functions for line in self._function(function, verbose)]
        lines += _notes(self.notes)
        if self.remark:
            lines += [f"Note: {self.remark}", ""]
        return "\n".join([*lines, self.summary])

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from grader.checker.page import render

        return render(self)

    def advice(self, function: FunctionCheck) -> str:
        """Where to look first, if the function is built on one that does not hold."""
        weak = [h for h in self.helpers if h.name in function.public.helpers and not h.holds]
        if function.holds or not weak:
            return ""
        named = " and ".join(h.name for h in weak)
        verb = "does" if len(weak) == 1 else "do"
        return f"{named} {verb} not hold either, and {function.name} may build on it: look there first."

    def _function(self, function: FunctionCheck, verbose: bool) -> Iterator[str]:
        yield f"{function.sign} {function.name}: {function.headline}"
        if function.tried:
            yield from (f"    {line}" for line in self._body(function, verbose))
        yield ""

    def _body(self, function: FunctionCheck, verbose: bool) -> Iterator[str]:
        if verbose:
            yield from (f"✓ {c.case.name}" for c in function.result.cases if c.outcome is Outcome.CORRECT)
        alike = function.alike
        listed = alike if verbose else alike[:LISTED]
        for position, results in enumerate(listed):
            yield failed_line(results)
            if position < SHOWN:
                yield from (f"    {line}" for line in _shown(function, results[0]))
        if more := sum(len(results) for results in alike[len(listed) :]):
            yield f"({counted(more, 'more public check')} not right yet)"
        if advice := self.advice(function):
            yield advice
        for finding in function.result.findings:
            where = f" ({finding.place})" if finding.place else ""
            yield f"· {clean(finding.message)}{where}"
        if function.question:
            yield f"? {function.question}"


def failed_line(results: Sequence[CaseResult]) -> str:
    """The line of a check that does not hold; others may have gone the same way."""
    first = results[0]
    detail = clean(first.detail) or OUTCOME_WORDS[first.outcome]
    others = f" ({counted(len(results) - 1, 'more check')} in the same way)" if len(results) > 1 else ""
    return f"{OUTCOME_SIGNS[first.outcome]} {first.case.name}: {detail}{others}"


def _shown(function: FunctionCheck, result: CaseResult) -> Iterator[str]:
    if sentence := asks(result):
        yield sentence
    if (found := function.window(result)) is not None:
        yield from found.lines()
    yield from function.made_of(result)
    if printed := printed_in(result):
        yield f"It printed: {printed}"


def asks(result: CaseResult) -> str:
    """What the check asks; of a property that stands in its detail already."""
    case = result.case
    return f"This check {case.meaning}." if case.meaning and not case.property_id else ""


def printed_in(result: CaseResult) -> str:
    """What the function printed, on one line and cut."""
    texts = (" ".join(reply.printed.split()) for reply in result.replies)
    return clean(next((text for text in texts if text), ""), 300)


def _notes(notes: Iterable[Note]) -> list[str]:
    shown = [n for n in notes if n.level is not Level.INFO]
    lines = [f"{n.level.value}: {f'{n.place}: ' if n.place else ''}{clean(n.message)}" for n in shown]
    return [*lines, ""] if lines else []
