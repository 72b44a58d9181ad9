"""Warm grading: one submission after another in one sandbox, against the same cases in a warm process."""

from __future__ import annotations

import resource
from collections.abc import Callable

from grader.cases import copied
from grader.extract import extract
from grader.judge import judge
from grader.model import Outcome, Program, Returned
from grader.notebook import parse_submission
from grader.pipeline import grade
from grader.report.audience import Audience
from grader.report.json import render
from grader.sandbox import open_runner
from tests.benchmarks.measure import Row, interleaved, median
from tests.benchmarks.subjects import Subjects

#: What isolation, extraction and report may take: for what the course teaches. Without its loops they are
#: more than the cases themselves, and there the figure is only shown.
BARS = {"loop-style": 6.0}


def floor(source: str, subjects: Subjects) -> Callable[[], object]:
    """The program executed and its cases run, here and now: what no grader can be quicker than."""

    def run() -> None:
        namespace: dict[str, object] = {"__name__": "student"}
        exec(compile(source, "student", "exec"), namespace)
        for function, calls in subjects.calls:
            for call in calls:
                namespace[function](*copied(call))  # type: ignore[operator]

    return run


def rows(subjects: Subjects, rounds: int) -> list[Row]:
    found: list[Row] = []
    with open_runner("auto") as runner:
        for style, source in (("loop-style", subjects.loops), ("vectorised", subjects.vectorised)):
            raw = subjects.notebook(source, style).read_bytes()

            def whole(raw: bytes = raw) -> None:
                report = grade(parse_submission("a.ipynb", raw), subjects.pack, subjects.cases, runner)
                assert report.score == report.max_score
                render(report, Audience.INSTRUCTOR)

            base, graded = interleaved([floor(source, subjects), whole], rounds, warm=3)
            beyond = median(graded) - 1.15 * median(base)
            found += [
                Row(f"{style}: the cases alone, warm", 1e3 * median(base), "ms"),
                Row(f"{style}: graded, warm", 1e3 * median(graded), "ms"),
                Row(f"{style}: graded beyond 1.15 x the cases", 1e3 * beyond, "ms", BARS.get(style)),
            ]
        raw = subjects.notebook(subjects.loops, "pieces").read_bytes()
        submission = parse_submission("a.ipynb", raw)
        report = grade(submission, subjects.pack, subjects.cases, runner)
        extracted = extract(submission, subjects.pack.wanted)
        calls = [(name, call) for name, of_one in subjects.calls for call in of_one]

        def nothing() -> None:
            with runner.open(Program("def f():\n    pass", ("f",))) as session:
                session.call("f", (), 10.0)

        def cases() -> None:
            allowed = subjects.pack.allowed_imports
            program = Program(extracted.source, subjects.pack.wanted, allowed_imports=allowed)
            with runner.open(program) as session:
                session.plan([(name, call, 0) for name, call in calls])
                for name, call in calls:
                    session.call(name, call, 10.0)

        def compare() -> None:
            for spec in subjects.pack.functions:
                for item in subjects.cases.functions[spec.name]:
                    replies = [Returned(value) for value in item.expected]
                    assert judge(item, replies, spec, extracted).outcome is Outcome.CORRECT

        pieces: dict[str, Callable[[], object]] = {
            "read": lambda: parse_submission("a.ipynb", raw),
            "extract": lambda: extract(submission, subjects.pack.wanted),
            "a process in the cage, and one call": nothing,
            "the same with all cases": cases,
            "compare": compare,
            "report as JSON": lambda: render(report, Audience.INSTRUCTOR),
        }
        for name, times in zip(pieces, interleaved(list(pieces.values()), rounds), strict=True):
            found.append(Row(f"piece: {name}", 1e3 * median(times), "ms"))
        found.append(Row(f"sandbox in force: {runner.mode}", 1.0, ""))
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    found += [
        Row("peak memory of the grader", own, "MB", 300.0),
        Row("peak memory of the largest worker", children, "MB"),
    ]
    return found
