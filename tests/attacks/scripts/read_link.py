"""Follow a symbolic link by hand: readlink is not on the list."""

import os

UNCONFINED = "succeeds"


def attack(k):
    return "SUCCESS " + os.readlink("/proc/self/exe")
