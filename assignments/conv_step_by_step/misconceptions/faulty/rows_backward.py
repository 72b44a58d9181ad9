"""Which switches make which misconception: conv_backward; windows and loops are added in models.py."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from .rows_helpers import Row

_ENTRIES = {
    "first-filter": "first-filter",
    "last-filter": "last-filter",
    "first-image": "first-image",
    "first-position": "first-position",
    "sum-of-filters": "sum-of-filters",
    "sum-of-map": "sum-of-map",
    "mean-of-map": "mean-of-map",
    "sum-of-images": "sum-of-images",
    "all-filters-at-once": "whole-vector",
    "reversed-filter": "reversed-filter",
}
_ENTRIES_OF_db = (
    "first-filter",
    "last-filter",
    "first-image",
    "first-position",
    "sum-of-map",
    "sum-of-images",
    "all-filters-at-once",
    "reversed-filter",
)
_GRADIENTS = ("dA", "dW", "db")


def _everywhere(setting: str, value: str) -> dict[str, Any]:
    return {f"{gradient}_{setting}": value for gradient in _GRADIENTS}


def _some(setting: str, value: str, gradients: tuple[str, ...]) -> dict[str, Any]:
    return {f"{gradient}_{setting}": value for gradient in gradients}


def _subsets() -> list[tuple[str, ...]]:
    return [("dA",), ("dW",), ("db",), ("dW", "db"), ("dA", "dW"), ("dA", "db"), _GRADIENTS]


BACKWARD: list[Row] = [
    ("height-and-width-swapped", "dZ", _everywhere("dZ", "swapped")),
    ("height-and-width-swapped", "loops-and-dZ", {"walk.loops": "swapped", **_everywhere("dZ", "swapped")}),
    # reading A_prev and writing dA at different windows
    ("height-and-width-swapped", "read", {"walk.start_of": "swapped", "spoils": "read"}),
    ("height-and-width-swapped", "write", {"walk.start_of": "swapped", "spoils": "write"}),
    ("height-and-width-swapped", "slices-read", {"walk.cut": "swapped", "spoils": "read"}),
    ("stride-ignored", "read", {"walk.start_by": "one", "spoils": "read"}),
    ("stride-ignored", "write", {"walk.start_by": "one", "spoils": "write"}),
    ("window-walks-the-diagonal", "read", {"walk.start_of": "h-twice", "spoils": "read"}),
    ("window-walks-the-diagonal", "write", {"walk.start_of": "h-twice", "spoils": "write"}),
    ("offset-by-pad", "read-minus", {"walk.start_plus": "minus-pad", "spoils": "read"}),
    ("offset-by-pad", "write-minus", {"walk.start_plus": "minus-pad", "spoils": "write"}),
    ("offset-by-pad", "write-plus", {"walk.start_plus": "plus-pad", "spoils": "write"}),
    ("window-as-large-as-the-stride", "read", {"walk.end": "stride", "spoils": "read"}),
    # the filter that is handed back, the window that is collected
    ("kernel-flipped", "dA", {"dA_kernel": "half-turn"}),
    ("kernel-flipped", "dW", {"dW_kernel": "half-turn"}),
    ("kernel-flipped", "dA-dW", {"dA_kernel": "half-turn", "dW_kernel": "half-turn"}),
    ("kernel-flipped-one-axis", "dA-rows", {"dA_kernel": "rows-flipped"}),
    ("kernel-flipped-one-axis", "dA-columns", {"dA_kernel": "columns-flipped"}),
    ("kernel-flipped-one-axis", "dW-rows", {"dW_kernel": "rows-flipped"}),
    ("kernel-flipped-one-axis", "dW-columns", {"dW_kernel": "columns-flipped"}),
    ("kernel-flipped-all-axes", "dA", {"dA_kernel": "all-flipped"}),
    ("kernel-flipped-all-axes", "dW", {"dW_kernel": "all-flipped"}),
    ("channels-reversed", "dA", {"dA_kernel": "channels-flipped"}),
    ("channels-reversed", "dW", {"dW_kernel": "channels-flipped"}),
    ("kernel-transposed", "dA", {"dA_kernel": "transposed"}),
    ("kernel-transposed", "dW", {"dW_kernel": "transposed"}),
    ("kernel-transposed", "dA-dW", {"dA_kernel": "transposed", "dW_kernel": "transposed"}),
    ("kernel-rotated", "dA-left", {"dA_kernel": "quarter-turn"}),
    ("kernel-rotated", "dA-right", {"dA_kernel": "three-quarter-turn"}),
    ("kernel-rotated", "dW-left", {"dW_kernel": "quarter-turn"}),
    ("kernel-rotated", "dW-right", {"dW_kernel": "three-quarter-turn"}),
    ("only-first-filter", "dA", {"dA_filter": "first"}),
    ("only-first-filter", "dA-last", {"dA_filter": "last"}),
    ("only-first-filter", "dW", {"dW_place": "first"}),
    ("filters-reversed", "dA", {"dA_filter": "reversed"}),
    ("filters-reversed", "dW", {"dW_place": "reversed"}),
    ("filters-reversed", "db", {"db_place": "reversed"}),
    ("filters-reversed", "dZ", _everywhere("dZ", "reversed-filter")),
    ("filters-added-up", "dA", {"dA_filter": "summed"}),
    ("filters-added-up", "dW", {"dW_place": "every-filter"}),
    ("filters-added-up", "dZ", _everywhere("dZ", "sum-of-filters")),
    ("filters-added-up", "dZ-dA-dW", _some("dZ", "sum-of-filters", ("dA", "dW"))),
    ("filter-from-wrong-axis", "dA-axis-0", {"dA_filter": "axis-0"}),
    ("filter-from-wrong-axis", "dA-axis-2", {"dA_filter": "axis-2"}),
    ("filter-from-wrong-axis", "dW-axis-0", {"dW_place": "axis-0"}),
    ("filter-from-wrong-axis", "dW-axis-2", {"dW_place": "axis-2"}),
    ("filter-from-wrong-axis", "dA-dW-axis-2", {"dA_filter": "axis-2", "dW_place": "axis-2"}),
    ("filter-from-wrong-axis", "by-position", {"terms": "by-position"}),
    ("filter-from-wrong-axis", "by-position-and-db", {"terms": "by-position-and-db"}),
    ("matrix-product", "", {"terms": "dotted"}),
    ("only-one-channel", "dA", {"dA_channels": "first"}),
    ("only-one-channel", "dW", {"dW_place": "first-channel"}),
    ("only-one-channel", "dA-of-filter", {"dA_channels": "of-filter"}),
    ("operands-swapped-in-gradient", "dA", {"dA_filter": "window"}),
    ("operands-swapped-in-gradient", "dW", {"dW_from": "filter"}),
    ("operands-swapped-in-gradient", "both", {"dA_filter": "window", "dW_from": "filter"}),
    ("gradient-not-at-its-window", "", {"dA_place": "corner"}),
    # what is read
    ("window-from-unpadded-input", "", {"padding": "skipped"}),
    (
        "window-from-unpadded-input",
        "inside-only",
        {"padding": "skipped", "walk.small": "meets-cut-filter"},
    ),
    ("window-from-gradient-buffer", "zeros", {"padding": "zeros"}),
    ("window-from-gradient-buffer", "while-it-fills", {"padding": "gradient"}),
    ("pad-hard-coded", "read-1", {"padding": 1}),
    ("pad-hard-coded", "read-2", {"padding": 2}),
    ("only-first-image", "", {"image": "first"}),
    ("only-first-image", "last", {"image": "last"}),
    ("only-first-image", "second", {"image": "second"}),
    ("only-first-image", "dZ", _everywhere("dZ", "first-image")),
    ("only-first-image", "both", {"image": "first", **_everywhere("dZ", "first-image")}),
    ("window-over-the-whole-batch", "", {"image": "whole-batch"}),
    *[
        ("wrong-dZ-entry", f"all-{name}", _everywhere("dZ", how))
        for name, how in _ENTRIES.items()
        if name != "first-image"
    ],
    *[
        ("wrong-dZ-entry", f"{gradient}-{name}", {f"{gradient}_dZ": how})
        for name, how in _ENTRIES.items()
        for gradient in _GRADIENTS
        if gradient != "db" or name in _ENTRIES_OF_db
    ],
    # adding up
    *[("gradient-overwritten", "-".join(which), _some("update", "set", which)) for which in _subsets()],
    *[
        ("gradient-reset-in-loop", f"{level}-{'-'.join(which)}", _some("reset", level, which))
        for level in ("image", "row", "column")
        for which in _subsets()
        if not (level == "image" and "dA" in which)
    ],
    ("gradient-starts-nonzero", "dA-ones", {"dA_start": "ones"}),
    ("gradient-starts-nonzero", "dA-ones-with-border", {"dA_start": "ones-with-border"}),
    ("gradient-starts-nonzero", "dA-A", {"dA_start": "copy"}),
    ("gradient-starts-nonzero", "dW-ones", {"dW_start": "ones"}),
    ("gradient-starts-nonzero", "dW-W", {"dW_start": "copy"}),
    ("gradient-starts-nonzero", "db-ones", {"db_start": "ones"}),
    ("gradient-starts-nonzero", "db-b", {"db_start": "copy"}),
    ("gradient-starts-nonzero", "dW-W-db-b", {"dW_start": "copy", "db_start": "copy"}),
    ("gradient-starts-nonzero", "all-ones", _everywhere("start", "ones")),
    ("gradient-starts-nonzero", "all-copies", {"dA_start": "copy", "dW_start": "copy", "db_start": "copy"}),
    ("divided-by-batch-size", "dW-db", {"divide": "m: dW db"}),
    ("divided-by-batch-size", "all", {"divide": "m: dA dW db"}),
    ("divided-by-batch-size", "dW", {"divide": "m: dW"}),
    ("divided-by-batch-size", "db", {"divide": "m: db"}),
    ("divided-by-batch-size", "dA", {"divide": "m: dA"}),
    ("divided-by-batch-size", "positions-dW-db", {"divide": "positions: dW db"}),
    ("divided-by-batch-size", "positions-all", {"divide": "positions: dA dW db"}),
    ("divided-by-batch-size", "everything-dW-db", {"divide": "all: dW db"}),
    ("divided-by-batch-size", "everything-dW", {"divide": "all: dW"}),
    ("divided-by-batch-size", "positions-dW", {"divide": "positions: dW"}),
    ("db-averaged", "", {"db_form": "mean"}),
    ("db-averaged", "over-everything", {"db_form": "mean-of-all"}),
    ("db-averaged", "over-positions", {"divide": "positions: db"}),
    ("db-averaged", "count", {"db_adds": "count"}),
    ("db-multiplied", "by-b", {"db_adds": "times-b"}),
    ("db-multiplied", "by-window", {"db_adds": "times-window"}),
    ("db-multiplied", "by-itself", {"db_adds": "squared"}),
    ("db-in-first-filter", "", {"db_place": "first"}),
    ("db-shape", "vector", {"db_form": "vector"}),
    ("db-shape", "row", {"db_form": "row"}),
    ("db-shape", "column", {"db_form": "column"}),
    ("db-shape", "three-axes", {"db_form": "three-axes"}),
    ("db-shape", "first-axis", {"db_form": "first-axis"}),
    ("db-shape", "of-the-filters", {"db_form": "like-W"}),
    ("db-shape", "of-one-channel", {"db_form": "like-one-channel-of-W"}),
    *[
        ("db-summed-over-wrong-axes", f"{axes}{kept.replace('/', '-')}", {"db_form": axes + kept})
        for axes in (
            "images",
            "positions",
            "images-rows",
            "images-columns",
            "rows",
            "columns",
            "filters",
            "all-but-images",
            "all",
        )
        for kept in ("", "/kept")
    ],
    ("db-summed-over-wrong-axes", "one-number", {"db_form": "number"}),
    ("db-summed-over-wrong-axes", "one-number-everywhere", {"db_form": "filled"}),
    # taking the border off
    ("height-and-width-swapped", "result", {"unpad": "sides-exchanged"}),
    ("pad-not-removed", "", {"unpad": "missing"}),
    ("pad-not-removed", "rows-only", {"unpad": "rows-only"}),
    ("pad-not-removed", "columns-only", {"unpad": "columns-only"}),
    ("dA-never-filled", "", {"unpad": "never"}),
    ("dA-never-filled", "padded", {"unpad": "never-padded"}),
    ("pad-removed-at-the-corner", "top-left", {"unpad": "top-left"}),
    ("pad-removed-at-the-corner", "bottom-right", {"unpad": "bottom-right"}),
    ("pad-removed-at-the-corner", "half", {"unpad": "half"}),
    ("pad-removed-at-the-corner", "one-side", {"unpad": "one-side"}),
    ("pad-removed-at-the-corner", "other-side", {"unpad": "other-side"}),
    ("minus-pad-slice-empty", "", {"unpad": "minus-pad"}),
    ("minus-pad-slice-empty", "slice", {"unpad": "minus-pad-slice"}),
    ("pad-hard-coded", "removed-1", {"unpad": "fixed-1"}),
    ("pad-hard-coded", "removed-2", {"unpad": "fixed-2"}),
    ("pad-hard-coded", "removed-1-by-minus", {"unpad": "fixed-1-minus"}),
    ("pad-hard-coded", "removed-2-by-minus", {"unpad": "fixed-2-minus"}),
    ("pad-hard-coded", "removed-1-into", {"unpad": "fixed-1-into"}),
    ("pad-hard-coded", "removed-2-into", {"unpad": "fixed-2-into"}),
    ("values-truncated", "dA", {"dtype": "dA-int"}),
    ("values-truncated", "dA-like-A_prev", {"dtype": "dA-like-A"}),
    ("values-truncated", "all", {"dtype": "truncated"}),
    ("values-truncated", "buffers-like-A_prev", {"dtype": "like-A-in-loop"}),
    ("rounded", "", {"dtype": "rounded"}),
    *[
        ("return-order", "-".join(order), {"order": " ".join(order)})
        for order in permutations(_GRADIENTS)
        if order != _GRADIENTS
    ],
    ("return-order", "only-dA", {"order": "dA"}),
    ("return-order", "no-db", {"order": "dA dW"}),
    ("returns-nothing", "", {"order": "nothing"}),
    ("exception-swallowed", "", {"dtype": "zeros"}),
]
