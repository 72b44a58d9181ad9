"""What conv_backward makes of the finished sums: the border taken off, db brought into shape, an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .backward import Backward



def _no_room(source: tuple[int, ...], target: tuple[int, ...]) -> ValueError:
    shapes = [str(shape).replace(" ", "") for shape in (source, target)]
    return ValueError(f"could not broadcast input array from shape {shapes[0]} into shape {shapes[1]}")


def _unpadded(dP: Any, A_prev: Any, pad: int, how: str) -> Any:
    """dA_prev as the student takes it out of the padded gradient."""
    _, n_H, n_W, _ = A_prev.shape
    if how == "right":
        return dP[:, pad : pad + n_H, pad : pad + n_W]
    if how == "missing":
        return dP
    if how == "never":
        return np.zeros(A_prev.shape)
    if how == "never-padded":
        return np.zeros(dP.shape)
    if how == "minus-pad":  # into dA_prev[i] = ..., where nothing fits n_H x n_W pixels
        if pad == 0 and A_prev.size:
            raise _no_room((0, 0, A_prev.shape[3]), A_prev.shape[1:])
        return dP[:, pad:-pad, pad:-pad]
    if how == "minus-pad-slice":
        return dP[:, pad:-pad, pad:-pad]
    if how == "top-left":
        return dP[:, :n_H, :n_W]
    if how == "bottom-right":
        return dP[:, 2 * pad :, 2 * pad :]
    if how == "sides-exchanged":
        inside = dP[:, pad : pad + n_W, pad : pad + n_H]
        if inside.shape[1:3] != (n_W, n_H):
            raise _no_room(inside.shape, (len(dP), n_W, n_H, dP.shape[3]))
        return inside
    if how == "rows-only":
        return dP[:, pad : pad + n_H]
    if how == "columns-only":
        return dP[:, :, pad : pad + n_W]
    if how == "half":
        return dP[:, pad // 2 : pad // 2 + n_H, pad // 2 : pad // 2 + n_W]
    if how == "one-side":
        return dP[:, pad:, pad:]
    if how == "other-side":
        return dP[:, : dP.shape[1] - pad, : dP.shape[2] - pad]
    amount = int(how.split("-")[1])  # "fixed-1", "fixed-1-minus", "fixed-1-into"
    inside = dP[:, amount:-amount, amount:-amount]
    if how.endswith("-into"):
        if inside.shape[1:3] != (n_H, n_W):
            raise _no_room(inside.shape[1:], A_prev.shape[1:])
        return inside
    return inside if how.endswith("-minus") else dP[:, amount : amount + n_H, amount : amount + n_W]


def _db(db: Any, dZ: Any, W_shape: tuple[int, ...], form: str) -> Any:
    """db in the shape, or over the axes, that the student gives it."""
    if form == "own":
        return db
    n_C = db.size
    shapes = {
        "vector": (n_C,),
        "row": (1, n_C),
        "column": (n_C, 1),
        "three-axes": (1, 1, n_C),
        "first-axis": (n_C, 1, 1, 1),
    }
    if form in ("like-W", "like-one-channel-of-W"):
        return np.broadcast_to(db, W_shape if form == "like-W" else (*W_shape[:2], 1, n_C))
    if form in shapes:
        return db.reshape(shapes[form])
    axes: dict[str, tuple[int, ...]] = {
        "images": (0,),
        "positions": (1, 2),
        "images-rows": (0, 1),
        "images-columns": (0, 2),
        "rows": (1,),
        "columns": (2,),
        "filters": (3,),
        "all-but-images": (1, 2, 3),
        "all": (0, 1, 2, 3),
    }
    kind, _, kept = form.partition("/")
    if kind == "number":
        return float(dZ.sum())
    if kind == "filled":
        return np.full(db.shape, dZ.sum())
    if kind == "mean":
        return dZ.mean(axis=(0, 1, 2), keepdims=True)
    if kind == "mean-of-all":
        return np.full(db.shape, dZ.mean())
    return dZ.sum(axis=axes[kind], keepdims=kept == "kept")


def give(dP: Any, dW: Any, db: Any, dZ: Any, A_prev: Any, pad: int, fault: Backward) -> Any:
    """What the student returns."""
    dA = _unpadded(dP, A_prev, pad, fault.unpad)
    db = _db(db, dZ, dW.shape, fault.db_form)
    m, n_H, n_W, _ = dZ.shape
    if fault.divide:
        by, _, which = fault.divide.partition(": ")
        divisor = {
            "m": m,
            "positions": n_H * n_W,
            "all": m * n_H * n_W,
            "size": dZ.size,
        }[by]
        dA = dA / divisor if "dA" in which else dA
        dW = dW / divisor if "dW" in which else dW
        db = db / divisor if "db" in which else db
    if fault.dtype == "dA-int" or (fault.dtype == "dA-like-A" and A_prev.dtype.kind == "i"):
        dA = dA.astype(np.int64)
    elif fault.dtype == "truncated":
        dA, dW, db = np.trunc(dA), np.trunc(dW), np.trunc(db)
    elif fault.dtype == "zeros":
        dA, dW, db = np.zeros_like(dA), np.zeros_like(dW), np.zeros_like(db)
    elif fault.dtype == "rounded":
        dA, dW, db = np.round(dA), np.round(dW), np.round(db)
    elif fault.dtype == "like-A-in-loop" and A_prev.dtype.kind == "i":
        dW = np.zeros(dW.shape, dtype=A_prev.dtype)
        dW += 0.5  # raises what NumPy raises
    named = {"dA": dA, "dW": dW, "db": db}
    if fault.order == "nothing":
        return None
    given = tuple(named[name] for name in fault.order.split())
    return given if len(given) > 1 else given[0]
