"""Map more than there is without touching it: address space is limited, not only what is used."""

import mmap

UNCONFINED = "unsafe: portable limits memory as well, on most systems"


def attack(k):
    mmap.mmap(-1, 64 << 30)
    return "SUCCESS"
