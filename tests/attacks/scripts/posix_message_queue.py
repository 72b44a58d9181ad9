"""A POSIX message queue outlives its process: mq_open is not on the list."""

import sys

UNCONFINED = "not shown: not every machine has message queues"
MACHINE = "x86_64"

libc = sys.modules["ctypes"].CDLL(None, use_errno=True)


def attack(k):
    MQ_OPEN = 240
    got = libc.syscall(MQ_OPEN, b"attack", 0o102, 0o600, 0)
    return f"SUCCESS {got}" if got >= 0 else "refused"
