"""End the process as if all were well: an exit code of 0 is not an answer."""

import os

UNCONFINED = "the same: ending early earns nothing in any tier"
EXPECT = "killed"


def attack(k):
    os._exit(0)
