"""Bring own machine code: no memory can be made executable after the lock-down."""

import mmap

UNCONFINED = "succeeds unless the machine forbids it to everybody"


def attack(k):
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    return "SUCCESS"
