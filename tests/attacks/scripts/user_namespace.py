"""Become root in a namespace of one's own, the door to many kernel bugs: unshare is not on the list."""

import sys

UNCONFINED = "succeeds unless the machine forbids it to everybody"

libc = sys.modules["ctypes"].CDLL(None, use_errno=True)


def attack(k):
    CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWUTS = 0x10000000, 0x00020000, 0x04000000
    for kind in (CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWUTS, 0):
        if libc.unshare(kind) == 0:
            return f"SUCCESS {kind:#x}"
    return "refused"
