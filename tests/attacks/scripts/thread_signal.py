"""tgkill and tkill are kill for threads: the one is held to the own process, the other not on the list."""

import sys

UNCONFINED = "succeeds unless the machine forbids it to everybody"
MACHINE = "x86_64"

libc = sys.modules["ctypes"].CDLL(None, use_errno=True)


def attack(k):
    TKILL, TGKILL = 200, 234
    for call in ((TKILL, k["target"], 0), (TGKILL, k["target"], k["target"], 0)):
        if libc.syscall(*call) == 0:
            return f"SUCCESS {call}"
    return "refused"
