"""pidfd_getfd copies an open file out of another process: it is not on the list."""

import os
import sys

UNCONFINED = "succeeds unless the machine forbids it to everybody"
MACHINE = "x86_64"

libc = sys.modules["ctypes"].CDLL(None, use_errno=True)


def attack(k):
    handle = os.pidfd_open(k["target"])
    PIDFD_GETFD = 438
    got = libc.syscall(PIDFD_GETFD, handle, 0, 0)
    return f"SUCCESS {got}" if got >= 0 else "refused"
