"""Return an array that claims to equal everything: a subclass is not plain data and is only named."""

import numpy as np

UNCONFINED = "the same: values are rebuilt as plain arrays in every tier"
EXPECT = "opaque"


class Yes(np.ndarray):
    def __eq__(self, other):
        return np.ones(1, bool).all()

    def __array_function__(self, *arguments):
        return True


def attack(k):
    return np.zeros((2, 2)).view(Yes)
