"""unlink and rmdir: not on the list."""

import os

UNCONFINED = "succeeds"


def attack(k):
    os.unlink(k["doomed_file"])
    return "SUCCESS"
