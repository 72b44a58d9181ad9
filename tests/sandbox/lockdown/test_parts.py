"""The other walls, as far as they can be looked at without being put up."""

from __future__ import annotations

import os
import resource
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox.lockdown import cage, identity, landlock, limits, syscalls

SANDBOX = Path(cage.__file__).parents[1]


def in_a_process(code: str) -> str:
    """Run code that changes its own process for good, with the package loaded as the worker loads it."""
    preamble = f"import sys; sys.path.insert(0, {str(SANDBOX)!r})\n"
    result = subprocess.run(
        [sys.executable, "-c", preamble + code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize(
    ("abi", "files", "net", "scoped", "size"),
    [
        (1, 13, 0, 0, 8),
        (2, 14, 0, 0, 8),
        (3, 15, 0, 0, 8),
        (4, 15, 3, 0, 16),
        (5, 16, 3, 0, 16),
        (6, 16, 3, 3, 24),
    ],
)
def test_landlock_handles_all_that_a_version_knows_and_no_more(
    abi: int, files: int, net: int, scoped: int, size: int
) -> None:
    """A bit that the kernel does not know makes it refuse the whole ruleset."""
    packed = landlock.attributes(abi)
    assert len(packed) == size
    values = struct.unpack("<QQQ", packed.ljust(24, b"\0"))
    assert values == ((1 << files) - 1, net, scoped)
    assert landlock.attributes(99) == landlock.attributes(6)


def test_limits_are_lowered_and_never_raised() -> None:
    code = """
import resource
from lockdown import limits
resource.setrlimit(resource.RLIMIT_NOFILE, (30, 40))
print(limits.apply({"RLIMIT_NOFILE": 1000, "RLIMIT_CORE": 0, "RLIMIT_OF_TOMORROW": 1}))
print(resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_CORE))
"""
    assert in_a_process(code).splitlines() == ["['RLIMIT_OF_TOMORROW']", "(40, 40) (0, 0)"]


def test_a_mandatory_limit_that_cannot_be_set_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(kind: int, values: tuple[int, int]) -> None:
        raise ValueError("not here")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert limits.apply({"RLIMIT_CORE": 0}) == ["RLIMIT_CORE"]
    for name in limits.MANDATORY:
        with pytest.raises(ValueError, match="not here"):
            limits.apply({name: 1})


def test_memory_is_counted_from_what_is_there() -> None:
    total, data = limits.mapped()
    assert 1 << 20 < data < total
    wanted = limits.wanted(50 << 20, 7)
    assert wanted["RLIMIT_AS"] >= total + (50 << 20) - (8 << 20)
    assert wanted["RLIMIT_CPU"] == 7
    assert wanted["RLIMIT_NPROC"] == wanted["RLIMIT_FSIZE"] == wanted["RLIMIT_CORE"] == 0


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("         0          0 4294967295\n", 4294967295),
        ("0 100000 65536\n", 65536),
        ("1000 1000 1\n", 1),
        ("0 1000 1\n1 100000 65536\n", 1),
        ("", 1),
    ],
)
def test_how_many_users_exist(text: str, ids: int) -> None:
    assert identity.mapped_ids(text) == ids


def test_user_ids_are_unprivileged_and_change_from_child_to_child() -> None:
    for ids in (4294967295, 65536):
        slots = [identity.slot(ids, 1234, child) for child in range(identity.SLOTS)]
        assert len(set(slots)) == identity.SLOTS
        assert all(1000 < uid < min(ids, 1 << 31) and uid != 65534 for uid in slots)
    assert (
        max(identity.slot(65536, zygote, 0) for zygote in range(5000)) < 61184
    )  # systemd's range begins there


def test_zygotes_of_one_machine_use_different_users() -> None:
    """As far as process ids go: 2**22 of them, in the wide range."""
    assert len({identity.slot(1 << 32, zygote, 0) for zygote in range(1000)}) == 1000


def test_all_descriptors_but_the_kept_ones_are_closed() -> None:
    code = """
import os
from lockdown import cage
def alive(n):
    try:
        return bool(os.fstat(n))
    except OSError:
        return False
cage.few_descriptors()
made = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
cage.close_others({0, 1, 2, made[3], made[7], -1})
left = [n for n in range(3, 64) if alive(n)]
print(left == [made[3], made[7]])
"""
    assert in_a_process(code) == "True"


def test_nothing_is_closed_between_neighbours() -> None:
    """os.closerange(n, n) would close everything from n up."""
    code = """
import os
from lockdown import cage
cage.few_descriptors()
cage.close_others({0, 1, 2})
print("still here")
"""
    assert in_a_process(code) == "still here"


def test_a_second_thread_is_refused() -> None:
    code = """
import threading, time
from lockdown import cage
cage.single_threaded()
threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
try:
    cage.single_threaded()
except OSError as error:
    print(error)
"""
    expected = "the worker has 2 threads, expected 1: something that it imports starts them"
    assert in_a_process(code) == expected


def test_a_filter_without_effect_is_noticed() -> None:
    """The cage pushes against its own wall: here it was never put up."""
    code = (
        "from lockdown.cage import Cage\ntry:\n    Cage(False)._probe()\nexcept OSError as e:\n    print(e)"
    )
    assert in_a_process(code) == "the seccomp filter is installed and has no effect"


def test_an_unknown_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syscalls, "MACHINE", "riscv64")
    with pytest.raises(OSError, match="the system calls of a riscv64 are not known to the grader"):
        cage.Cage(strict=False).prepare()


def test_what_runs_beside_student_code_imports_nothing_of_the_grader() -> None:
    """It is loaded by path, by whatever Python the course names."""
    for path in [
        *(SANDBOX / "lockdown").glob("*.py"),
        *(SANDBOX / name for name in ("worker.py", "zygote.py", "alone.py")),
    ]:
        assert "import grader" not in path.read_text()
        assert "from grader" not in path.read_text()


def test_what_runs_beside_student_code_is_python_3_8() -> None:
    import ast

    for path in [
        *(SANDBOX / "lockdown").glob("*.py"),
        *(SANDBOX / name for name in ("worker.py", "zygote.py", "alone.py")),
    ]:
        ast.parse(path.read_text(), feature_version=(3, 8))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can leave root")
def test_root_is_left_for_good() -> None:
    code = """
import os
from lockdown import identity
identity.become(60001)
identity.drop_capabilities()
for back in (lambda: os.setuid(0), lambda: os.setgroups([0]), lambda: os.seteuid(0)):
    try:
        back()
        print("came back")
    except PermissionError:
        pass
print(os.getresuid(), os.getresgid(), os.getgroups())
"""
    assert in_a_process(code) == "(60001, 60001, 60001) (60001, 60001, 60001) []"
