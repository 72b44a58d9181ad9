"""Take the processor from everybody: sched_setscheduler is not on the list, and RLIMIT_RTPRIO is 0."""

import os

UNCONFINED = "succeeds unless the machine forbids it to everybody"


def attack(k):
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    return "SUCCESS"
