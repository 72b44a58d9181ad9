"""Make a second process: clone answers that there are no resources, and RLIMIT_NPROC is 0."""

import os

UNCONFINED = "succeeds"


def attack(k):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return "SUCCESS"
