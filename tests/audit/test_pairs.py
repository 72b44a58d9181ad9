"""Pairs of faults that are right together: listed once, in either order."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.audit.models import pairs_of_faults
from grader.cases import prepare
from grader.pack import load_pack

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("matrix-product", "product-not-summed/unrolled")


@pytest.mark.parametrize("pair", [NAMES, NAMES[::-1]])
def test_the_order_in_which_a_pair_is_listed_does_not_matter(pair: tuple[str, str]) -> None:
    pack = load_pack(ROOT / "assignments" / "dot_or_convolution")
    models = [m for m in pack.fault_models if m.function == "hadamard_sum" and m.label in NAMES]
    assert len(models) == 2
    accepted = {f"hadamard_sum: {pair[0]} + {pair[1]}": "one number has nothing left to add up"}
    check = pairs_of_faults(pack, prepare(pack, b"a secret"), models, accepted)
    assert check.findings == ()
