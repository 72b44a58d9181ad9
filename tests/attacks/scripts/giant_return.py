"""Return more than memory holds: the array cannot be made."""

import numpy as np

UNCONFINED = "unsafe: it would take 40 GB"
EXPECT = "MemoryError"


def attack(k):
    return np.ones((100_000, 50_000))
