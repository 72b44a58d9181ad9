"""Open /proc/self/fd/N anew, to write where reading was meant: no open, and in strict no /proc."""

import os

UNCONFINED = "succeeds"


def attack(k):
    os.open("/proc/self/fd/0", os.O_RDWR)
    return "SUCCESS"
