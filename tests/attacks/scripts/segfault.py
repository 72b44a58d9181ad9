"""Crash the interpreter: only this process ends, and the other functions get a new one."""

import sys

UNCONFINED = "the same: it is a process of its own in every tier"
EXPECT = "killed"


def attack(k):
    sys.modules["ctypes"].string_at(8)
