"""The fault models behind the pages: the four functions, each with one wrong belief built in.

A model is a setting of switches of one faulty implementation a function (folder ``faulty``), not a copy of
it: so two beliefs at once are two settings put together, and the engine can try them without knowing what
they mean. Every model is a public idea and holds nothing of the hidden cases.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from grader.model import FaultModel

# The pack is loaded by path; with this line its folder ``faulty`` is a package below this module.
__path__ = [str(Path(__file__).with_name("faulty"))]

padding = importlib.import_module(f"{__name__}.padding")
step = importlib.import_module(f"{__name__}.step")
windows = importlib.import_module(f"{__name__}.windows")
forward = importlib.import_module(f"{__name__}.forward")
backward = importlib.import_module(f"{__name__}.backward")
helpers = importlib.import_module(f"{__name__}.rows_helpers")
rows_forward = importlib.import_module(f"{__name__}.rows_forward")
rows_backward = importlib.import_module(f"{__name__}.rows_backward")

Settings = Mapping[str, Any]

#: A switch of a part: "walk.start_of" is the field start_of of Forward.walk.
PARTS = {"walk": windows.Walk, "step": step.Step}


@lru_cache(maxsize=2048)
def _believing(kind: type, settings: frozenset[tuple[str, Any]]) -> Any:
    plain = {name: value for name, value in settings if "." not in name}
    parts: dict[str, dict[str, Any]] = {}
    for name, value in settings:
        part, _, switch = name.partition(".")
        if switch:
            parts.setdefault(part, {})[switch] = value
    return kind(**plain, **{part: PARTS[part](**switches) for part, switches in parts.items()})


def zero_pad_with(settings: Settings, X: Any, pad: int) -> Any:
    """zero_pad by somebody with these beliefs."""
    return padding.zero_pad(X, pad, _believing(padding.Padding, frozenset(settings.items())))


def conv_single_step_with(settings: Settings, a_slice_prev: Any, W: Any, b: Any) -> Any:
    """conv_single_step by somebody with these beliefs."""
    return step.conv_single_step(a_slice_prev, W, b, _believing(step.Step, frozenset(settings.items())))


def conv_forward_with(settings: Settings, A_prev: Any, W: Any, b: Any, hparameters: dict[str, int]) -> Any:
    """conv_forward by somebody with these beliefs."""
    fault = _believing(forward.Forward, frozenset(settings.items()))
    return forward.conv_forward(A_prev, W, b, hparameters, fault)


def conv_backward_with(settings: Settings, dZ: Any, cache: Any) -> Any:
    """conv_backward by somebody with these beliefs."""
    return backward.conv_backward(dZ, cache, _believing(backward.Backward, frozenset(settings.items())))


RUN_WITH: dict[str, Callable[..., Any]] = {
    "zero_pad": zero_pad_with,
    "conv_single_step": conv_single_step_with,
    "conv_forward": conv_forward_with,
    "conv_backward": conv_backward_with,
}


def _inlined(row: Any) -> Any:
    """A fault of the single step, written inside conv_forward."""
    misconception, variant, settings = row
    return misconception, variant, {f"step.{name}": value for name, value in settings.items()}


def _numbers_only(row: Any) -> bool:
    """Rows that leave one number: an array does not fit into Z[i, h, w, c]."""
    total = row[2].get("total", "")
    return total not in step.PARTIAL and not total.endswith("float-bias")


#: Rows of conv_forward that say nothing in conv_backward, where sizes come with dZ.
ONLY_FORWARD = ("sizes", "Z", "store", "result", "size", "Z-and-store", "loops-and-store", "loops-and-Z")

ROWS: dict[str, list[Any]] = {
    "zero_pad": helpers.ZERO_PAD,
    "conv_single_step": helpers.SINGLE_STEP + helpers.ONLY_IN_THE_STEP,
    "conv_forward": (
        rows_forward.SIZE_FAULTS
        + rows_forward.PARTLY
        + rows_forward.LOOP_FAULTS
        + rows_forward.WINDOW_FAULTS
        + rows_forward.OTHER_FORWARD
        + [_inlined(row) for row in helpers.SINGLE_STEP if _numbers_only(row)]
    ),
    "conv_backward": (
        [
            row
            for row in rows_forward.LOOP_FAULTS + rows_forward.WINDOW_FAULTS
            if all(name.startswith("walk.") for name in row[2])
        ]
        + rows_backward.BACKWARD
    ),
}

#: Answers that many slips outside this catalogue give as well: never a confident diagnosis.
VAGUE = frozenset(
    (
        "exception-swallowed",
        "empty-window",
        "window-from-gradient-buffer",
        "float-dimensions",
        "dA-never-filled",
    )
)

#: Seen in published hand-ins; of models that fit equally well the more frequent comes first.
FREQUENT = {
    "bias-added-before-sum": 4.0,
    "minus-pad-slice-empty": 4.0,
    "stride-ignored": 4.0,
    "height-and-width-swapped": 3.0,
    "kernel-flipped": 3.0,
    "matrix-product": 3.0,
    "returns-nothing": 3.0,
    "only-first-image": 2.0,
    "bias-missing": 2.0,
    "gradient-overwritten": 2.0,
    "window-walks-the-diagonal": 2.0,
    "pad-skipped": 2.0,
    "pad-hard-coded": 2.0,
    "exception-swallowed": 0.5,
}

#: Different beliefs, the same numbers on every input: (functions, labels).
STEP, BACKWARD = ("conv_single_step", "conv_forward"), ("conv_backward",)
SAME_NUMBERS: tuple[tuple[tuple[str, ...], frozenset[str]], ...] = (
    (STEP, frozenset(("trace-of-matrix-product", "kernel-transposed"))),
    (
        ("conv_forward",),
        frozenset(("output-size-without-plus-one/loops", "last-position-skipped/last-row-and-column")),
    ),
    (STEP, frozenset(("inner-product", "sums-multiplied/per-channel"))),
    (BACKWARD, frozenset(("stride-ignored", "hyperparameter-hard-coded/stride-1"))),
    *(
        (BACKWARD, frozenset((f"filters-reversed/{gradient}", f"wrong-dZ-entry/{gradient}-reversed-filter")))
        for gradient in ("dA", "dW", "db")
    ),
    *(
        (BACKWARD, frozenset((f"filters-added-up/{gradient}", f"wrong-dZ-entry/{gradient}-sum-of-filters")))
        for gradient in ("dA", "dW")
    ),
    *(
        (BACKWARD, frozenset((f"gradient-overwritten/{which}", f"gradient-reset-in-loop/column-{which}")))
        for which in ("dW", "db", "dW-db")
    ),
)


#: Variants that are hardly ever seen with another fault: tried alone, not in pairs.
ODD = {
    "trace-of-matrix-product": ("",),  # as kernel-transposed
    "matrix-type": ("",),  # as matrix-product
    "sums-multiplied": ("per-channel",),  # as inner-product
    "running-sum": ("-row", "-pixel", "row-with-bias", "pixel-with-bias", "image-with-bias"),
    "border-not-zero": ("symmetric", "wrap", "mean", "maximum", "minimum", "the-number-pad"),
    "activation-added": ("sigmoid", "tanh"),
    "kernel-transposed": ("other-diagonal",),
    "matrix-product": ("filter-first", "tensordot"),
    "only-first-image": ("last", "second", "before"),
    "output-size-precedence": ("-and-pad", "-minus-f"),
    "wrong-dZ-entry": ("-position", "-images", "-map", "last-filter", "reversed-filter", "first-image"),
    "gradient-reset-in-loop": ("dA-dW", "dA-db", "column-dW", "column-db", "column-dW-db"),
    "db-summed-over-wrong-axes": ("-rows", "-columns", "rows", "columns", "filters", "but-images"),
}


def _is_odd(model: FaultModel) -> bool:
    partly = "size_of" in model.settings
    return partly or model.variant.endswith(ODD.get(model.misconception, ("\n",)))


#: Beliefs that can leave a window smaller than the filter.
SMALL_WINDOWS = (
    "walk.start_",
    "walk.end",
    "walk.cut",
    "walk.f",
    "walk.pad",
    "walk.stride",
    "walk.loops",
    "size",
    "padding",
)


def _without_stretching(function: str) -> Iterator[tuple[str, str, Settings]]:
    """The same beliefs where the product treats small windows in another way, see Walk.small."""
    for misconception, variant, settings in ROWS[function]:
        if "walk.small" not in settings and any(name.startswith(SMALL_WINDOWS) for name in settings):
            yield misconception, variant, {**settings, "walk.small": "refused"}
            if "size" in settings:
                yield misconception, variant, {**settings, "walk.small": "meets-cut-filter"}
            if "walk.f" in settings or settings.get("walk.end", "plus-one") != "plus-one":
                yield misconception, variant, {**settings, "walk.small": "by-entry"}


def fault_models() -> Iterator[FaultModel]:
    """Every model of the pack, function by function."""
    for model in _models(ROWS):
        yield replace(model, run_with=None) if _is_odd(model) else model
    refusing = {"conv_forward": list(_without_stretching("conv_forward"))}
    for model in _models(refusing):
        yield replace(model, run_with=None)  # told apart by exceptions alone; not worth trying in pairs


def _models(rows_of: Mapping[str, list[Any]]) -> Iterator[FaultModel]:
    for function, rows in rows_of.items():
        run_with = RUN_WITH[function]
        seen: set[str] = set()  # the first variant of a belief is the usual one
        for misconception, variant, settings in rows:
            label = f"{misconception}/{variant}" if variant else misconception
            yield FaultModel(
                misconception,
                function,
                partial(run_with, settings),
                variant,
                settings=settings,
                run_with=run_with,
                synonyms=_synonyms(function, misconception, label, settings),
                telling=misconception not in VAGUE,
                weight=FREQUENT.get(misconception, 1.0) * (1.5 if misconception not in seen else 1.0),
            )
            seen.add(misconception)


def _synonyms(function: str, misconception: str, label: str, settings: Settings) -> tuple[str, ...]:
    same = {row[0] for row in ROWS[function] if row[2] == settings}
    for functions, labels in SAME_NUMBERS:
        if function in functions and label in labels:
            same |= {other.partition("/")[0] for other in labels}
    return tuple(sorted(same - {misconception}))
