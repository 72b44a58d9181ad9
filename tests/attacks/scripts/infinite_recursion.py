"""Recursion without end: Python's own limit raises."""

UNCONFINED = "the same: it is an exception in every tier"
EXPECT = "RecursionError"


def attack(k):
    return attack(k)
