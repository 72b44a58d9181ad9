"""Real hand-ins answer every case alike in all tiers: isolation must not change what a student gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grader.cases import CaseSet
from grader.errors import SandboxError, SubmissionError
from grader.extract import extract
from grader.model import Arguments, Limits, NoValue, Outcome, Program, Reply, Returned, Value
from grader.notebook import parse_submission
from grader.pack import Pack
from grader.sandbox import Runner, open_runner

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus" / "notebooks"
TIERS = ("portable", "standard", "strict")
FILES = (
    sorted(path for path in CORPUS.rglob("*") if path.suffix in (".ipynb", ".py", ".md"))
    if CORPUS.exists()
    else []
)
#: A hang costs this much, once a function.
SECONDS = 3.0


@pytest.fixture(scope="module")
def tiers() -> Iterator[dict[str, Runner]]:
    """All tiers that there are."""
    opened: dict[str, Runner] = {}
    for mode in TIERS:
        runner = open_runner(mode)
        try:
            opened[runner.mode] = runner
        except SandboxError:
            runner.close()
    yield opened
    for runner in opened.values():
        runner.close()


@pytest.fixture(scope="module")
def calls(conv: Pack, conv_cases: CaseSet) -> list[tuple[str, Arguments]]:
    """Every call of every case."""
    return [
        (function, call)
        for function, prepared in conv_cases.functions.items()
        for one in prepared
        for call in one.case.calls
    ]


def answers(runner: Runner, program: Program, calls: list[tuple[str, Arguments]]) -> list[object]:
    found: list[object] = []
    stuck: set[str] = set()
    with runner.open(program) as session:
        found.append([(error.line, error.raised) for error in session.load_errors])
        for function, call in calls:
            if function not in stuck:
                reply = session.call(function, call, SECONDS)
                if isinstance(reply, NoValue) and reply.outcome is Outcome.TIMED_OUT:
                    stuck.add(function)
                found.append((function, comparable(reply)))
    return found


def comparable(reply: Reply) -> object:
    """All of a reply but the time it took."""
    if isinstance(reply, Returned):
        return exact(reply.value), reply.changed, reply.printed
    return reply.outcome, reply.detail, reply.raised, reply.printed


def exact(value: Value) -> object:
    """A value whose equality is that of its bytes."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, (tuple, list)):
        return type(value).__name__, [exact(item) for item in value]
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    return repr(value)


@pytest.mark.skipif(not FILES, reason="the real hand-ins are not on this machine")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem[:40])
def test_a_real_hand_in_answers_alike_in_all_tiers(
    path: Path, tiers: dict[str, Runner], conv: Pack, calls: list[tuple[str, Arguments]]
) -> None:
    try:
        submission = parse_submission(path.name, path.read_bytes())
    except SubmissionError:
        pytest.skip("it holds no Python")
    extracted = extract(submission, conv.wanted, allowed_imports=conv.allowed_imports, compat=conv.compat)
    program = Program(extracted.source, conv.wanted, Limits(), conv.allowed_imports, conv.compat)
    portable, *others = (answers(runner, program, calls) for runner in tiers.values())
    for other in others:
        assert other == portable
