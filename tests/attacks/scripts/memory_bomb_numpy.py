"""Take memory through NumPy: the same limit."""

import numpy as np

UNCONFINED = "unsafe: it would take this machine's memory"
EXPECT = "MemoryError"


def attack(k):
    kept = []
    while True:
        kept.append(np.ones(1 << 22))
