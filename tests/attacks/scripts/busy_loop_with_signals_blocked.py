"""Block every signal and stay inside C: SIGKILL cannot be blocked."""

import signal

import numpy as np

UNCONFINED = "the same: the clock is the grader's in every tier"
EXPECT = "timed_out"


def attack(k):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
    big = np.ones((4000, 4000))
    while True:
        big = big @ big
