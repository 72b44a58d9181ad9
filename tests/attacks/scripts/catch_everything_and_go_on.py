"""Catch whatever could interrupt a loop: SIGKILL raises nothing that could be caught."""

UNCONFINED = "the same: the clock is the grader's in every tier"
EXPECT = "timed_out"


def attack(k):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
