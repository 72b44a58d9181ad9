"""Which switches make which misconception: zero_pad and conv_single_step.

A row is (id of the page, variant, settings). Variants are different code from one belief.
"""

from __future__ import annotations

from typing import Any

Row = tuple[str, str, dict[str, Any]]

ZERO_PAD: list[Row] = [
    ("pads-every-axis", "", {"axes": "all"}),
    ("pads-wrong-axes", "batch-and-height", {"axes": "batch-height"}),
    ("pads-wrong-axes", "width-and-channels", {"axes": "width-channels"}),
    ("pads-wrong-axes", "batch", {"axes": "batch"}),
    ("pads-wrong-axes", "channels", {"axes": "channels"}),
    ("pads-wrong-axes", "batch-and-channels", {"axes": "batch-channels"}),
    ("pads-wrong-axes", "batch-and-width", {"axes": "batch-width"}),
    ("pads-wrong-axes", "height-and-channels", {"axes": "height-channels"}),
    ("pads-wrong-axes", "all-but-batch", {"axes": "all-but-batch"}),
    ("pads-wrong-axes", "all-but-channels", {"axes": "all-but-channels"}),
    ("pads-one-spatial-axis", "height", {"axes": "height"}),
    ("pads-one-spatial-axis", "width", {"axes": "width"}),
    ("pads-one-side", "before", {"sides": "before"}),
    ("pads-one-side", "after", {"sides": "after"}),
    ("pad-split-over-both-sides", "more-after", {"sides": "half"}),
    ("pad-split-over-both-sides", "more-before", {"sides": "half-more-before"}),
    ("pad-split-over-both-sides", "half-each", {"sides": "half-each"}),
    ("border-not-zero", "edge", {"border": "edge"}),
    ("border-not-zero", "reflect", {"border": "reflect"}),
    ("border-not-zero", "symmetric", {"border": "symmetric"}),
    ("border-not-zero", "wrap", {"border": "wrap"}),
    ("border-not-zero", "mean", {"border": "mean"}),
    ("border-not-zero", "maximum", {"border": "maximum"}),
    ("border-not-zero", "minimum", {"border": "minimum"}),
    ("border-not-zero", "ones", {"border": "one"}),
    ("border-not-zero", "the-number-pad", {"border": "pad"}),
    ("nothing-padded", "", {"amount": 0}),
    ("pad-hard-coded", "1", {"amount": 1}),
    ("pad-hard-coded", "2", {"amount": 2}),
    ("pad-hard-coded", "3", {"amount": 3}),
    ("pad-doubled", "", {"amount": "double"}),
    ("border-erased", "", {"erase": "copy"}),
    ("border-erased", "minus-pad", {"erase": "copy/minus-pad"}),
    ("only-first-image", "", {"images": "first"}),
    ("only-first-image", "axis-lost", {"images": "first-alone"}),
    ("values-truncated", "", {"dtype": "int"}),
    ("channels-first", "", {"order": "channels-first"}),
    ("height-and-width-swapped", "", {"order": "width-height"}),
    ("height-and-width-swapped", "buffer", {"order": "sides-exchanged"}),
    ("axes-squeezed", "", {"order": "squeezed"}),
    ("returns-too-early", "", {"images": "others-empty"}),
    ("returns-nothing", "", {"order": "nothing"}),
    ("exception-swallowed", "", {"order": "zeros"}),
]

SINGLE_STEP: list[Row] = [
    ("matrix-product", "np-dot", {"product": "dot"}),
    ("matrix-product", "np-dot-filter-first", {"product": "dot-filter-first"}),
    ("matrix-product", "matmul", {"product": "matmul"}),
    ("matrix-product", "matmul-filter-first", {"product": "matmul-filter-first"}),
    ("matrix-product", "tensordot", {"product": "tensordot"}),
    ("matrix-product", "per-channel", {"product": "dot-per-channel"}),
    ("matrix-product", "per-channel-filter-first", {"product": "dot-per-channel-filter-first"}),
    ("matrix-product", "not-summed", {"product": "matrix", "total": "none"}),
    ("matrix-type", "", {"product": "dot-per-channel"}),
    ("matrix-type", "filter-first", {"product": "dot-per-channel-filter-first"}),
    ("trace-of-matrix-product", "", {"product": "trace"}),
    ("inner-product", "", {"product": "inner"}),
    ("sums-multiplied", "", {"product": "sums-multiplied"}),
    ("sums-multiplied", "per-channel", {"product": "sums-multiplied-per-channel"}),
    ("kernel-flipped", "", {"kernel": "half-turn"}),
    ("kernel-flipped-one-axis", "rows", {"kernel": "rows-flipped"}),
    ("kernel-flipped-one-axis", "columns", {"kernel": "columns-flipped"}),
    ("kernel-flipped-all-axes", "", {"kernel": "all-flipped"}),
    ("channels-reversed", "", {"kernel": "channels-flipped"}),
    ("kernel-transposed", "", {"kernel": "transposed"}),
    ("kernel-transposed", "other-diagonal", {"kernel": "anti-transposed"}),
    ("kernel-rotated", "left", {"kernel": "quarter-turn"}),
    ("kernel-rotated", "right", {"kernel": "three-quarter-turn"}),
    ("only-one-channel", "first", {"product": "first-channel"}),
    ("only-one-channel", "last", {"product": "last-channel"}),
    *(
        ("last-position-skipped", f"{end}-{axis}-of-the-window", {"product": f"not-{end}-{axis}"})
        for end in ("last", "first")
        for axis in ("row", "column", "row-or-column", "channel")
    ),
    ("mean-instead-of-sum", "", {"total": "mean"}),
    ("mean-instead-of-sum", "of-positions", {"total": "mean-of-positions"}),
    ("max-instead-of-sum", "", {"total": "max"}),
    ("partial-sum", "axis-0", {"total": "axis-0"}),
    ("partial-sum", "axis-1", {"total": "axis-1"}),
    ("partial-sum", "axis-2", {"total": "axis-2"}),
    ("partial-sum", "positions", {"total": "positions"}),
    ("partial-sum", "axis-0-and-a-number", {"total": "axis-0/float-bias"}),
    ("partial-sum", "axis-1-and-a-number", {"total": "axis-1/float-bias"}),
    ("partial-sum", "axis-2-and-a-number", {"total": "axis-2/float-bias"}),
    ("partial-sum", "positions-and-a-number", {"total": "positions/float-bias"}),
    ("partial-sum", "rows-and-channels", {"total": "rows-channels"}),
    ("partial-sum", "columns-and-channels", {"total": "columns-channels"}),
    ("product-not-summed", "", {"total": "none"}),
    ("sum-instead-of-product", "", {"product": "added"}),
    ("bias-added-before-sum", "", {"bias": "before-sum"}),
    ("bias-added-before-sum", "per-channel", {"bias": "per-channel"}),
    ("bias-added-before-sum", "per-pixel", {"bias": "per-pixel"}),
    ("bias-added-before-sum", "per-row", {"bias": "per-row"}),
    ("bias-missing", "", {"bias": "missing"}),
    ("bias-wrong-operation", "subtracted", {"bias": "subtracted"}),
    ("bias-wrong-operation", "multiplied", {"bias": "multiplied"}),
    ("bias-wrong-operation", "twice", {"bias": "twice"}),
    ("values-truncated", "bias", {"bias": "truncated"}),
]

#: These only make sense where the step is a function of its own.
ONLY_IN_THE_STEP: list[Row] = [
    ("values-truncated", "", {"rounding": "truncated"}),
    ("rounded", "", {"rounding": "rounded"}),
    ("activation-added", "relu", {"activation": "relu"}),
    ("activation-added", "sigmoid", {"activation": "sigmoid"}),
    ("activation-added", "tanh", {"activation": "tanh"}),
    ("returns-nothing", "", {"answer": "nothing"}),
    ("exception-swallowed", "", {"activation": "zeros"}),
]
