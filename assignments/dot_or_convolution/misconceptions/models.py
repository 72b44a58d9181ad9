"""The fault models behind the pages: the seven functions, each with one wrong belief built in.

A model is a setting of switches of a faulty implementation (folder ``faulty``), not a copy of it: so two
beliefs at once are two settings put together, and the engine can try them without knowing what they mean.
Every model is a public idea and holds nothing of the hidden cases.
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

products = importlib.import_module(f"{__name__}.products")
slide = importlib.import_module(f"{__name__}.slide")
columns = importlib.import_module(f"{__name__}.columns")
rows = importlib.import_module(f"{__name__}.rows")

Settings = Mapping[str, Any]

#: A switch of a part: "product.turn" is the field turn of Slide.product.
PARTS = {"product": products.Product, "columns": columns.Columns}

#: What is right for each function of the family that slides.
VALID = slide.Slide()
SAME = slide.Slide(border="right")
CONVOLVE = slide.Slide(kernel="half-turn")


@cache
def _believing(right: Any, settings: frozenset[tuple[str, Any]]) -> Any:
    plain = {name: value for name, value in settings if "." not in name}
    parts: dict[str, dict[str, Any]] = {}
    for name, value in settings:
        part, _, switch = name.partition(".")
        if switch:
            parts.setdefault(part, {})[switch] = value
    return replace(right, **plain, **{part: PARTS[part](**switches) for part, switches in parts.items()})


def one_window_with(settings: Settings, A: Any, B: Any) -> Any:
    """hadamard_sum or flat_dot by somebody with these beliefs."""
    with np.errstate(all="ignore"):
        return products.one_window(A, B, _believing(products.Product(), frozenset(settings.items())))


def _sliding(right: Any) -> Callable[..., Any]:
    def run_with(settings: Settings, image: Any, kernel: Any) -> Any:
        """The function by somebody with these beliefs."""
        with np.errstate(all="ignore"):
            return slide.slide(image, kernel, _believing(right, frozenset(settings.items())))

    return run_with


def im2col_with(settings: Settings, image: Any, f: int, stride: int) -> Any:
    """im2col by somebody with these beliefs."""
    return columns.columns_of(image, f, stride, _believing(columns.Columns(), frozenset(settings.items())))


def conv_as_matmul_with(settings: Settings, X: Any, W: Any) -> Any:
    """conv_as_matmul by somebody with these beliefs."""
    return columns.layer(X, W, _believing(columns.Matmul(), frozenset(settings.items())))


RUN_WITH: dict[str, Callable[..., Any]] = {
    "hadamard_sum": one_window_with,
    "flat_dot": one_window_with,
    "correlate2d_valid": _sliding(VALID),
    "correlate2d_same": _sliding(SAME),
    "convolve2d_valid": _sliding(CONVOLVE),
    "im2col": im2col_with,
    "conv_as_matmul": conv_as_matmul_with,
}

ROWS: dict[str, list[Any]] = {
    "hadamard_sum": rows.ONE_WINDOW,
    "flat_dot": rows.ONE_WINDOW,
    "correlate2d_valid": rows.VALID,
    "correlate2d_same": rows.SAME,
    "convolve2d_valid": rows.CONVOLVE,
    "im2col": rows.IM2COL,
    "conv_as_matmul": rows.CONV_AS_MATMUL,
}

#: Answers that many slips outside this catalogue give as well: never a confident diagnosis.
VAGUE: frozenset[str] = frozenset()

#: Of models that fit equally well the more frequent comes first.
FREQUENT = {
    "matrix-product": 4.0,
    "kernel-flipped": 3.0,
    "kernel-not-turned": 3.0,
    "height-and-width-swapped": 3.0,
    "same-centre-off-by-one": 3.0,
    "filters-reshaped-not-transposed": 2.0,
    "result-reshaped-not-transposed": 2.0,
    "returns-nothing": 2.0,
    "product-not-summed": 2.0,
}

#: Different beliefs, the same numbers on every input: (functions, labels).
SAME_NUMBERS: tuple[tuple[tuple[str, ...], frozenset[str]], ...] = (
    (
        ("correlate2d_same",),
        frozenset(("border-on-one-side/before", "border-too-wide/full-cropped-at-the-corner")),
    ),
    (
        ("correlate2d_same",),
        frozenset(("border-on-one-side/after", "border-too-wide/full-cropped-at-the-end")),
    ),
    (
        ("conv_as_matmul",),
        frozenset(
            (
                "window-unrolled-in-another-order/columns-first",
                "filter-unrolled-in-another-order/columns-first",
                "kernel-transposed",
            )
        ),
    ),
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
        for functions, labels in SAME_NUMBERS
        for other in labels
        if function in functions and label in labels
    }
    return tuple(sorted(same - {misconception}))
