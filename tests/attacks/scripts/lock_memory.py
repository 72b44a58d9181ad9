"""Lock memory, which the machine can then never reclaim: mlock is not on the list, RLIMIT_MEMLOCK is 0."""

import sys

UNCONFINED = "succeeds unless the machine forbids it to everybody"

ctypes = sys.modules["ctypes"]
libc = ctypes.CDLL(None, use_errno=True)


def attack(k):
    buffer = ctypes.create_string_buffer(4096)
    return "SUCCESS" if libc.mlock(buffer, 4096) == 0 else "refused"
