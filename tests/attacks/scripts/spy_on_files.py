"""Be told when files are opened: inotify is not on the list."""

import sys

UNCONFINED = "succeeds"

libc = sys.modules["ctypes"].CDLL(None, use_errno=True)


def attack(k):
    watch = libc.inotify_init1(0)
    if watch >= 0 and libc.inotify_add_watch(watch, k["folder"].encode(), 0xFFF) >= 0:
        return "SUCCESS"
    return "refused"
