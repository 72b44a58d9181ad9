"""Raise an exception whose message never ends: the clock runs on."""

UNCONFINED = "the same: the clock is the grader's in every tier"
EXPECT = "timed_out"


class Endless(Exception):
    def __str__(self):
        while True:
            pass


def attack(k):
    raise Endless
