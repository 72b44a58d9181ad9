"""Every attack fails in every tier that isolates, harms nobody, and would have worked outside.

The import policy is opened for the attackers (any module they like is loaded beforehand, ctypes is at
hand), because the policy only explains; what must hold is the cage.
"""

from __future__ import annotations

import ast
import os

import pytest

from grader.model import Limits, NoValue, Opaque, Outcome, Program, Reply, Returned

from .conftest import Attack, every_attack
from .world import World, settled, workers

#: An attack that is expected to hang is stopped after the first; others may be slow on a busy machine.
SECONDS_TO_HANG, SECONDS = 0.5, 20.0
LIMITS = Limits(memory_mb=256, output_kb=64, seconds_per_submission=20.0)
MODULES = (
    *("numpy", "atexit", "builtins", "ctypes", "fcntl", "gc", "importlib", "io", "mmap", "os", "resource"),
    *("signal", "socket", "stat", "struct", "subprocess", "sys", "threading", "time", "xmlrpc"),
)
ATTACKS = every_attack()
STILL = "\n\ndef still_here(x):\n    return x + 1\n"
CONTROL = {chr(code) for code in range(32)} - {"\n", "\t"} | {"\x7f", "\x9b", "\u202e"}


def run(attack: Attack, world: World) -> tuple[Reply, Reply]:
    """The attack's answer, and that of another function of the same submission afterwards."""
    allowed = tuple(attack.allow.split()) or MODULES
    program = Program(attack.source + STILL, ("attack", "still_here"), LIMITS, allowed)
    with world.runner.open(program) as session:
        seconds = SECONDS_TO_HANG if attack.expect == "timed_out" else SECONDS
        reply = session.call("attack", (world.knowledge,), seconds)
        return reply, session.call("still_here", (1,), 10.0)


def succeeded(attack: Attack, reply: Reply) -> bool:
    """Whether the attacker got what it wanted."""
    if attack.ends:
        return isinstance(reply, NoValue) and reply.detail.endswith("(exit code 42)")
    return isinstance(reply, Returned) and str(reply.value).startswith("SUCCESS")


def assert_as_expected(attack: Attack, reply: Reply) -> None:
    """The outcome is the one that the script names; without one, any answer but success will do."""
    expect = attack.expect
    if expect in ("killed", "timed_out"):
        assert isinstance(reply, NoValue), reply
        assert reply.outcome is Outcome(expect), reply
    elif expect == "gone":
        assert isinstance(reply, NoValue), reply
    elif expect in ("done", "cut"):
        assert isinstance(reply, Returned), reply
        assert reply.value == "done"
        assert len(reply.printed) <= (LIMITS.output_kb << 10) + 200
        assert (expect == "cut") == ("more was printed" in reply.printed)
    elif expect == "opaque":
        assert isinstance(reply, Returned), reply
        assert "Opaque(" in repr(reply.value)
        if isinstance(reply.value, Opaque):
            assert reply.value.reason
    elif expect == "clean":
        text = reply.detail + reply.printed if isinstance(reply, NoValue) else reply.printed
        assert text
        assert not CONTROL & set(text)
        text.encode()  # no lone surrogate is left
    elif expect:
        assert isinstance(reply, NoValue), reply
        assert reply.raised is not None, reply
        assert reply.raised.type_name == expect
    else:
        assert not (isinstance(reply, NoValue) and reply.outcome is Outcome.TIMED_OUT), reply


def not_for(attack: Attack) -> str:
    machine = os.uname().machine
    return f"written for {attack.machine}, this is {machine}" if attack.machine not in ("", machine) else ""


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.name.replace("_", " "))
def test_an_attack_fails_and_harms_nobody(attack: Attack, caged: World) -> None:
    if reason := not_for(attack):
        pytest.skip(reason)
    caged.watch()
    before = len(workers())  # one of them is the process made ready for the next submission
    reply, other = run(attack, caged)
    assert not succeeded(attack, reply), f"{attack.reason}\nbut: {reply}"
    assert_as_expected(attack, reply)
    if attack.name != "poison_next_student":
        assert isinstance(other, Returned), f"the other function was not graded: {other}"
        assert other.value == 2
    caged.assert_unharmed(reply)
    assert settled(before) == before, "a process is left behind"


@pytest.mark.parametrize(
    "attack",
    [a for a in ATTACKS if a.unconfined.startswith("succeeds") or a.unconfined == "root only"],
    ids=lambda a: a.name.replace("_", " "),
)
def test_the_same_attack_succeeds_without_the_cage(attack: Attack, uncaged: World) -> None:
    """Otherwise its failure in the cage would prove nothing."""
    reason = not_for(attack)
    if attack.unconfined == "root only" and os.getuid():
        reason = "only root has anything to take back"
    if reason:
        pytest.skip(reason)
    uncaged.watch()
    reply, _ = run(attack, uncaged)
    if "unless" in attack.unconfined and not succeeded(attack, reply):
        pytest.skip(f"this machine forbids it to everybody: {reply}")
    assert succeeded(attack, reply), reply


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.name.replace("_", " "))
def test_an_attack_gives_its_reason(attack: Attack) -> None:
    """Why it must fail, and whether it was shown to succeed outside; else why that is not shown."""
    assert len(attack.reason) > 20
    kinds = ("succeeds", "unsafe: ", "not shown: ", "the same: ", "root only")
    assert attack.unconfined.startswith(kinds)
    functions = [node.name for node in ast.parse(attack.source).body if isinstance(node, ast.FunctionDef)]
    assert "attack" in functions
