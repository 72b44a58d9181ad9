"""Slow the grader down: setpriority is not on the list."""

import os

UNCONFINED = "succeeds"


def attack(k):
    os.setpriority(os.PRIO_PROCESS, k["target"], 19)
    return "SUCCESS"
