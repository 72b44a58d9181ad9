"""Take back what prctl has set (dumpable, parent-death signal, filter): only naming a thread passes."""

import sys

UNCONFINED = "succeeds"

libc = sys.modules["ctypes"].CDLL(None, use_errno=True)


def attack(k):
    PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_SET_SECCOMP, PR_SET_PTRACER = (
        1,
        4,
        8,
        22,
        0x59616D61,
    )
    for call in (
        (PR_SET_PDEATHSIG, 0),
        (PR_SET_DUMPABLE, 1),
        (PR_SET_KEEPCAPS, 0),
        (PR_SET_SECCOMP, 0),
        (PR_SET_PTRACER, -1),
    ):
        if libc.prctl(*call, 0, 0, 0) == 0:
            return f"SUCCESS {call}"
    return "refused"
