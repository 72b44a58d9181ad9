"""The pooling reference against SciPy, against plain Python loops, and against what a gradient is."""

from __future__ import annotations

import runpy
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import maximum_filter, uniform_filter

Array = Any
REFERENCE = Path(__file__).resolve().parents[2] / "reference" / "pooling_step_by_step.py"
Layer = tuple[Array, dict[str, int], str]

# (m, n_H_prev, n_W_prev, n_C), f, stride
CONFIGURATIONS = [
    pytest.param(((2, 6, 5, 2), 3, 2), id="windows that overlap, a size the stride does not divide"),
    pytest.param(((3, 7, 5, 2), 3, 1), id="windows one pixel apart"),
    pytest.param(((2, 6, 4, 3), 2, 2), id="windows side by side"),
    pytest.param(((2, 6, 7, 2), 2, 3), id="gaps between windows"),
    pytest.param(((1, 4, 6, 1), 4, 2), id="one image, one channel, one row of windows"),
    pytest.param(((2, 3, 4, 2), 1, 2), id="windows of one pixel"),
]


@pytest.fixture(scope="module")
def pooling() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(REFERENCE)))


@pytest.fixture(params=["max", "average"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=CONFIGURATIONS)
def layer(request: pytest.FixtureRequest, mode: str) -> Layer:
    """The arguments of pool_forward; no two pixels are equal."""
    shape, f, stride = request.param
    return distinct(shape), {"f": f, "stride": stride}, mode


def distinct(shape: tuple[int, ...]) -> Array:
    """Quarters around zero, each once."""
    size = int(np.prod(shape))
    return (np.random.default_rng(3).permutation(size) - size // 2).reshape(shape) / 4


def windows(A_prev: Array, hparameters: dict[str, int]) -> Array:
    """(m, n_H, n_W, n_C, f, f), by NumPy's own sliding windows."""
    f, s = hparameters["f"], hparameters["stride"]
    return np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), axis=(1, 2))[:, ::s, ::s]


def summed(dA: Array, A_prev: Array, hparameters: dict[str, int], mode: str) -> Array:
    """dA_prev pixel by pixel: every pixel asks every window for its share, in plain Python."""
    f, s = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for i, y, x, c in np.ndindex(*A_prev.shape):
        total = 0.0
        for h, w in product(range(dA.shape[1]), range(dA.shape[2])):
            if not (h * s <= y < h * s + f and w * s <= x < w * s + f):
                continue
            pixels = [A_prev[i, v, u, c] for v in range(h * s, h * s + f) for u in range(w * s, w * s + f)]
            if mode == "average":
                total += dA[i, h, w, c] / len(pixels)
            elif A_prev[i, y, x, c] == max(pixels):
                total += dA[i, h, w, c]
        dA_prev[i, y, x, c] = total
    return dA_prev


class TestForward:
    def test_is_a_filter_of_scipy_thinned_out(self, pooling: SimpleNamespace, layer: Layer) -> None:
        A_prev, hparameters, mode = layer
        A, cache = pooling.pool_forward(A_prev, hparameters, mode)
        f, s = hparameters["f"], hparameters["stride"]
        # SciPy puts its windows around a pixel; the one that starts at y has its centre at y + f // 2.
        smooth = {"max": maximum_filter, "average": uniform_filter}[mode]
        around = smooth(A_prev, size=(1, f, f, 1), mode="constant")
        last_row, last_column = A_prev.shape[1] - f, A_prev.shape[2] - f
        centres = around[:, f // 2 : f // 2 + last_row + 1 : s, f // 2 : f // 2 + last_column + 1 : s]
        assert A.shape == centres.shape
        np.testing.assert_allclose(A, centres, rtol=0, atol=1e-12)
        assert cache == (A_prev, hparameters)

    def test_is_the_summary_of_every_sliding_window(self, pooling: SimpleNamespace, layer: Layer) -> None:
        A_prev, hparameters, mode = layer
        A, _ = pooling.pool_forward(A_prev, hparameters, mode)
        cut = windows(A_prev, hparameters)
        wanted = cut.max(axis=(4, 5)) if mode == "max" else cut.sum(axis=(4, 5)) / hparameters["f"] ** 2
        np.testing.assert_allclose(A, wanted, rtol=0, atol=1e-12)

    def test_max_is_what_happens_without_a_mode(self, pooling: SimpleNamespace) -> None:
        A_prev, hparameters = distinct((1, 3, 4, 2)), {"f": 2, "stride": 1}
        silent, _ = pooling.pool_forward(A_prev, hparameters)
        assert (silent == pooling.pool_forward(A_prev, hparameters, "max")[0]).all()

    def test_a_mean_of_integers_is_no_integer_and_a_maximum_is_one(
        self, pooling: SimpleNamespace, mode: str
    ) -> None:
        A, _ = pooling.pool_forward(np.arange(12).reshape(1, 3, 4, 1), {"f": 2, "stride": 2}, mode)
        assert A.dtype == (np.int64 if mode == "max" else np.float64)
        assert A[0, 0, :, 0].tolist() == ([5, 7] if mode == "max" else [2.5, 4.5])

    def test_an_unknown_mode_is_refused(self, pooling: SimpleNamespace) -> None:
        with pytest.raises(KeyError, match="median"):
            pooling.pool_forward(np.zeros((1, 2, 2, 1)), {"f": 2, "stride": 1}, "median")


class TestMask:
    @pytest.mark.parametrize(
        ("x", "where"),
        [
            pytest.param([[1.5, -4, 2.25], [3.75, -0.5, 1]], (1, 0), id="a window that is not square"),
            pytest.param([[-3, -2], [-7, -9], [-4, -8]], (0, 1), id="nothing but negative numbers"),
            pytest.param([[1.0, 1.005], [0.0, 0.5]], (0, 1), id="two numbers that nearly tie"),
            pytest.param([[7]], (0, 0), id="one pixel"),
        ],
    )
    def test_is_true_at_the_maximum_alone(
        self, pooling: SimpleNamespace, x: list[list[float]], where: tuple[int, int]
    ) -> None:
        mask = pooling.create_mask_from_window(np.array(x))
        assert mask.dtype == bool
        assert np.argwhere(mask).tolist() == [list(where)]


class TestDistribute:
    @pytest.mark.parametrize(("dz", "shape"), [(-7.5, (2, 3)), (30, (3, 5)), (0.25, (1, 1)), (2, (4, 1))])
    def test_equal_shares_add_up_to_the_whole(
        self, pooling: SimpleNamespace, dz: float, shape: tuple[int, int]
    ) -> None:
        shares = pooling.distribute_value(dz, shape)
        assert shares.shape == shape
        assert (shares == shares[0, 0]).all()
        assert shares.sum() == pytest.approx(dz, abs=1e-12)


class TestBackward:
    def test_is_the_sum_over_windows_of_every_pixel(self, pooling: SimpleNamespace, layer: Layer) -> None:
        A, cache = pooling.pool_forward(*layer)
        dA = np.random.default_rng(5).integers(-31, 32, A.shape) / 4
        dA_prev = pooling.pool_backward(dA, cache, layer[2])
        np.testing.assert_allclose(dA_prev, summed(dA, *layer), rtol=0, atol=1e-12)

    def test_hands_back_no_more_than_it_was_given(self, pooling: SimpleNamespace, layer: Layer) -> None:
        """Pooling scales with its input, so <pool(A), dA> = <A, dA_prev> (Euler)."""
        A_prev, _, mode = layer
        A, cache = pooling.pool_forward(*layer)
        dA = np.random.default_rng(6).integers(-31, 32, A.shape) / 4
        dA_prev = pooling.pool_backward(dA, cache, mode)
        assert dA_prev.sum() == pytest.approx(dA.sum(), abs=1e-9)
        assert (A_prev * dA_prev).sum() == pytest.approx((A * dA).sum(), abs=1e-9)

    def test_is_the_central_difference(self, pooling: SimpleNamespace, layer: Layer) -> None:
        """A step below half the smallest gap changes no winner: no kink, so no error in the difference."""
        A_prev, hparameters, mode = layer
        A, cache = pooling.pool_forward(*layer)
        dA = np.random.default_rng(7).integers(-31, 32, A.shape) / 4
        dA_prev = pooling.pool_backward(dA, cache, mode)
        step = 1 / 16
        for at in list(np.ndindex(*A_prev.shape))[::5]:
            up, down = A_prev.copy(), A_prev.copy()
            up[at] += step
            down[at] -= step
            above, _ = pooling.pool_forward(up, hparameters, mode)
            below, _ = pooling.pool_forward(down, hparameters, mode)
            slope = ((above - below) * dA).sum() / (2 * step)
            assert dA_prev[at] == pytest.approx(slope, abs=1e-9), at

    def test_max_is_what_happens_without_a_mode(self, pooling: SimpleNamespace) -> None:
        cache = (distinct((1, 3, 4, 2)), {"f": 2, "stride": 1})
        dA = np.ones((1, 2, 3, 2))
        assert (pooling.pool_backward(dA, cache) == pooling.pool_backward(dA, cache, "max")).all()

    def test_an_unknown_mode_is_refused(self, pooling: SimpleNamespace) -> None:
        with pytest.raises(KeyError, match="median"):
            pooling.pool_backward(
                np.ones((1, 1, 1, 1)), (np.zeros((1, 2, 2, 1)), {"f": 2, "stride": 1}), "median"
            )
