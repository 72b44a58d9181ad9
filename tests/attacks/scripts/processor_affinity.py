"""Pin the grader to one processor: sched_setaffinity is not on the list (reading the own one is)."""

import os

UNCONFINED = "succeeds"


def attack(k):
    os.sched_setaffinity(k["target"], os.sched_getaffinity(k["target"]))
    return "SUCCESS"
