"""Both reference solutions against each other, against SciPy, and against what a gradient is."""

from __future__ import annotations

import tracemalloc
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate, correlate2d

Layer = tuple[Any, Any, Any, dict[str, int]]  # A_prev, W, b, hparameters

# (m, n_H_prev, n_W_prev, n_C_prev), f, n_C, stride, pad
CONFIGURATIONS = [
    pytest.param(((2, 5, 6, 3), 2, 4, 3, 1), id="sizes the stride does not divide, gaps between windows"),
    pytest.param(((2, 3, 2, 2), 2, 3, 1, 2), id="border as wide as the filter"),
    pytest.param(((2, 5, 3, 4), 3, 2, 1, 0), id="no padding, one column of positions"),
    pytest.param(((2, 4, 5, 3), 3, 3, 2, 3), id="f equals both channel counts"),
    pytest.param(((2, 5, 7, 2), 3, 4, 2, 1), id="wide images, overlapping windows"),
    pytest.param(((1, 3, 4, 2), 3, 1, 2, 0), id="one image, one filter, one position"),
    pytest.param(((3, 4, 3, 2), 1, 2, 2, 0), id="a filter of one pixel"),
]


def quarters(rng: np.random.Generator, *shape: int) -> Any:
    """Values k/4: sums of their products are exact in float64, so right answers agree to the last bit."""
    return rng.integers(-31, 32, shape) / 4


def bordered(A_prev: Any, pad: int) -> Any:
    return np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


@pytest.fixture(params=CONFIGURATIONS)
def layer(request: pytest.FixtureRequest) -> Layer:
    """The arguments of conv_forward."""
    shape, f, n_C, stride, pad = request.param
    rng = np.random.default_rng(5)
    A_prev, W = quarters(rng, *shape), quarters(rng, f, f, shape[3], n_C)
    return A_prev, W, quarters(rng, 1, 1, 1, n_C), {"stride": stride, "pad": pad}


class TestZeroPad:
    def test_the_border_is_zero_and_the_inside_untouched(self, solution: ModuleType) -> None:
        X = quarters(np.random.default_rng(1), 2, 3, 4, 2)
        padded = solution.zero_pad(X, 3)
        assert padded.shape == (2, 9, 10, 2)
        assert (padded[:, 3:6, 3:7] == X).all()
        assert np.abs(padded).sum() == np.abs(X).sum()

    def test_with_pad_zero_the_values_are_those_of_X(self, solution: ModuleType) -> None:
        X = quarters(np.random.default_rng(1), 1, 2, 3, 1)
        assert (solution.zero_pad(X, 0) == X).all()


class TestSingleStep:
    def test_bias_is_added_once(self, solution: ModuleType) -> None:
        step = solution.conv_single_step(np.zeros((3, 3, 2)), np.ones((3, 3, 2)), np.full((1, 1, 1), 2.5))
        assert step == 2.5

    def test_is_a_float_also_for_integers(self, solution: ModuleType) -> None:
        ones = np.ones((2, 2, 3), dtype=np.int64)
        answer = solution.conv_single_step(ones, ones, np.array([[[1]]]))
        assert isinstance(answer, float)
        assert answer == 13.0


class TestForward:
    def test_both_solutions_agree(self, loops: ModuleType, matmul: ModuleType, layer: Layer) -> None:
        assert (loops.conv_forward(*layer)[0] == matmul.conv_forward(*layer)[0]).all()

    def test_is_correlate_in_n_dimensions(self, solution: ModuleType, layer: Layer) -> None:
        A_prev, W, b, hparameters = layer
        Z, cache = solution.conv_forward(A_prev, W, b, hparameters)
        s = hparameters["stride"]
        padded = bordered(A_prev, hparameters["pad"])
        for i in range(len(A_prev)):
            for c in range(W.shape[3]):
                whole = correlate(padded[i], W[..., c], mode="valid", method="direct")  # (n_H', n_W', 1)
                assert (Z[i, :, :, c] == whole[::s, ::s, 0] + b[0, 0, 0, c]).all()
        assert cache[0] is A_prev
        assert cache[1:] == (W, b, hparameters)

    def test_is_correlate2d_per_channel_and_convolve2d_of_the_half_turned_kernel(
        self, solution: ModuleType, layer: Layer
    ) -> None:
        A_prev, W, b, hparameters = layer
        Z, _ = solution.conv_forward(A_prev, W, b, hparameters)
        s = hparameters["stride"]
        padded = bordered(A_prev, hparameters["pad"])
        for i in range(len(A_prev)):
            for c in range(W.shape[3]):
                planes = [(padded[i, :, :, k], W[:, :, k, c]) for k in range(W.shape[2])]
                slid = sum(correlate2d(image, kernel, "valid") for image, kernel in planes)
                turned = sum(convolve2d(image, kernel[::-1, ::-1], "valid") for image, kernel in planes)
                assert (Z[i, :, :, c] == slid[::s, ::s] + b[0, 0, 0, c]).all()
                assert (Z[i, :, :, c] == turned[::s, ::s] + b[0, 0, 0, c]).all()

    def test_integers_give_the_same_floats(self, solution: ModuleType, layer: Layer) -> None:
        A_prev, W, b, hparameters = layer
        whole = (4 * A_prev).astype(np.int64), (4 * W).astype(np.int64), (16 * b).astype(np.int64)
        Z, _ = solution.conv_forward(*whole, hparameters)
        assert Z.dtype == np.float64
        assert (16 * solution.conv_forward(A_prev, W, b, hparameters)[0] == Z).all()


class TestBackward:
    def test_both_solutions_agree(self, loops: ModuleType, matmul: ModuleType, layer: Layer) -> None:
        Z, cache = loops.conv_forward(*layer)
        dZ = quarters(np.random.default_rng(6), *Z.shape)
        for one, other in zip(loops.conv_backward(dZ, cache), matmul.conv_backward(dZ, cache), strict=True):
            assert one.shape == other.shape
            assert (one == other).all()

    def test_gradients_have_the_shapes_of_their_arguments(self, solution: ModuleType, layer: Layer) -> None:
        Z, cache = solution.conv_forward(*layer)
        dA_prev, dW, db = solution.conv_backward(np.ones(Z.shape, dtype=np.int64), cache)
        assert [x.shape for x in (dA_prev, dW, db)] == [x.shape for x in cache[:3]]
        assert {x.dtype for x in (dA_prev, dW, db)} == {np.dtype(np.float64)}

    def test_is_adjoint_to_forward(self, solution: ModuleType, layer: Layer) -> None:
        """<conv(X, W), dZ> = <X, dA>, <conv(A, V), dZ> = <V, dW> and <1*b', dZ> = <b', db>, exactly."""
        A_prev, W, b, hparameters = layer
        rng = np.random.default_rng(7)
        Z, cache = solution.conv_forward(A_prev, W, b, hparameters)
        dZ = quarters(rng, *Z.shape)
        dA_prev, dW, db = solution.conv_backward(dZ, cache)
        X, V, v = quarters(rng, *A_prev.shape), quarters(rng, *W.shape), quarters(rng, *b.shape)
        none = np.zeros(b.shape)
        assert (solution.conv_forward(X, W, none, hparameters)[0] * dZ).sum() == (X * dA_prev).sum()
        assert (solution.conv_forward(A_prev, V, none, hparameters)[0] * dZ).sum() == (V * dW).sum()
        assert (v * dZ).sum() == (v * db).sum()

    def test_is_the_central_difference(self, solution: ModuleType, layer: Layer) -> None:
        """Forward is linear in each argument, so a step of 1 has no truncation error: the match is exact."""
        *arrays, hparameters = layer
        Z, cache = solution.conv_forward(*arrays, hparameters)
        dZ = quarters(np.random.default_rng(8), *Z.shape)
        gradients = solution.conv_backward(dZ, cache)
        for which, gradient in enumerate(gradients):
            for at in list(np.ndindex(*gradient.shape))[::5]:
                up, down = [[x.copy() for x in arrays] for _ in range(2)]
                up[which][at] += 1
                down[which][at] -= 1
                above, _ = solution.conv_forward(*up, hparameters)
                below, _ = solution.conv_forward(*down, hparameters)
                assert gradient[at] == ((above - below) * dZ).sum() / 2, (which, at)


def test_col2im_is_the_transpose_of_im2col(matmul: ModuleType) -> None:
    rng = np.random.default_rng(9)
    padded = quarters(rng, 2, 6, 7, 3)
    columns = matmul.im2col(padded, 3, 2)
    other = quarters(rng, *columns.shape)
    assert (columns * other).sum() == (padded * matmul.col2im(other, padded.shape, 3, 2)).sum()


def test_the_size_of_the_blocks_changes_nothing(
    loops: ModuleType, matmul: ModuleType, layer: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Z, cache = loops.conv_forward(*layer)
    dZ = quarters(np.random.default_rng(6), *Z.shape)
    monkeypatch.setattr(matmul, "BLOCK", 1)  # one row of Z at a time
    assert (matmul.conv_forward(*layer)[0] == Z).all()
    for one, other in zip(loops.conv_backward(dZ, cache), matmul.conv_backward(dZ, cache), strict=True):
        assert (one == other).all()


def test_the_columns_are_never_all_there_at_once(matmul: ModuleType) -> None:
    """Forward and backward stay within twice the room of input, output and weights; all columns of this
    layer would take 1.9 times that room by themselves."""
    rng = np.random.default_rng(10)
    A_prev, W, b = rng.normal(size=(1, 224, 224, 3)), rng.normal(size=(7, 7, 3, 64)), np.zeros((1, 1, 1, 64))
    dZ = rng.normal(size=(1, 112, 112, 64))
    tracemalloc.start()
    matmul.conv_backward(dZ, matmul.conv_forward(A_prev, W, b, {"stride": 2, "pad": 3})[1])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 2 * (A_prev.nbytes + W.nbytes + dZ.nbytes)
