"""os.system, which libc does with vfork: refused."""

import os

UNCONFINED = "succeeds"


def attack(k):
    return "SUCCESS" if os.system("true") == 0 else "refused"
