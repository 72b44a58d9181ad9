"""Where data may be and where not: nothing of a submission in the zygote, nothing much in the grader."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from attacks.world import outer_pid

from grader.model import Program, Returned
from grader.sandbox import Runner

from .test_survivors import zygotes

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES = 300


def occurrences(pid: int, needle: bytes) -> int:
    """How often a text is in the writable memory of a process."""
    found = 0
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:  # noqa: PTH123 - a file of gaps
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if match and "[v" not in line:
                start, end = (int(group, 16) for group in match.groups())
                with contextlib.suppress(OSError, ValueError, OverflowError):
                    memory.seek(start)
                    found += memory.read(end - start).count(needle)
    return found


def test_nothing_of_a_submission_passes_through_the_zygote(standard: Runner) -> None:
    """Source, arguments and answers go over a child's own pipes: what the zygote held, all would inherit."""
    word = b"Vexillology"
    source = (
        f"# {word.decode()}\ndef f(x):\n    kept = x + '{word.decode()}'\n    print(kept)\n    return kept\n"
    )
    (zygote,) = zygotes(standard)[:1]
    try:
        occurrences(zygote, word)
    except PermissionError:
        pytest.skip("this machine lets nobody look into another process")
    with standard.open(Program(source, ("f",))) as session:
        for _ in range(3):
            assert isinstance(session.call("f", (word.decode(),), 20.0), Returned)
        with contextlib.suppress(PermissionError):  # a child shows its memory to root alone
            child = outer_pid(session._dialogue._child)  # type: ignore[union-attr]
            assert occurrences(child, word) > 0, "the search is blind"
        assert occurrences(zygote, word) == 0


#: The attacks that aim at the grader's own memory, and the largest honest reply, several times over.
GREEDY = '''
from pathlib import Path
from grader.model import Program, Returned
from grader.sandbox import open_runner
source = """
import numpy as np
def forge(header, payload=b"", length=None, size=None):
    import json, os, struct, sys
    frame = sys._getframe()
    while type(frame.f_locals.get("self")).__name__ != "Submission":
        frame = frame.f_back
    worker = frame.f_locals["self"]
    head = header(worker._request)
    lengths = (len(head) if length is None else length, len(payload) if size is None else size)
    os.write(worker._pipe._target, struct.pack("<II", *lengths))
    for piece in (head, payload):
        while piece:
            piece = piece[os.write(worker._pipe._target, piece):]
def a_bomb(): forge(lambda name: b"[" + b"[]," * 690_000 + b"[]]")
def b_bomb(): forge(lambda name: b"{" + b",".join(b'"%d":{}' % k for k in range(170_000)) + b"}")
def c_lies(): forge(lambda name: b"{}", size=60 << 20)
def d_flood():
    while True: print("x" * 10_000)
def e_texts(): return ["x" * 60_000 for _ in range(1000)]
def f_large(): return np.ones(7_900_000)
def g_parts(): return [np.ones(400) for _ in range(18_000)]
"""
names = ("a_bomb", "b_bomb", "c_lies", "d_flood", "e_texts", "f_large", "g_parts")
allowed = ("numpy", "json", "os", "struct", "sys")
with open_runner("standard") as runner:
    with runner.open(Program(source, names, allowed_imports=allowed)) as session:
        for name in names:
            reply = session.call(name, (), 2.0 if name in ("c_lies", "d_flood") else 20.0)
            print(name, type(reply).__name__, getattr(reply, "detail", ""), flush=True)
            assert isinstance(reply, Returned) == (name in ("f_large", "g_parts", "e_texts")), reply
# ru_maxrss would also count the process that started this one: a peak outlives execve.
(peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(peak.split()[1]) // 1024)
'''


def test_no_submission_makes_the_grader_use_much_memory() -> None:
    result = subprocess.run(
        [sys.executable, "-c", GREEDY], capture_output=True, text=True, cwd=ROOT, check=False, timeout=300
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert int(result.stdout.splitlines()[-1]) < MEGABYTES
