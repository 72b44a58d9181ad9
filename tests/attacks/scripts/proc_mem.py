"""Open another process's memory as a file: no open, no /proc in strict, and nobody is dumpable."""

import os

UNCONFINED = "succeeds unless the machine forbids it to everybody"


def attack(k):
    file = os.open(f"/proc/{k['target']}/mem", os.O_RDWR)
    return f"SUCCESS {os.pread(file, 8, k['target_address'])!r}"
