"""How a batch grows with the class: time and memory of the batch itself, from a hundred to ten thousand.

    python -m tests.benchmarks.batch_growth [--engine] [NUMBER ...]

Grading is left out (the stand-in of the tests does it), so that what is measured is finding, hashing,
keeping, writing and summing up. With --engine it is the real thing.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import Row
from tests.benchmarks.subjects import ROOT, Subjects

NUMBERS = (100, 1_000, 10_000)
FIRST, AGAIN = "first run", "second run"

#: Runs a batch in this process and then says how much memory it ever had.
_RUN = """
import re, sys
from pathlib import Path
{run}
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""
_STAND_IN = "from tests.batch.drive import main\nassert main(sys.argv[1], sys.argv[2], sys.argv[3]) == 0"
_ENGINE = (
    "from grader.cli import cli\n"
    "assert cli.main(['batch', sys.argv[1], '--out', sys.argv[2], '-q'], standalone_mode=False) == 0"
)


def rows(subjects: Subjects, rounds: int) -> list[Row]:
    """The figures; ``rounds`` is not used."""
    return measured(NUMBERS, engine=False)


def measured(numbers: tuple[int, ...], engine: bool) -> list[Row]:
    found = []
    for number in numbers:
        with tempfile.TemporaryDirectory() as folder:
            hand_ins = Path(folder) / "class"
            write(hand_ins, number, engine)
            for name in (FIRST, AGAIN):
                took, memory = batch(hand_ins, Path(folder) / "out", engine)
                bar = 300.0 if name == FIRST else None
                found.append(Row(f"{name} of {number:,}", 1e3 * took / number, "ms a hand-in"))
                found.append(Row(f"{name} of {number:,}: memory of the batch", memory, "MB", bar))
    return found


def write(folder: Path, number: int, engine: bool) -> None:
    if engine:
        from tests.batch.generate import write as write_class

        write_class(folder, number)
        return
    folder.mkdir()
    for k in range(number):
        (folder / f"student{k:05}.py").write_text(f"score {k % 11}\n# {k}\n" + "# a comment\n" * 2_000)


def batch(hand_ins: Path, out: Path, engine: bool) -> tuple[float, float]:
    """Seconds, and megabytes that the batch's own process had at most."""
    program = _RUN.format(run=_ENGINE if engine else _STAND_IN)
    log = str(out.parent / "log")
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program, str(hand_ins), str(out), log],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    took = time.perf_counter() - start
    peak = re.search(r"(\d+)\s*$", done.stdout)
    assert peak is not None
    return took, int(peak[1]) / 1024


def main(arguments: list[str]) -> None:
    numbers = tuple(int(a) for a in arguments if a.isdecimal()) or NUMBERS
    for row in measured(numbers, "--engine" in arguments):
        print(f"{row.name:45} {row.value:8.2f} {row.unit}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
