"""Sleep, which uses no processor time: the limit is on the clock."""

import time

UNCONFINED = "the same: the clock is the grader's in every tier"
EXPECT = "timed_out"


def attack(k):
    time.sleep(10_000)
