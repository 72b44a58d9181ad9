"""kill(-1) reaches every process of the user: only the own process id passes the filter."""

import os

UNCONFINED = "unsafe: it would reach every process of this user"


def attack(k):
    for whom in (-1, 0, -os.getpid()):
        try:
            os.kill(whom, 0)
            return f"SUCCESS {whom}"
        except OSError:
            pass
    return "refused"
