"""Stop the process that all others come from: kill is allowed for the own process id only."""

import os
import signal

UNCONFINED = "unsafe: a stopped zygote would hang the test"


def attack(k):
    os.kill(k["zygote"], signal.SIGSTOP)
    return "SUCCESS"
