"""Lays a small public case beside a diagnosis: what the student's function returns there, and the right sum.

Hidden cases must stay hidden, and their numbers are too large to follow anyway. So the pack keeps a few tiny
cases of its own; the first on which the fault shows is the twin of the hidden ones that failed. This module
knows nothing of what is computed: choosing and comparing are here, the working is the pack's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from grader.model import Arguments, FaultModel, NoValue, Output, Reply, Twin, Value


class Workings(Protocol):
    """What a pack offers in ``misconceptions/twins.py``."""

    def twin_cases(self, function: str) -> Iterable[Arguments]:
        """Tiny calls of a function, the simplest first."""

    def call_text(self, function: str, arguments: Arguments) -> str:
        """The call as a student would write it."""

    def shown(self, function: str, arguments: Arguments) -> Sequence[tuple[str, Value]]:
        """The arguments as small tables to read: (name, table)."""

    def work_out(
        self, function: str, arguments: Arguments, output: str, index: tuple[int, ...]
    ) -> tuple[Sequence[tuple[str, Value]], str]:
        """How the right entry comes about: tables in the order of reading, and the sum as text."""


def choose(
    model: FaultModel, cases: Iterable[Arguments], reference: Callable[..., Value], outputs: Sequence[Output]
) -> Arguments | None:
    """The first case on which the fault shows in a value, or else by an exception; None where it does not."""
    from grader.compare import agree

    stops: Arguments | None = None
    for arguments in cases:
        try:
            answer = model.run(*arguments)
        except Exception:  # a student's loops would stop here; a case with numbers to compare says more
            stops = stops or arguments
            continue
        if not agree(answer, reference(*arguments), outputs):
            return arguments
    return stops


def make_twin(
    function: str,
    outputs: Sequence[Output],
    workings: Workings,
    arguments: Arguments,
    reply: Reply,
    expected: Value,
) -> Twin | None:
    """The twin, from what the student's function replied to ``arguments``; None where that is right."""
    call = workings.call_text(function, arguments)
    inputs = tuple(workings.shown(function, arguments))
    if isinstance(reply, NoValue):
        said = f"stops with {reply.raised.type_name}" if reply.raised else "gives no answer"
        return Twin(call, inputs, None, expected, sentence=f"Here your function {said}.")
    from grader.compare import compare

    difference = compare(reply.value, expected, outputs)
    if difference is None:
        return None
    got, want = reply.value, expected
    names = [output.name for output in outputs]
    if difference.output in names and len(outputs) > 1:
        position = names.index(difference.output)
        got, want = reply.value[position], expected[position]
    index = difference.index
    if index is None:
        sentence = f"Here {difference.message}."
        return Twin(call, inputs, got, want, difference.output, sentence=sentence)
    got_entry, want_entry = _entry(got, index), _entry(want, index)
    steps, working = workings.work_out(function, arguments, difference.output, index)
    place = f"{difference.output}[{', '.join(map(str, index))}]" if index else difference.output
    sentence = f"{place} = {working}; your function returns {got_entry:g}."
    return Twin(
        call, inputs, got, want, difference.output, index, got_entry, want_entry, tuple(steps), sentence
    )


def _entry(value: Value, index: tuple[int, ...]) -> float:
    """One number of an output; a scalar output may come in any shape of size 1."""
    if not index:
        return float(getattr(value, "item", lambda: value)())
    return float(value[index])
