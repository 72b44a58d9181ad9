"""The convolution layer as loops that read like the formula: forward, and backward.

    Z[i, h, w, c] = sum over y, x, k of  padded[i, h*stride + y, w*stride + x, k] * W[y, x, k, c]  +  b[c]

It is the yardstick of the assignment, so it is written to be believed at a glance rather than to be fast.
``conv_as_matmul`` computes the same by other means; the tests hold the two against each other and SciPy.
Shapes: A_prev (m, n_H_prev, n_W_prev, n_C_prev), W (f, f, n_C_prev, n_C), b (1, 1, 1, n_C),
Z (m, n_H, n_W, n_C).
"""

from __future__ import annotations

from typing import Any

import numpy as np


def zero_pad(X: Any, pad: int) -> Any:
    """Put ``pad`` rows and columns of zeros on each side of every image of ``X``; its dtype stays."""
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))  # (m, n_H + 2*pad, n_W + 2*pad, n_C)


def conv_single_step(a_slice_prev: Any, W: Any, b: Any) -> float:
    """One window meets one filter of its shape: products place by place, their sum, then the bias once."""
    products = a_slice_prev * W                          # (f, f, n_C_prev)
    return float(np.sum(products) + b.item())


def conv_forward(A_prev: Any, W: Any, b: Any, hparameters: dict[str, int]) -> tuple[Any, Any]:
    """Slide every filter, as it is, over every padded image.

    Returns ``Z`` and what ``conv_backward`` needs, ``cache = (A_prev, W, b, hparameters)``.
    """
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1

    Z = np.zeros((m, n_H, n_W, n_C))
    padded = zero_pad(A_prev, pad)                       # (m, n_H_prev + 2*pad, n_W_prev + 2*pad, n_C_prev)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                top, left = h * stride, w * stride
                window = padded[i, top:top + f, left:left + f, :]                   # (f, f, n_C_prev)
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(window, W[..., c], b[..., c])  # a number
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ: Any, cache: Any) -> tuple[Any, Any, Any]:
    """Hand every entry of ``dZ`` back to the pixels, the weights and the bias that made it.

    Z[i, h, w, c] is linear in each of them, so its derivative with respect to a pixel is the weight it met,
    and the other way round. A pixel lies in several windows, a weight meets every window: all that adds up.
    """
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    _, n_H_prev, n_W_prev, _ = A_prev.shape
    f = W.shape[0]
    m, n_H, n_W, n_C = dZ.shape

    padded = zero_pad(A_prev, pad)
    dpadded = np.zeros(padded.shape)                     # (m, n_H_prev + 2*pad, n_W_prev + 2*pad, n_C_prev)
    dW = np.zeros(W.shape)                               # (f, f, n_C_prev, n_C)
    db = np.zeros(b.shape)                               # (1, 1, 1, n_C)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                rows = slice(h * stride, h * stride + f)
                cols = slice(w * stride, w * stride + f)
                for c in range(n_C):
                    dpadded[i, rows, cols, :] += W[..., c] * dZ[i, h, w, c]  # (f, f, n_C_prev)
                    dW[..., c] += padded[i, rows, cols, :] * dZ[i, h, w, c]  # (f, f, n_C_prev)
                    db[..., c] += dZ[i, h, w, c]                             # a number
    dA_prev = dpadded[:, pad:pad + n_H_prev, pad:pad + n_W_prev, :]  # as A_prev, for pad = 0 too
    return dA_prev, dW, db
