"""Overflow the C stack: only this process ends."""

import sys

UNCONFINED = "the same: it is a process of its own in every tier"
EXPECT = "gone"


def attack(k):
    sys.setrecursionlimit(10**9)

    class Deep:
        def __getattr__(self, name):
            return getattr(self, name + "x")

    return str(Deep().a)
