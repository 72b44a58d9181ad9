"""As root, mark memory as broken hardware (MADV_HWPOISON): there is no capability for it."""

import mmap

UNCONFINED = "unsafe: it would take a page from this machine for good"


def attack(k):
    MADV_HWPOISON, MADV_SOFT_OFFLINE = 100, 101
    memory = mmap.mmap(-1, 4096)
    memory.write(b"x")
    for advice in (MADV_HWPOISON, MADV_SOFT_OFFLINE):
        try:
            memory.madvise(advice)
            return "SUCCESS"
        except OSError:
            pass
    return "refused"
