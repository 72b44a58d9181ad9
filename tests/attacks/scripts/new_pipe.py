"""Make a pipe, to hide data in the kernel: pipe is not on the list."""

import os

UNCONFINED = "succeeds"


def attack(k):
    os.pipe()
    return "SUCCESS"
