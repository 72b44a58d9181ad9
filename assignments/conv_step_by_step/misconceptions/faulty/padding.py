"""zero_pad as it comes out under one wrong belief (or several): every switch is one belief.

The defaults give the right function, so a misconception is what differs from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

#: axis -> which of (m, n_H, n_W, n_C) get a border
AXES = {
    "height-width": (1, 2),
    "all": (0, 1, 2, 3),
    "batch-height": (0, 1),
    "width-channels": (2, 3),
    "height": (1,),
    "width": (2,),
    "batch": (0,),
    "channels": (3,),
    "batch-channels": (0, 3),
    "batch-width": (0, 2),
    "height-channels": (1, 3),
    "all-but-batch": (1, 2, 3),
    "all-but-channels": (0, 1, 2),
}

#: pad -> (before, after)
SIDES = {
    "both": lambda p: (p, p),
    "before": lambda p: (p, 0),
    "after": lambda p: (0, p),
    "all-before": lambda p: (2 * p, 0),
    "all-after": lambda p: (0, 2 * p),
    "half": lambda p: (p // 2, p - p // 2),
    "half-more-before": lambda p: (p - p // 2, p // 2),
    "half-each": lambda p: (p // 2, p // 2),
}


@dataclass(frozen=True)
class Padding:
    """What the student believes of padding."""

    axes: str = "height-width"
    sides: str = "both"
    border: str = "zero"  # "one", "pad", or a mode of np.pad
    amount: int | str = "pad"  # a number, "double", "plus-one", "square"
    images: str = "all"  # "first", "first-alone" (its axis is lost), "others-empty"
    erase: str = ""  # "copy", "in-place", or "copy/minus-pad": X[:, -pad:] = 0 also for pad = 0
    order: str = "as-is"  # "channels-first", "width-height"; "zeros" and "nothing" give no image at all
    dtype: str = "as-is"  # "int", "float"


def zero_pad(X: Any, pad: int, fault: Padding) -> Any:
    """X_pad (m, n_H + 2*pad, n_W + 2*pad, n_C), or what this fault makes of it."""
    if fault.erase:
        return _erase(X, pad, fault)
    amount = _amount(pad, fault.amount)
    before, after = SIDES[fault.sides](amount)
    axes = AXES[fault.axes]
    if fault.images == "first":
        X = X[:1]
    elif fault.images == "first-alone":
        X, axes = X[0], tuple(a - 1 for a in axes if a)
    widths = [(before, after) if axis in axes else (0, 0) for axis in range(X.ndim)]
    if fault.dtype != "as-is":
        X = X.astype(np.int64 if fault.dtype == "int" else np.float64)
    if fault.border in ("zero", "one", "pad"):
        value = {"zero": 0, "one": 1, "pad": pad}[fault.border]
        padded = np.pad(X, widths, mode="constant", constant_values=value)
    else:
        padded = np.pad(X, widths, mode=fault.border)  # type: ignore[call-overload]
    if fault.images == "others-empty":
        padded[1:] = 0
    if fault.order == "nothing":
        return None
    if fault.order == "zeros":
        return np.zeros(padded.shape)
    if fault.order == "channels-first":
        padded = padded.transpose(0, 3, 1, 2)
    elif fault.order == "squeezed":
        padded = np.squeeze(padded)
    elif fault.order == "sides-exchanged" and X.shape[1] != X.shape[2]:
        m, n_H, n_W, n_C = X.shape  # X goes into the middle of a buffer for turned images
        raise ValueError(
            f"could not broadcast input array from shape {X.shape} into shape {(m, n_W, n_H, n_C)}"
        )
    elif fault.order == "width-height":
        padded = padded.transpose(0, 2, 1, 3)
    return padded


def _amount(pad: int, amount: int | str) -> int:
    if isinstance(amount, int):
        return amount
    return {"pad": pad, "double": 2 * pad, "plus-one": pad + 1, "square": pad * pad}[amount]


def _erase(X: Any, pad: int, fault: Padding) -> Any:
    """The border is not added but taken from the image itself."""
    erased = X if fault.erase == "in-place" else X.copy()
    last = slice(-pad, None) if fault.erase == "copy/minus-pad" else slice(max(X.shape[1] - pad, 0), None)
    erased[:, :pad], erased[:, last] = 0, 0
    last = slice(-pad, None) if fault.erase == "copy/minus-pad" else slice(max(X.shape[2] - pad, 0), None)
    erased[:, :, :pad], erased[:, :, last] = 0, 0
    return erased
