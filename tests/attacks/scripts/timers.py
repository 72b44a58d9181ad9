"""Arrange for a signal later, to act between two calls: no timer can be set."""

import signal

UNCONFINED = "succeeds"


def attack(k):
    signal.setitimer(signal.ITIMER_REAL, 60)
    signal.setitimer(signal.ITIMER_REAL, 0)
    return "SUCCESS"
