"""Replace functions of NumPy and Python, to have the next student graded wrongly: there all is fresh."""

import builtins
import sys

import numpy as np

UNCONFINED = "the same: every submission has a process of its own in every tier"


def attack(k):
    np.sum = np.zeros = np.dot = lambda *a, **b: 666
    builtins.len = lambda x: 666
    builtins.__import__ = None
    sys.modules["math"] = None
    sys.setrecursionlimit(50)
    np.float64.__doc__ = "poisoned"
    return "done"
