"""Attach to another process of the same user as a debugger: ptrace is not on the list."""

import os
import sys

UNCONFINED = "succeeds unless the machine forbids it to everybody"

libc = sys.modules["ctypes"].CDLL(None, use_errno=True)


def attack(k):
    PTRACE_ATTACH, PTRACE_DETACH = 16, 17
    if libc.ptrace(PTRACE_ATTACH, k["target"], 0, 0) == 0:
        os.waitpid(k["target"], 0)
        libc.ptrace(PTRACE_DETACH, k["target"], 0, 0)
        return "SUCCESS"
    return "refused"
