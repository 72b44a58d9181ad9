"""conv_backward as it comes out under one wrong belief (or several): every switch is one belief.

The three gradients are three sums over the same windows, so a fault names the sums it spoils: a window that
is misplaced for all of them, or only where A_prev is read, or only where dA is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from .gradients import give
from .step import KERNELS
from .windows import Span, Walk, first_bad, gather, out_of_bounds, padded, positions, refused, spans


@dataclass(frozen=True)
class Backward:
    """What the student believes of the backward step."""

    walk: Walk = field(default_factory=Walk)
    spoils: str = "both"  # "read" or "write": the window faults of ``walk`` only hold there
    padding: str = "once"  # "skipped": read from A_prev; "zeros": from an empty array; "gradient"; a number
    image: str = "own"  # "first", "last", "second", "whole-batch": whose windows are read
    terms: str = "scaled"  # "by-position", "by-position-and-db", "dotted": what is done with dZ[i, h, w, c]
    dA_kernel: str = "as-is"  # a key of KERNELS
    dA_filter: str = "own"  # "first", "reversed", "summed", "window", or an axis of W indexed by c
    dA_channels: str = "all"  # "first", "of-filter"
    dA_update: str = "add"  # "set"
    dA_place: str = "window"  # "corner": always the first f x f pixels
    dW_kernel: str = "as-is"
    dW_from: str = "window"  # "filter"
    dW_place: str = "own"  # "every-filter", "reversed", "first", "axis-2"
    dW_update: str = "add"
    db_update: str = "add"
    db_place: str = "own"  # "first", "every", "reversed"
    db_adds: str = "dZ"  # "count", "times-b", "times-window", "squared"
    db_form: str = "own"  # shape, axes or mean, see _db
    dA_dZ: str = "own"  # which entry of dZ counts, see _entries
    dW_dZ: str = "own"
    db_dZ: str = "own"
    dA_reset: str = ""  # "row", "column": zeros again in every turn of that loop ("image" is no fault)
    dW_reset: str = ""  # "image", "row", "column"
    db_reset: str = ""
    dA_start: str = "zeros"  # "ones", "ones-with-border", "copy"
    dW_start: str = "zeros"  # "ones", "copy": of W
    db_start: str = "zeros"
    divide: str = ""  # e.g. "m: dW db"
    unpad: str = "right"  # see _unpadded
    dtype: str = ""  # "dA-int", "dA-like-A", "truncated", "rounded", "like-A-in-loop", "zeros"
    order: str = "dA dW db"


def conv_backward(dZ: Any, cache: Any, fault: Backward) -> Any:
    """(dA_prev, dW, db), or what this fault makes of it; raises what the student's loops would raise."""
    A_prev, W, b, hparameters = cache
    walk = fault.walk
    stride, pad = walk.read(hparameters)
    f = walk.filter_size(W)
    m, n_H, n_W, n_C = dZ.shape
    images, hs, ws, cs = walk.loop(m, n_H, n_W, n_C, stride, f)
    P = _source(A_prev, pad, fault)
    dP = _dA_start(A_prev, pad, fault)
    dW, db = _start(W, fault.dW_start), _start(b, fault.db_start)
    if images and hs and ws and cs:
        reads = walk if fault.spoils != "write" else _right_windows(walk)
        writes = walk if fault.spoils != "read" else _right_windows(walk)
        rows, columns = spans(reads, (hs, ws), stride, pad, f, P.shape[1:3], W.shape[:2], walk.small)
        onto = spans(writes, (hs, ws), stride, pad, f, dP.shape[1:3], W.shape[:2], "stretched")
        corner = _write_corners(onto, hs, ws, W, dZ.shape, fault)
        windows = _images(gather(P, rows, columns), images, fault)
        E_dA, E_dW, E_db = (
            _entries(dZ, images, hs, ws, cs, how) for how in (fault.dA_dZ, fault.dW_dZ, fault.db_dZ)
        )
        unfit = first_bad(~(_adds_up(rows, walk.small) & _adds_up(columns, walk.small)))
        if unfit or windows.shape[3:5] != W.shape[:2]:
            at = unfit or (0, 0)
            raise refused(W.shape[:3], (int(rows.length[at]), int(columns.length[at]), W.shape[2]))
        if fault.terms == "dotted":
            _dotted(dP, dW, windows, W, dZ, corner)
        elif fault.terms != "scaled":
            _by_position(dP, dW, windows, W, dZ, corner, fault.terms.endswith("-db"))
        elif fault.padding == "gradient":
            _read_while_writing(dP, dW, W, dZ, corner)
        else:
            _write_dA(dP, windows, W, E_dA, (images, cs), corner, fault)
            _write_dW(dW, windows, W, E_dW, cs, fault)
        _write_db(db, windows, b, E_db, cs, fault)
    return give(dP, dW, db, dZ, A_prev, pad, fault)


# ------------------------------------------------------------------------------------------- before the loops


def _source(A_prev: Any, pad: int, fault: Backward) -> Any:
    """The images whose windows are read for dW."""
    if fault.padding == "skipped":
        return A_prev
    P = padded(A_prev, fault.padding if isinstance(fault.padding, int) else pad)
    return np.zeros(P.shape) if fault.padding in ("zeros", "gradient") else P


def _dA_start(A_prev: Any, pad: int, fault: Backward) -> Any:
    zeros = padded(np.zeros(A_prev.shape), pad)
    if fault.dA_start == "zeros":
        return zeros
    if fault.dA_start == "copy":
        return zeros + padded(A_prev, pad)
    return zeros + 1 if fault.dA_start == "ones-with-border" else padded(np.ones(A_prev.shape), pad)


def _start(like: Any, how: str) -> Any:
    """A gradient before the first contribution."""
    return {"zeros": np.zeros_like, "ones": np.ones_like, "copy": np.copy}[how](like.astype(float))


# ------------------------------------------------------------------------------------------- in the loops


@lru_cache(maxsize=256)
def _right_windows(walk: Walk) -> Walk:
    return replace(walk, start_of="own", start_by="stride", start_plus="", end="f", cut="both")


def _adds_up(read: Span, small: str) -> Any:
    """Where what was read can be added to dW: one pixel is stretched, but dW never is."""
    return read.fits if small == "meets-cut-filter" else read.whole | (read.length == 1)


def _write_corners(
    onto: tuple[Span, Span], hs: range, ws: range, W: Any, dZ_shape: tuple[int, ...], fault: Backward
) -> tuple[Any, Any, Any, Any]:
    """First row and column of the slice of dA that (h, w) adds to, and its height and width.

    Raises in the order of the loops: IndexError where dZ has no entry (h, w), ValueError where the slice is
    not as large as the filter (adding in place stretches a filter of one pixel, but never the slice).
    """
    rows, columns = onto
    h, w = positions(hs, ws)
    if "swapped" in (fault.dA_dZ, fault.dW_dZ, fault.db_dZ):
        at = (w, h)
    else:
        at = (h, w)
    outside = (at[0] >= dZ_shape[1]) | (at[1] >= dZ_shape[2])
    anywhere = fault.dA_place == "corner" or W.shape[0] == 1
    fits = np.ones(h.shape, dtype=bool) if anywhere else rows.whole & columns.whole
    first = first_bad(~fits | outside)
    if first is not None:
        if outside[first]:
            axis = 1 if at[0][first] >= dZ_shape[1] else 2
            raise out_of_bounds(int(at[axis - 1][first]), axis, dZ_shape[axis])
        raise refused((int(rows.length[first]), int(columns.length[first]), W.shape[2]), W.shape[:3])
    if fault.dA_place == "corner":
        whole = np.full_like(h, W.shape[0])
        return np.zeros_like(h), np.zeros_like(w), whole, whole
    return rows.index[..., 0], columns.index[..., 0], rows.length, columns.length


def _images(windows: Any, images: range, fault: Backward) -> Any:
    if fault.image == "whole-batch":
        window = windows.shape[3:]
        raise refused(window, (len(windows), *window))
    if fault.image == "second" and len(windows) < 2:
        raise out_of_bounds(1, 0, len(windows))
    if fault.image != "own":
        return windows[[{"first": 0, "last": -1, "second": 1}[fault.image]] * len(images)]
    return windows[images.start : images.stop]


def _entries(dZ: Any, images: range, hs: range, ws: range, cs: range, how: str) -> Any:
    """The number that the student multiplies with, for every turn of the loops: (i, h, w, c)."""
    if how == "own" and (len(images), len(hs), len(ws), len(cs)) == dZ.shape:
        return dZ
    size = len(images), len(hs), len(ws), len(cs)
    i, h, w, c = (
        np.arange(r.start, r.stop, r.step).reshape([-1 if axis == k else 1 for k in range(4)])
        for axis, r in enumerate((images, hs, ws, cs))
    )
    if how == "whole-vector" and dZ.shape[3] > 1:
        raise ValueError("operands could not be broadcast together")
    if how == "swapped":
        if hs[-1] >= dZ.shape[2] or ws[-1] >= dZ.shape[1]:
            raise IndexError("index is out of bounds")
        return dZ[i, w, h, c]
    if hs[-1] >= dZ.shape[1] or ws[-1] >= dZ.shape[2]:
        raise IndexError("index is out of bounds")
    picked: dict[str, Callable[[], Any]] = {
        "own": lambda: dZ[i, h, w, c],
        "whole-vector": lambda: dZ[i, h, w, c],
        "first-filter": lambda: dZ[i, h, w, 0 * c],
        "last-filter": lambda: dZ[i, h, w, 0 * c - 1],
        "reversed-filter": lambda: dZ[i, h, w, -c - 1],
        "first-image": lambda: dZ[0 * i, h, w, c],
        "last-image": lambda: dZ[0 * i - 1, h, w, c],
        "first-position": lambda: dZ[i, 0 * h, 0 * w, c],
        "sum-of-filters": lambda: dZ.sum(axis=3, keepdims=True)[i, h, w, 0 * c],
        "sum-of-map": lambda: dZ.sum(axis=(1, 2), keepdims=True)[i, 0 * h, 0 * w, c],
        "sum-of-images": lambda: dZ.sum(axis=0, keepdims=True)[0 * i, h, w, c],
        "mean-of-map": lambda: dZ.mean(axis=(1, 2), keepdims=True)[i, 0 * h, 0 * w, c],
    }
    return np.broadcast_to(picked[how](), size)


def _write_dA(
    dP: Any,
    windows: Any,
    W: Any,
    E: Any,
    loops: tuple[range, range],
    corner: tuple[Any, ...],
    fault: Backward,
) -> None:
    """Add to dP what every window hands back. E is (i, h, w, c)."""
    images, cs = loops
    last_only = fault.dA_update == "set"
    if last_only:
        E, cs = E[..., -1:], cs[-1:]
    if fault.dA_filter == "window":
        given = windows * E.sum(axis=3)[..., None, None, None]
    else:
        K = KERNELS[fault.dA_kernel](_dA_filters(W, cs, fault.dA_filter))
        if fault.dA_channels != "all":
            K = _dA_channels(K, cs, fault.dA_channels)
        given = (E.reshape(-1, len(cs)) @ K.reshape(-1, len(cs)).T).reshape(*E.shape[:3], *K.shape[:3])
    n_H, n_W = E.shape[1:3]
    for h in range(n_H):
        if h and fault.dA_reset == "row":
            dP[images.start : images.stop] = 0
        for w in range(n_W):
            if w and fault.dA_reset == "column":
                dP[images.start : images.stop] = 0
            top, left, height, width = (int(part[h, w]) for part in corner)
            place = dP[images.start : images.stop, top : top + height, left : left + width]
            if last_only:
                place[...] = given[:, h, w]
            else:
                place += given[:, h, w]


def _dA_filters(W: Any, cs: range, how: str) -> Any:
    """The filter that the student hands back for every c: (f, f, n_C_prev, len(cs))."""
    c = np.array(cs)
    if how == "first":
        return W[..., 0 * c]
    if how == "last":
        return W[..., 0 * c - 1]
    if how == "reversed":
        return W[..., -c - 1]
    if how == "summed":
        return np.repeat(W.sum(axis=3, keepdims=True), len(c), axis=3)
    if how == "ones":
        return np.ones((*W.shape[:3], len(c)))
    if how in ("axis-0", "axis-1", "axis-2"):
        axis = int(how[-1])
        picked = [np.take(W, k, axis=axis) for k in cs if k < W.shape[axis]]
        if any(np.broadcast_shapes(p.shape, W.shape[:3]) != W.shape[:3] for p in picked):
            raise ValueError("operands could not be broadcast together")
        if len(picked) < len(cs):
            raise IndexError("index is out of bounds")
        return np.stack([np.broadcast_to(p, W.shape[:3]) for p in picked], axis=-1)
    return W[..., c]


def _dA_channels(K: Any, cs: range, how: str) -> Any:
    only = np.zeros(K.shape)
    if how == "first":
        only[:, :, 0] = K[:, :, 0]
        return only
    if cs[-1] >= K.shape[2]:
        raise IndexError("index is out of bounds")
    for position, c in enumerate(cs):
        only[:, :, c, position] = K[:, :, c, position]
    return only


def _read_while_writing(dP: Any, dW: Any, W: Any, dZ: Any, corner: tuple[Any, ...]) -> None:
    """The student's window is a view of dA itself, which fills up while the loops go on."""
    f, (top, left, _, _) = W.shape[0], corner
    for i, h, w, c in np.ndindex(*dZ.shape):
        view = dP[i, top[h, w] : top[h, w] + f, left[h, w] : left[h, w] + f]
        view += W[..., c] * dZ[i, h, w, c]
        dW[..., c] += view * dZ[i, h, w, c]


def _dotted(dP: Any, dW: Any, windows: Any, W: Any, dZ: Any, corner: tuple[Any, ...]) -> None:
    """np.dot(W[..., c], dZ[i, h, w]) where W[..., c] * dZ[i, h, w, c] belongs, and the same for dW."""
    f, _, n_C_prev, n_C = W.shape
    if n_C_prev != n_C:
        said = f"{n_C_prev} (dim 2) != {n_C} (dim 0)"
        raise ValueError(f"shapes {W.shape[:3]} and ({n_C},) not aligned: {said}")
    if n_C_prev not in (1, f):
        raise refused(W.shape[:3], (f, f))
    for i, h, w, c in np.ndindex(*dZ.shape):
        top, left = corner[0][h, w], corner[1][h, w]
        dP[i, top : top + f, left : left + f] += np.dot(W[..., c], dZ[i, h, w])
        dW[..., c] += np.dot(windows[i, h, w], dZ[i, h, w])


def _by_position(
    dP: Any, dW: Any, windows: Any, W: Any, dZ: Any, corner: tuple[Any, ...], with_db: bool
) -> None:
    """W and dW (and db) are indexed like dZ, by image and position."""
    f = W.shape[0]
    for i, h, w, c in np.ndindex(*dZ.shape):
        top, left = corner[0][h, w], corner[1][h, w]
        dP[i, top : top + f, left : left + f] += W[i, h, w, c] * dZ[i, h, w, c]
        dW[i, h, w, c] += (windows[i, h, w] * dZ[i, h, w, c]).sum()
        if with_db and (i or h or w):
            axis = next(axis for axis, index in enumerate((i, h, w)) if index)
            raise out_of_bounds(1, axis, 1)


def _after_reset(E: Any, level: str) -> Any:
    """The entries that are still in the sum at the end: those after the last reset."""
    if level == "image":
        return E[-1:]
    if level == "row":
        return E[-1:, -1:]
    return E[-1:, -1:, -1:]


def _write_dW(dW: Any, windows: Any, W: Any, E: Any, cs: range, fault: Backward) -> None:
    """Add to dW what every window collects. E is (i, h, w, c)."""
    if fault.dW_reset or fault.dW_update == "set":
        level = fault.dW_reset if fault.dW_update == "add" else "pixel"
        E, windows = _after_reset(E, level), _after_reset(windows, level)
        dW[...] = 0
    collected: Any
    if fault.dW_from == "filter":
        collected = W[..., list(cs)] * E.sum(axis=(0, 1, 2))
    else:
        columns = windows.reshape(-1, W[..., 0].size)
        collected = (columns.T @ E.reshape(-1, len(cs))).reshape(*W.shape[:3], len(cs))
    collected = KERNELS[fault.dW_kernel](collected)
    if fault.dW_place == "own":
        dW[..., cs.start : cs.stop] += collected
    elif fault.dW_place == "reversed":
        dW[..., cs.start : cs.stop] += collected[..., ::-1]
    elif fault.dW_place == "first":
        dW[..., 0] += collected[..., -1] if fault.dW_update == "set" else collected.sum(axis=3)
    elif fault.dW_place == "every-filter":
        dW += collected[..., -1:] if fault.dW_update == "set" else collected.sum(axis=3, keepdims=True)
    elif fault.dW_place == "first-channel":
        dW[:, :, 0, cs.start : cs.stop] += collected[:, :, 0]
    else:  # an axis of dW indexed by c
        axis = int(fault.dW_place[-1])
        target = np.moveaxis(dW, axis, 0)
        for position, c in enumerate(cs):
            if c >= len(target):
                raise IndexError("index is out of bounds")
            target[c] += collected[..., position]


def _write_db(db: Any, windows: Any, b: Any, E: Any, cs: range, fault: Backward) -> None:
    """Add to db what every entry of dZ hands back."""
    if fault.db_adds == "count":
        E = np.ones(E.shape)
    elif fault.db_adds == "times-b":
        E = E * b.reshape(-1)[list(cs)]
    elif fault.db_adds == "times-window":
        E = E * windows.sum(axis=(3, 4, 5))[..., None]
    elif fault.db_adds == "squared":
        E = E * E
    if fault.db_reset or fault.db_update == "set":
        E = _after_reset(E, fault.db_reset if fault.db_update == "add" else "pixel")
        db[...] = 0
    total = E.sum(axis=(0, 1, 2))
    if fault.db_place == "own":
        db[..., cs.start : cs.stop] += total
    elif fault.db_place == "reversed":
        db[..., cs.start : cs.stop] += total[::-1]
    elif fault.db_place == "first":
        db[..., 0] += total[-1] if fault.db_update == "set" else total.sum()
    else:
        db += total[-1] if fault.db_update == "set" else total.sum()
