"""The reference of "Dot or convolution?" against SciPy, loops over single numbers, and the discussions."""

from __future__ import annotations

import runpy
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate, correlate2d

Array = Any
REFERENCE = Path(__file__).resolve().parents[2] / "reference" / "dot_or_convolution.py"
KERNELS = [(1, 1), (2, 2), (3, 3), (2, 3), (4, 2), (1, 3), (4, 4), (3, 2)]


@pytest.fixture(scope="module")
def dot() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(REFERENCE)))


def quarters(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).integers(-31, 32, shape) / 4


def slid(
    image: Array, kernel: Array, above: int = 0, left: int = 0, shape: tuple[int, int] | None = None
) -> Array:
    """Every sum spelt out number by number; what lies beside the image counts nothing."""
    (n_H, n_W), (f_H, f_W) = image.shape, kernel.shape
    out = np.zeros(shape or (n_H - f_H + 1, n_W - f_W + 1))
    for h, w in np.ndindex(*out.shape):
        for y, x in product(range(f_H), range(f_W)):
            row, column = h + y - above, w + x - left
            if 0 <= row < n_H and 0 <= column < n_W:
                out[h, w] += image[row, column] * kernel[y, x]
    return out


class TestOneWindow:
    @pytest.mark.parametrize("shape", [(2, 2), (3, 4), (5,), (2, 3, 4), (1, 1), ()])
    def test_both_are_the_sum_over_equal_places(self, dot: SimpleNamespace, shape: tuple[int, ...]) -> None:
        A, B = np.asarray(quarters(1, *shape)), np.asarray(quarters(2, *shape))
        wanted = sum((A[at] * B[at] for at in np.ndindex(*shape)), 0.0)
        assert dot.hadamard_sum(A, B) == wanted
        assert dot.flat_dot(A, B) == wanted

    def test_arrays_that_lie_differently_in_memory_meet_place_by_place(self, dot: SimpleNamespace) -> None:
        A, B = quarters(1, 3, 4), np.asfortranarray(quarters(2, 3, 4))
        assert dot.flat_dot(A, B) == dot.hadamard_sum(A, B) == (A * B).sum()


class TestSliding:
    @pytest.mark.parametrize("shape", KERNELS, ids=str)
    def test_valid_is_correlate2d(self, dot: SimpleNamespace, shape: tuple[int, int]) -> None:
        image, kernel = quarters(3, 6, 5), quarters(4, *shape)
        answer = dot.correlate2d_valid(image, kernel)
        assert (answer == correlate2d(image, kernel, "valid")).all()
        assert (answer == slid(image, kernel)).all()

    @pytest.mark.parametrize("image_shape", [(4, 6), (6, 5), (2, 3)], ids=str)
    @pytest.mark.parametrize("shape", KERNELS, ids=str)
    def test_same_is_correlate2d_also_for_even_kernels(
        self, dot: SimpleNamespace, shape: tuple[int, int], image_shape: tuple[int, int]
    ) -> None:
        image, kernel = quarters(5, *image_shape), quarters(6, *shape)
        answer = dot.correlate2d_same(image, kernel)
        above, left = (shape[0] - 1) // 2, (shape[1] - 1) // 2
        assert answer.shape == image.shape
        assert (answer == correlate2d(image, kernel, "same")).all()
        assert (answer == slid(image, kernel, above, left, image.shape)).all()

    def test_convolve2d_with_a_turned_kernel_has_its_centre_elsewhere(self, dot: SimpleNamespace) -> None:
        """Why `same` needs a definition: two usual ways to get it differ for even kernels."""
        image, even, odd = quarters(5, 4, 6), quarters(6, 2, 2), quarters(6, 3, 3)
        turned = convolve2d(image, even[::-1, ::-1], "same")
        assert not (dot.correlate2d_same(image, even) == turned).all()
        assert (dot.correlate2d_same(image, odd) == convolve2d(image, odd[::-1, ::-1], "same")).all()

    @pytest.mark.parametrize("shape", KERNELS, ids=str)
    def test_convolve2d_is_convolve2d(self, dot: SimpleNamespace, shape: tuple[int, int]) -> None:
        image, kernel = quarters(7, 4, 6), quarters(8, *shape)
        answer = dot.convolve2d_valid(image, kernel)
        assert (answer == convolve2d(image, kernel, "valid")).all()
        turned = np.array([[kernel[-1 - y, -1 - x] for x in range(shape[1])] for y in range(shape[0])])
        assert (answer == slid(image, turned)).all()

    def test_integers_stay_integers_and_meet_fractions_as_floats(self, dot: SimpleNamespace) -> None:
        image, kernel = np.arange(12).reshape(3, 4), np.array([[1, 2], [3, 4]])
        for slide in (dot.correlate2d_valid, dot.correlate2d_same, dot.convolve2d_valid):
            assert slide(image, kernel).dtype == np.int64
            assert slide(image, kernel / 4).dtype == np.float64
            assert (slide(image, kernel / 4) == slide(image, kernel) / 4).all()


class TestColumns:
    @pytest.mark.parametrize(
        ("shape", "f", "stride"), [((4, 5, 3), 2, 1), ((5, 6, 2), 3, 2), ((6, 4, 1), 2, 2), ((5, 8, 2), 2, 3)]
    )
    def test_column_k_is_window_k_entry_by_entry(
        self, dot: SimpleNamespace, shape: tuple[int, int, int], f: int, stride: int
    ) -> None:
        image = quarters(9, *shape)
        columns = dot.im2col(image, f, stride)
        starts = list(product(range(0, shape[0] - f + 1, stride), range(0, shape[1] - f + 1, stride)))
        assert columns.shape == (f * f * shape[2], len(starts))
        for k, (top, left) in enumerate(starts):
            inside = product(range(f), range(f), range(shape[2]))
            assert columns[:, k].tolist() == [image[top + y, left + x, c] for y, x, c in inside]

    @pytest.mark.parametrize(
        ("shape", "f", "n_C_out"), [((4, 5, 3), 2, 4), ((5, 4, 2), 3, 3), ((3, 6, 1), 1, 2)]
    )
    def test_the_product_is_a_correlation_of_volumes(
        self, dot: SimpleNamespace, shape: tuple[int, int, int], f: int, n_C_out: int
    ) -> None:
        X, W = quarters(10, *shape), quarters(11, f, f, shape[2], n_C_out)
        Z = dot.conv_as_matmul(X, W)
        assert Z.shape == (shape[0] - f + 1, shape[1] - f + 1, n_C_out)
        for c in range(n_C_out):
            assert (Z[:, :, c] == correlate(X, W[..., c], "valid", "direct")[:, :, 0]).all()
            assert (Z[:, :, c] == sum(slid(X[:, :, k], W[:, :, k, c]) for k in range(shape[2]))).all()


class TestTheDiscussions:
    """The worked numbers of the four texts that this assignment grew out of."""

    A = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1]])
    B = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
    B2 = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 1]])

    def test_np_dot_of_matrices_is_a_matrix_the_sum_of_products_four(self, dot: SimpleNamespace) -> None:
        assert np.dot(self.A, self.B).tolist() == [[2, 1, 2], [1, 1, 1], [1, 0, 1]]
        assert dot.hadamard_sum(self.A, self.B) == dot.flat_dot(self.A, self.B) == 4

    def test_an_asymmetric_kernel_tells_convolution_and_correlation_apart(self, dot: SimpleNamespace) -> None:
        for slide in (dot.convolve2d_valid, dot.correlate2d_valid):
            assert slide(self.A, self.B).tolist() == [[4]]
        assert dot.correlate2d_valid(self.A, self.B2).tolist() == [[3]]
        assert dot.convolve2d_valid(self.A, self.B2).tolist() == [[4]]

    def test_every_filter_and_every_receptive_field_in_one_product(self, dot: SimpleNamespace) -> None:
        kernels = np.stack([self.B, self.B2], axis=-1)[:, :, None, :]
        assert dot.conv_as_matmul(self.A[:, :, None], kernels).tolist() == [[[4, 3]]]
