"""The calls that show what a function keeps: each differs from the first in one array and in nothing else."""

from __future__ import annotations

import numpy as np

from grader.draws import again, dyadic


def test_one_array_is_exchanged_at_a_time_and_the_first_call_comes_back() -> None:
    rng = np.random.default_rng(3)
    A, W, dZ, settings = dyadic(rng, 3, 4), dyadic(rng, 2, 5), dyadic(rng, 2, 7), {"stride": 1}
    call = (dZ, (A, W, settings), "max", 2)
    first, *others, last = again(rng, call)
    assert first is call
    assert last is call
    changed = []
    for other_dZ, (other_A, other_W, other_settings), mode, f in others:
        assert (other_settings, mode, f) == (settings, "max", 2)
        pairs = ((dZ, other_dZ), (A, other_A), (W, other_W))
        assert all(sorted(mine.ravel()) == sorted(other.ravel()) for mine, other in pairs)
        changed.append([not np.array_equal(mine, other) for mine, other in pairs])
    assert changed == [[True, False, False], [False, True, False], [False, False, True]]


def test_a_few_numbers_change_their_sign() -> None:
    for seed in range(20):
        b = np.array([0.25, 1.75, -3.25])
        _, (exchanged, _), (_, share), _ = again(np.random.default_rng(seed), (b, 2.5))
        assert sorted(exchanged) == sorted(-b)
        assert share == -2.5
