"""mount, umount and pivot_root: not on the list, and there is no capability for them."""

import sys

UNCONFINED = "unsafe: it would change this machine's mounts"

libc = sys.modules["ctypes"].CDLL(None, use_errno=True)


def attack(k):
    MNT_DETACH = 2
    for make in (
        lambda: libc.mount(b"none", b"/", b"tmpfs", 0, None),
        lambda: libc.umount2(b"/proc", MNT_DETACH),
        lambda: libc.pivot_root(b".", b"."),
    ):
        if make() == 0:
            return "SUCCESS"
    return "refused"
