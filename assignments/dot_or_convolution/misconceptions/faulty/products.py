"""Two arrays of one shape meet: what students take for "multiply equal places and add up"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any


#: The products, before anything is added up; "numbers" are already one number.
PRODUCTS: dict[str, Callable[[Array, Array], Any]] = {
    "element-wise": lambda A, B: A * B,
    "added": lambda A, B: A + B,
    "subtracted": lambda A, B: A - B,
    "magnitudes": lambda A, B: np.abs(A * B),
    "A-with-itself": lambda A, B: A * A,
    "B-with-itself": lambda A, B: B * B,
    "dot": lambda A, B: np.dot(A, B),
    "dot-other-way": lambda A, B: np.dot(B, A),
    "dot-transposed": lambda A, B: np.dot(A, B.T),
    "dot-A-transposed": lambda A, B: np.dot(A.T, B),
    "matmul": lambda A, B: np.matmul(A, B),
    "inner": lambda A, B: np.inner(A, B),
    "outer": lambda A, B: np.outer(A, B),
    "tensordot-1": lambda A, B: np.tensordot(A, B, axes=1),
}


#: What is made of the products.
TOTALS: dict[str, Callable[[Any], Any]] = {
    "sum": lambda x: np.sum(x),
    "none": lambda x: x,
    "axis-0": lambda x: np.sum(x, axis=0),
    "last-axis": lambda x: np.sum(x, axis=-1),
    "mean": lambda x: np.sum(x) / np.float64(np.size(x)),
    "max": lambda x: np.max(x),
    "product": lambda x: np.prod(x),
    "trace": lambda x: np.trace(x),
    "diagonal": lambda x: np.diagonal(x),
    "norm": lambda x: np.sqrt(np.sum(np.square(x))),
    "first": lambda x: x.ravel()[0],
    "last": lambda x: x.ravel()[-1],
    "first-row": lambda x: np.sum(x[0]),
    "last-row-missing": lambda x: np.sum(x[:-1]),
    "first-row-missing": lambda x: np.sum(x[1:]),
    "last-entry-missing": lambda x: np.sum(x.ravel()[:-1]),
    "last-column-missing": lambda x: np.sum(x[..., :-1]),
    "squared": lambda x: np.sum(x) ** 2,
    "magnitude": lambda x: abs(np.sum(x)),
    "truncated": lambda x: int(np.sum(x)),
    "products-truncated": lambda x: np.sum(np.trunc(x)),
    "rounded": lambda x: np.round(np.sum(x)),
}

#: What happens to B before.
TURNS: dict[str, Callable[[Array], Array]] = {
    "as-is": lambda B: B,
    "half-turn": lambda B: np.flip(B, axis=(0, 1)) if B.ndim > 1 else B[::-1],
    "rows-flipped": lambda B: B[::-1],
    "columns-flipped": lambda B: B[:, ::-1] if B.ndim > 1 else B,
    "all-flipped": lambda B: np.flip(B),
    "transposed": lambda B: B.T,
    "anti-transposed": lambda B: B[::-1, ::-1].T,
    "quarter-turn": lambda B: np.rot90(B),
    "three-quarter-turn": lambda B: np.rot90(B, 3),
}

#: Both, unrolled into vectors, in the order in which the student unrolls them.
UNROLLED: dict[str, Callable[[Array, Array], tuple[Array, Array]]] = {
    "": lambda A, B: (A, B),
    "vectors": lambda A, B: (A.ravel(), B.ravel()),
    "columns-of-B": lambda A, B: (A.ravel(), B.ravel(order="F")),
    "columns-of-A": lambda A, B: (A.ravel(order="F"), B.ravel()),
    "backwards": lambda A, B: (A.ravel(), B.ravel()[::-1]),
    "sorted": lambda A, B: (np.sort(A.ravel()), np.sort(B.ravel())),
    "columns-only": lambda A, B: (A[..., 0].ravel(), B[..., 0].ravel()),
    "shifted": lambda A, B: (A.ravel()[:-1], B.ravel()[1:]),
    "sums-of-rows": lambda A, B: (A.sum(axis=-1), B.sum(axis=-1)),
    "sums-of-columns": lambda A, B: (A.sum(axis=0), B.sum(axis=0)),
}


@dataclass(frozen=True)
class Product:
    """What the student believes of a window and a kernel."""

    turn: str = "as-is"  # a key of TURNS
    unrolled: str = ""  # a key of UNROLLED
    product: str = "element-wise"  # a key of PRODUCTS
    total: str = "sum"  # a key of TOTALS
    returns: str = "number"  # "nothing", "list"


def meet(A: Array, B: Array, fault: Product) -> Any:
    """The number that comes out, or whatever else."""
    A, B = UNROLLED[fault.unrolled](A, TURNS[fault.turn](B))
    return TOTALS[fault.total](PRODUCTS[fault.product](A, B))


def one_window(A: Array, B: Array, fault: Product) -> Any:
    """hadamard_sum or flat_dot by somebody with this belief."""
    number = meet(A, B, fault)
    if fault.returns == "nothing":
        return None
    if fault.returns == "list":
        return [number]
    return number
