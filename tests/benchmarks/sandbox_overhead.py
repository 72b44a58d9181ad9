"""What the sandbox costs: a submission in the cage against the same cases in a bare fork.

The bare fork is the least that any grader must do: a warm process with NumPy forks, the child executes the
source, calls the functions on inputs that it inherited, and pickles the answers into a pipe. The warm
process is one of its own: a fork makes the first writes of the process that forks slow for a while, and
that is to be paid by the bare fork, not by the sandbox. Measured interleaved, because the machine is never
quiet; medians; two hand-ins, with loops and vectorised.

    python tests/benchmarks/sandbox_overhead.py [--rounds 60] [--tier standard]
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import pickle
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy: the bare fork shall have what the sandbox has

from grader.cases import prepare  # noqa: E402
from grader.model import Arguments, Program  # noqa: E402
from grader.pack import load_pack  # noqa: E402
from grader.sandbox import Runner, open_runner  # noqa: E402

Calls = list[tuple[str, Arguments]]
HAND_INS = {"loops": "conv_step_by_step.py", "vectorised": "conv_as_matmul.py"}


def the_calls() -> Calls:
    """Every call of every case of the convolution pack."""
    pack = load_pack(ROOT / "assignments" / "conv_step_by_step", ROOT / "reference")
    cases = prepare(pack, b"benchmark").functions
    wanted = ("zero_pad", "conv_single_step", "conv_forward", "conv_backward")
    return [(name, call) for name in wanted for one in cases[name] for call in one.case.calls]


def bare_fork(source: str, calls: Calls) -> None:
    """Fork, run, pickle the answers back."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        names: dict[str, Callable[..., object]] = {"__name__": "submission"}  # type: ignore[dict-item]
        exec(compile(source, "<submission>", "exec"), names)
        answers = []
        for name, call in calls:
            try:
                answers.append(names[name](*call))
            except Exception as error:
                answers.append(repr(error))
        with os.fdopen(theirs, "wb") as pipe:
            pickle.dump(answers, pipe)
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        pickle.load(pipe)
    os.waitpid(pid, 0)


class Bare:
    """A warm process that forks when asked to and says how long it took."""

    def __init__(self, calls: Calls) -> None:
        self._ours, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("fork").Process(
            target=self._serve, args=(theirs, calls), daemon=True
        )
        self._process.start()
        theirs.close()

    @staticmethod
    def _serve(pipe: Any, calls: Calls) -> None:
        gc.collect()
        gc.freeze()  # as the zygote does
        while source := pipe.recv():
            start = time.perf_counter()
            bare_fork(source, calls)
            pipe.send(time.perf_counter() - start)

    def seconds(self, source: str) -> float:
        """One submission."""
        self._ours.send(source)
        return float(self._ours.recv())

    def close(self) -> None:
        self._ours.send("")
        self._process.join()


def caged(runner: Runner, source: str, calls: Calls) -> None:
    """The same through the sandbox."""
    with runner.open(Program(source, tuple({name for name, _ in calls}))) as session:
        session.plan(calls)
        for name, call in calls:
            session.call(name, call, 10.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--tier", action="append", choices=["standard", "strict"])
    options = parser.parse_args()
    calls = the_calls()
    warm = Bare(calls)
    print(f"{len(calls)} calls a submission, {options.rounds} rounds, medians")
    for tier in options.tier or ["standard", "strict"]:
        began = time.perf_counter()
        with open_runner(tier) as runner:
            source = (ROOT / "reference" / HAND_INS["loops"]).read_text()
            with runner.open(Program(source, ("zero_pad",))) as session:
                session.call(*calls[0], 10.0)
            first = (time.perf_counter() - began) * 1e3
            print(f"{tier}: first answer {first:.0f} ms after start")
            for kind, name in HAND_INS.items():
                source = (ROOT / "reference" / name).read_text()
                bare, cage = [], []
                for _ in range(options.rounds):
                    bare.append(1e3 * warm.seconds(source))
                    start = time.perf_counter()
                    caged(runner, source, calls)
                    cage.append(1e3 * (time.perf_counter() - start))
                low, high = statistics.median(bare), statistics.median(cage)
                print(f"  {kind:12} bare fork {low:6.2f} ms   {tier} {high:6.2f} ms   ratio {high / low:.2f}")
    warm.close()


if __name__ == "__main__":
    main()
