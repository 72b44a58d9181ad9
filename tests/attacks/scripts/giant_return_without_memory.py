"""Return 50 GB that take no memory (a broadcast view): refused by its size before it is copied."""

import numpy as np

UNCONFINED = "the same: replies are limited in every tier"
EXPECT = "opaque"


def attack(k):
    return np.broadcast_to(np.zeros(1), (250_000, 25_000))
