"""A System V segment outlives its process: shmget is not on the list."""

import sys

UNCONFINED = "unsafe: it would leave a segment behind"
MACHINE = "x86_64"

libc = sys.modules["ctypes"].CDLL(None, use_errno=True)


def attack(k):
    segment = libc.shmget(0x5AFE, 4096, 0o1666)
    return f"SUCCESS {segment}" if segment >= 0 else "refused"
