"""Write to the standard output's descriptor without end: it is /dev/null."""

import os

UNCONFINED = "the same: standard output is /dev/null in every tier"
EXPECT = "done"


def attack(k):
    for line in range(2_000):
        os.write(1, bytes(1 << 16))
        os.write(2, bytes(1 << 16))
    return "done"
