"""clone, clone3 and vfork called past libc: all three are refused."""

import sys

UNCONFINED = "unsafe: a raw vfork would run on the parent's stack"
MACHINE = "x86_64"

libc = sys.modules["ctypes"].CDLL(None, use_errno=True)


def attack(k):
    SIGCHLD, CLONE, FORK, CLONE3 = 17, 56, 57, 435
    for call in ((FORK,), (CLONE, SIGCHLD, 0, 0, 0, 0), (CLONE3, 0, 0)):
        made = libc.syscall(*call)
        if made == 0:
            libc._exit(0)
        if made > 0:
            return f"SUCCESS {call}"
    return "refused"
