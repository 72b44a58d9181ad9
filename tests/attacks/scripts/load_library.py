"""Load a shared library from disk (one that libc always brings and nobody uses): no file opens."""

import sys

UNCONFINED = "succeeds"

ctypes = sys.modules["ctypes"]


def attack(k):
    ctypes.CDLL("libBrokenLocale.so.1")
    return "SUCCESS"
