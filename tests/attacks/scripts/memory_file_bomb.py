"""memfd keeps memory outside of every limit on address space: it is not on the list."""

import os

UNCONFINED = "succeeds"


def attack(k):
    memory = os.memfd_create("hoard")
    os.ftruncate(memory, 1 << 20)
    return f"SUCCESS {os.write(memory, bytes(1 << 20))}"
