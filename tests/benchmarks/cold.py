"""Cold start: ``grader run`` as a whole process against the bare process with the same cases."""

from __future__ import annotations

import sys

from tests.benchmarks.measure import Row, interleaved, median, process, ratio
from tests.benchmarks.subjects import ROOT, Subjects


def rows(subjects: Subjects, rounds: int) -> list[Row]:
    python = sys.executable
    program = subjects.program(subjects.loops, "loops")
    notebook = str(subjects.notebook(subjects.loops, "loops"))
    grader = [python, "-m", "grader", "run", notebook, "--config", str(ROOT / "config.yaml")]
    bare = [
        python,
        str(ROOT / "tests" / "benchmarks" / "bare.py"),
        str(program),
        str(subjects.pickled_calls()),
    ]
    commands = [
        process(bare),
        process([*grader, "--report", "json"]),
        process([*grader, "--report", "text"]),
        process([python, "-c", "pass"]),
        process([python, "-m", "grader", "--help"]),
    ]
    floor, as_json, as_text, nothing, help_ = interleaved(commands, rounds)
    return [
        Row("bare process with the same cases", 1e3 * median(floor), "ms"),
        Row(
            "grader run --report json",
            ratio(as_json, floor),
            "x bare",
            1.6,
            f"{1e3 * median(as_json):.0f} ms",
        ),
        Row(
            "grader run --report text",
            ratio(as_text, floor),
            "x bare",
            1.9,
            f"{1e3 * median(as_text):.0f} ms",
        ),
        Row("grader --help beyond python -c pass", median(help_) - median(nothing), "s", 0.12),
    ]
