"""Leave the process group, to escape a kill of the group: setsid and setpgid are not on the list."""

import os

UNCONFINED = "succeeds"


def attack(k):
    for leave in (os.setsid, lambda: os.setpgid(0, 0), lambda: os.getpgid(0)):
        try:
            leave()
            return "SUCCESS"
        except OSError:
            pass
    return "refused"
