"""Kill another submission's process: kill is allowed for the own process id only."""

import os
import signal

UNCONFINED = "succeeds"


def attack(k):
    for pid in (k["sibling"], k["target"]):
        try:
            os.kill(pid, signal.SIGKILL)
            return f"SUCCESS {pid}"
        except OSError:
            pass
    return "refused"
