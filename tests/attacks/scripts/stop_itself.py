"""Stop instead of ending, so that a wait for the end waits for ever: the clock runs on."""

import os
import signal
import time

UNCONFINED = "the same: the clock is the grader's in every tier"
EXPECT = "timed_out"


def attack(k):
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(10_000)  # process 1 of a namespace cannot be stopped from within
