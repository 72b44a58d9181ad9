"""The x32 ABI reaches the same calls by other numbers, past a careless list: the process is killed."""

import sys

UNCONFINED = "not shown: most kernels are built without x32"
MACHINE = "x86_64"
EXPECT = "killed"

libc = sys.modules["ctypes"].CDLL(None, use_errno=True)


def attack(k):
    X32, GETPID = 0x40000000, 39
    libc.syscall(X32 | GETPID)
    return "SUCCESS"
