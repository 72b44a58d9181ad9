"""Open a file relative to a folder's descriptor: openat is the same call, and not on the list."""

import os

UNCONFINED = "succeeds"


def attack(k):
    folder = os.open(k["folder"], os.O_RDONLY)
    file = os.open("secret.txt", os.O_RDONLY, dir_fd=folder)
    return "SUCCESS " + os.read(file, 100).decode()
