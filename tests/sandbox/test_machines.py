"""On machines that lack something: what is used instead, what is refused, and what ``grader doctor`` says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox import doctor

ROOT = Path(__file__).resolve().parents[2]
MACHINES = Path(__file__).with_name("machines.py")

#: Runs a function, one that hangs, and prints what became of them.
TRIAL = """
import sys
from grader.errors import SandboxError
from grader.model import Program
from grader.sandbox import open_runner
try:
    with open_runner(sys.argv[1]) as runner:
        source = "def f():\\n    return 1\\ndef g():\\n    while True: pass\\n"
        with runner.open(Program(source, ("f",))) as session:
            print(runner.mode, session.call("f", (), 20.0).value, session.call("g", (), 0.3).outcome)
            print(*runner.mechanisms, sep=", ")
            print(runner.why_not_strict)
except SandboxError as error:
    print("refused:", error)
"""


def lacking(calls: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a machine that refuses these calls."""
    refuse = [sys.executable, str(MACHINES), calls, "--"] if calls else []
    return subprocess.run(
        [*refuse, sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=120,
    )


def trial(calls: str, mode: str = "auto") -> list[str]:
    result = lacking(calls, "-c", TRIAL, mode)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def examined(calls: str) -> tuple[int, dict[str, Any]]:
    result = lacking(calls, "-m", "grader", "doctor", "--json")
    assert not result.stderr
    return result.returncode, json.loads(result.stdout)


def check(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in report["checks"] if one["name"] == name)


def test_without_namespaces_auto_is_standard_and_says_why() -> None:
    first, mechanisms, why = trial("unshare")
    assert first == "standard 1 timed_out"
    assert "namespaces" not in mechanisms
    assert why == "unshare: Operation not permitted"


@pytest.mark.parametrize("call", ["unshare", "setns", "mount", "pivot_root"])
def test_strict_is_refused_where_any_part_of_it_is_impossible(call: str) -> None:
    """On Ubuntu 24.04 the first step passes and a later one fails: only trying all of it tells."""
    (line,) = trial(call, "strict")
    assert line.startswith("refused: student code cannot be run with")
    assert "the strict tier is not possible here" in line
    assert line.endswith("see `grader doctor`")
    assert trial(call)[0] == "standard 1 timed_out"


def test_without_landlock_the_wall_is_missing_and_not_claimed() -> None:
    first, mechanisms, _ = trial("without:landlock_create_ruleset")
    assert first.endswith("1 timed_out")
    assert "Landlock" not in mechanisms
    assert "seccomp allow-list" in mechanisms


def test_without_pidfd_children_are_killed_all_the_same() -> None:
    assert trial("without:pidfd_open")[0].endswith("1 timed_out")


@pytest.mark.parametrize(
    ("calls", "why"),
    [
        ("seccomp", "Operation not permitted"),
        ("without:seccomp", "Function not implemented"),
        ("landlock_restrict_self", "landlock_restrict_self: Operation not permitted"),
        ("capset", "capset: Operation not permitted"),
        ("prlimit64", "RLIMIT|Operation not permitted|not allowed to raise"),
    ],
)
def test_a_wall_that_cannot_be_put_up_is_no_grading(calls: str, why: str) -> None:
    """Never a lower tier instead: a promise that is not kept is refused."""
    import re

    (line,) = trial(calls)
    assert line.startswith("refused: ")
    assert re.search(why, line), line
    assert "grader doctor" in line


@pytest.mark.skipif(os.getuid() != 0, reason="only root has a user to leave")
def test_root_that_cannot_become_another_user_is_no_grading() -> None:
    (line,) = trial("setresuid")
    assert line.startswith("refused: ")
    code, report = examined("setresuid")
    assert code == 3
    assert report["grading_possible"] is False
    assert not check(report, "user")["ok"]
    assert "SETUID" in check(report, "user")["advice"]


def test_the_doctor_on_this_machine() -> None:
    code, report = examined("")
    assert report["schema"] == "grader.doctor/1"
    assert code == (0 if report["grading_possible"] else 3)
    assert (report["tier"] is not None) == report["grading_possible"]
    assert {
        "seccomp",
        "landlock",
        "namespaces",
        "memory limit",
        "process limit",
        "user",
        "pidfd",
        "NumPy",
        "trial",
    } == {one["name"] for one in report["checks"]}
    for one in report["checks"]:
        assert one["detail"]
        assert bool(one["advice"]) != one["ok"] or one["name"] == "trial"


def test_the_doctor_says_what_keeps_strict_away_and_what_to_do() -> None:
    code, report = examined("unshare")
    assert code == 0
    assert report["tier"] == "standard"
    assert report["reason"] == "not strict: unshare: Operation not permitted"
    namespaces = check(report, "namespaces")
    assert namespaces["detail"] == "unshare: Operation not permitted"
    assert namespaces["advice"].startswith("Optional:")


def test_the_doctor_finds_grading_impossible_without_seccomp() -> None:
    code, report = examined("seccomp")
    assert code == 3
    assert report["tier"] is None
    assert not check(report, "seccomp")["ok"]
    assert check(report, "seccomp")["advice"]
    assert report["mechanisms"] == []


def test_the_text_of_the_doctor() -> None:
    good, bad = lacking("unshare", "-m", "grader", "doctor"), lacking("seccomp", "-m", "grader", "doctor")
    assert (good.returncode, bad.returncode) == (0, 3)
    assert good.stdout.startswith(
        "Student code would be graded in the standard tier.\nWhy not strict: unshare:"
    )
    assert bad.stdout.startswith("Student code cannot be graded here: ")
    assert "see `grader doctor`" not in bad.stdout
    assert "  no  seccomp" in bad.stdout


def test_the_doctor_of_another_interpreter() -> None:
    result = lacking("", "-m", "grader", "doctor", "--python", "/no/python")
    assert result.returncode == 3
    assert "/no/python cannot be started" in result.stdout
    assert "runtime.python" in result.stdout


def test_the_doctor_elsewhere_than_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    found = doctor.examine()
    assert not found.grading_possible
    assert found.reason == "student code can be isolated on Linux only"
    assert "container" in found.checks[0].advice
    assert "portable" in found.checks[0].advice
    assert "darwin" in doctor.render(found)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "ubuntu-24.04"),
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", "unprivileged_userns_clone=1"),
        ("/proc/sys/user/max_user_namespaces", "0", "max_user_namespaces=10000"),
        ("container", "", "do not weaken the container"),
        ("", "", "The kernel, a container or a security module forbids it"),
    ],
)
def test_advice_on_namespaces_fits_the_machine(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, words: str
) -> None:
    monkeypatch.setattr(doctor, "_setting", lambda path: value if path == setting else "")
    monkeypatch.setattr(doctor, "_in_container", lambda: setting == "container")
    assert words in doctor.advice("namespaces", "unshare: Operation not permitted")
