"""Take back user 0: the calls are not on the list, and a child of a root grader has another user for good."""

import os

UNCONFINED = "root only"


def attack(k):
    for become in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0])):
        try:
            become()
            return "SUCCESS"
        except OSError:
            pass
    return "SUCCESS root" if os.getuid() == 0 or os.geteuid() == 0 else "refused"
