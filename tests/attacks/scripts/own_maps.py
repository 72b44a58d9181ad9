"""Read the layout of the own memory, a first step of many exploits: no file opens."""

import io

UNCONFINED = "succeeds"


def attack(k):
    with io.open("/proc/self/maps") as file:
        return "SUCCESS " + file.readline()
