"""The fault models behind the pages: the four functions, each with one wrong belief built in.

A model is a setting of switches of one faulty implementation a function (folder ``faulty``), not a copy of
it: so two beliefs at once are two settings put together, and the engine can try them without knowing what
they mean. Every model is a public idea and holds nothing of the hidden cases.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from grader.model import FaultModel

# The pack is loaded by path; with this line its folder ``faulty`` is a package below this module.
__path__ = [str(Path(__file__).with_name("faulty"))]

windows = importlib.import_module(f"{__name__}.windows")
forward = importlib.import_module(f"{__name__}.forward")
backward = importlib.import_module(f"{__name__}.backward")
helpers = importlib.import_module(f"{__name__}.helpers")
rows = importlib.import_module(f"{__name__}.rows")

Settings = Mapping[str, Any]


@cache
def _believing(kind: type, settings: frozenset[tuple[str, Any]]) -> Any:
    """The beliefs ``settings``; "walk.start_of" is the switch start_of of the part walk."""
    plain = {name: value for name, value in settings if "." not in name}
    walk = {name.partition(".")[2]: value for name, value in settings if "." in name}
    return replace(kind(), **plain, **({"walk": windows.Walk(**walk)} if walk else {}))


def pool_forward_with(settings: Settings, A_prev: Any, hparameters: dict[str, int], mode: str = "max") -> Any:
    """pool_forward by somebody with these beliefs."""
    fault = _believing(forward.Forward, frozenset(settings.items()))
    with np.errstate(all="ignore"):
        return forward.pool_forward(A_prev, hparameters, mode, fault)


def create_mask_from_window_with(settings: Settings, x: Any) -> Any:
    """create_mask_from_window by somebody with these beliefs."""
    fault = _believing(helpers.Mask, frozenset(settings.items()))
    with np.errstate(all="ignore"):
        return helpers.create_mask_from_window(x, fault)


def distribute_value_with(settings: Settings, dz: Any, shape: tuple[int, int]) -> Any:
    """distribute_value by somebody with these beliefs."""
    return helpers.distribute_value(dz, shape, _believing(helpers.Distribution, frozenset(settings.items())))


def pool_backward_with(settings: Settings, dA: Any, cache: Any, mode: str = "max") -> Any:
    """pool_backward by somebody with these beliefs."""
    fault = _believing(backward.Backward, frozenset(settings.items()))
    with np.errstate(all="ignore"):
        return backward.pool_backward(dA, cache, mode, fault)


RUN_WITH: dict[str, Callable[..., Any]] = {
    "pool_forward": pool_forward_with,
    "create_mask_from_window": create_mask_from_window_with,
    "distribute_value": distribute_value_with,
    "pool_backward": pool_backward_with,
}

ROWS: dict[str, list[Any]] = {
    "pool_forward": rows.POOL_FORWARD,
    "create_mask_from_window": rows.MASK,
    "distribute_value": rows.DISTRIBUTE,
    "pool_backward": rows.POOL_BACKWARD,
}

#: Answers that many slips outside this catalogue give as well: never a confident diagnosis.
VAGUE = frozenset(("empty-window", "float-dimensions", "mask-always-the-same", "returns-the-wrong-array"))

#: Seen in published hand-ins; of models that fit equally well the more frequent comes first.
FREQUENT = {
    "stride-ignored": 4.0,
    "pooled-over-all-channels": 3.0,
    "height-and-width-swapped": 3.0,
    "gradient-overwritten": 3.0,
    "sides-added": 3.0,
    "shape-taken-for-a-square": 2.0,
    "mode-name-not-known": 2.0,
    "returns-nothing": 2.0,
    "window-walks-the-diagonal": 2.0,
    "window-as-large-as-the-stride": 2.0,
}


#: Different beliefs, the same numbers on every input: (function, labels).
SAME_NUMBERS: tuple[tuple[str, frozenset[str]], ...] = (
    ("pool_forward", frozenset(("only-one-channel/last", "stored-in-the-wrong-place/every-channel"))),
    ("pool_backward", frozenset(("stride-ignored", "hyperparameter-hard-coded/stride-1"))),
)


def fault_models() -> Iterator[FaultModel]:
    """Every model of the pack, function by function."""
    for function, function_rows in ROWS.items():
        run_with = RUN_WITH[function]
        for misconception, variant, settings in function_rows:
            label = f"{misconception}/{variant}" if variant else misconception
            yield FaultModel(
                misconception,
                function,
                partial(run_with, settings),
                variant,
                settings=settings,
                run_with=run_with,
                synonyms=_synonyms(function, misconception, label),
                telling=misconception not in VAGUE,
                weight=FREQUENT.get(misconception, 1.0),
            )


def _synonyms(function: str, misconception: str, label: str) -> tuple[str, ...]:
    same = {
        other.partition("/")[0]
        for name, labels in SAME_NUMBERS
        for other in labels
        if name == function and label in labels
    }
    return tuple(sorted(same - {misconception}))
