"""Message queues and semaphores outlive their process too: none of their calls is on the list."""

import sys

UNCONFINED = "unsafe: it would leave a queue behind"

libc = sys.modules["ctypes"].CDLL(None, use_errno=True)


def attack(k):
    for make in (lambda: libc.msgget(0x5AFE, 0o1666), lambda: libc.semget(0x5AFE, 1, 0o1666)):
        if make() >= 0:
            return "SUCCESS"
    return "refused"
