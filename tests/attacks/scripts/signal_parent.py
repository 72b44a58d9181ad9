"""Send the grader a signal, here the harmless one: kill is allowed for the own process id only."""

import os

UNCONFINED = "succeeds"


def attack(k):
    for pid in (k["parent"], os.getppid()):
        try:
            os.kill(pid, 0)
            return f"SUCCESS {pid}"
        except OSError:
            pass
    return "refused"
