"""The pooling layer as loops that read like the definition: forward, and backward through both modes.

    max       A[i, h, w, c] = the largest of the f x f numbers in the window of (h, w), one channel at a time
    average   A[i, h, w, c] = their mean

It is the yardstick of the assignment, so it is written to be believed at a glance rather than to be fast.
Shapes: A_prev (m, n_H_prev, n_W_prev, n_C), A (m, n_H, n_W, n_C) with n_H = (n_H_prev - f) // stride + 1 and
n_W alike. There is no padding: what hangs over the edge is left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def pool_forward(A_prev: Any, hparameters: dict[str, int], mode: str = "max") -> tuple[Any, Any]:
    """The largest number (``"max"``) or the mean (``"average"``) of every window, each channel by itself.

    Returns ``A`` and what ``pool_backward`` needs, ``cache = (A_prev, hparameters)``.
    """
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H = (n_H_prev - f) // stride + 1
    n_W = (n_W_prev - f) // stride + 1
    summary: Any = {"max": np.max, "average": np.mean}[mode]

    kind = A_prev.dtype if mode == "max" else np.float64  # a maximum is one of the numbers, a mean is not
    A = np.zeros((m, n_H, n_W, n_C), dtype=kind)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                top, left = h * stride, w * stride
                for c in range(n_C):
                    window = A_prev[i, top:top + f, left:left + f, c]  # (f, f)
                    A[i, h, w, c] = summary(window)                    # a number
    return A, (A_prev, hparameters)


def create_mask_from_window(x: Any) -> Any:
    """True where ``x`` has its largest entry; of the shape of ``x``."""
    return x == np.max(x)


def distribute_value(dz: float, shape: tuple[int, int]) -> Any:
    """``dz`` in equal shares over an array of this shape: the shares add up to ``dz``."""
    n_H, n_W = shape
    return np.full((n_H, n_W), dz / (n_H * n_W))


def pool_backward(dA: Any, cache: Any, mode: str = "max") -> Any:
    """Hand every entry of ``dA`` (m, n_H, n_W, n_C) back to the pixels of its window.

    The largest pixel alone made the maximum, so it gets all; in a mean every pixel has an equal share. A
    pixel that lies in several windows gets something from each.
    """
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H, n_W, n_C = dA.shape
    hand_back: Any = {
        "max": lambda window, dz: create_mask_from_window(window) * dz,
        "average": lambda window, dz: distribute_value(dz, window.shape),
    }[mode]

    dA_prev = np.zeros(A_prev.shape)                                   # (m, n_H_prev, n_W_prev, n_C)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                rows = slice(h * stride, h * stride + f)
                cols = slice(w * stride, w * stride + f)
                for c in range(n_C):
                    window = A_prev[i, rows, cols, c]                  # (f, f)
                    dA_prev[i, rows, cols, c] += hand_back(window, dA[i, h, w, c])  # (f, f)
    return dA_prev
