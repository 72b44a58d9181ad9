"""A batch with the stand-in grader as a program of its own, so that a test can kill it.

python -m tests.batch.drive HAND_INS OUT LOG [JOBS]
"""

from __future__ import annotations

import sys
from pathlib import Path

from grader.batch.flow import Order, run
from grader.batch.local import LocalExecutor
from grader.batch.progress import Progress
from grader.errors import GraderError
from tests.batch.fakes import FakeFactory


def main(hand_ins: str, out: str, log: str, jobs: str = "2") -> int:
    factory = FakeFactory(Path(log), ("json", "text"))
    order = Order((hand_ins,), Path(out), factory.formats, "v")
    try:
        run(order, lambda: LocalExecutor(factory, int(jobs), 60.0), {}, Progress(quiet=True))
    except GraderError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
