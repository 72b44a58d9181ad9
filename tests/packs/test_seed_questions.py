"""The four discussions that this assignment grew out of: each has a page, and here is the proof of it.

1. Is a convolution step a dot product, or an element-wise product and a sum?  (ideas/dot-product.md)
2. Why does np.dot of two matrices give something else?                        (ideas/matrix-product.md)
3. What have the flattened vectors and W_row · X_col to do with it?            (ideas/flattened-vectors.md)
4. Convolution or cross-correlation, and why do symmetric kernels hide it?     (ideas/convolution-and-...)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from grader.pack import load_pack

PACK = load_pack(Path(__file__).resolve().parents[2] / "assignments" / "conv_step_by_step")

# The worked example of the discussions: a piece of an image, and two filters.
A = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1]])
B = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
B2 = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 1]])
IMAGE = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])


def one_step(window: Any, kernel: Any) -> float:
    """What the exercise asks for: conv_single_step of the reference, one channel, no bias."""
    step: Callable[..., float] = PACK.reference("conv_single_step")
    return step(window[:, :, None], kernel[:, :, None], np.zeros((1, 1, 1)))


def layer(A_prev: Any, W: Any, stride: int = 1) -> Any:
    """The output of the reference's conv_forward without bias and padding."""
    forward = PACK.reference("conv_forward")
    return forward(A_prev, W, np.zeros((1, 1, 1, W.shape[3])), {"stride": stride, "pad": 0})[0]


def page(idea: str) -> str:
    return (PACK.folder / "misconceptions" / "ideas" / f"{idea}.md").read_text(encoding="utf-8")


def shown(idea: str) -> str:
    """The outputs that the page shows."""
    return "".join(re.findall(r"^```text\n(.*?)^```$", page(idea), flags=re.M | re.S))


class TestIsAStepADotProductOrAnElementWiseProductAndASum:
    """Both: one operation with two names."""

    def test_the_sum_of_the_products_is_four(self) -> None:
        assert np.sum(np.multiply(A, B)) == 4
        assert one_step(A, B) == 4

    def test_it_is_the_dot_product_of_the_unrolled_grids(self) -> None:
        assert np.dot(A.ravel(), B.ravel()) == np.sum(np.multiply(A, B))

    def test_it_is_not_the_products_alone_nor_the_sums_alone(self) -> None:
        assert np.multiply(A, B).shape == (3, 3)
        assert A.sum() * B.sum() == 30

    def test_it_fills_one_place_of_the_output_of_the_5x5_image(self) -> None:
        Z = layer(IMAGE[None, :, :, None], B[:, :, None, None])
        assert Z[0, 0, 0, 0] == one_step(IMAGE[:3, :3], B) == 4
        assert Z[0, :, :, 0].tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]

    def test_the_page_shows_the_four(self) -> None:
        assert "their sum: 4" in shown("dot-product")
        assert "1·1 + 1·0 + 1·1 + 0·0 + 1·1 + 1·0 + 0·1 + 0·0 + 1·1 = 4" in page("dot-product")


class TestWhyNpDotOfMatricesGivesSomethingElse:
    """Rows meet columns."""

    def test_np_dot_of_two_grids_is_nine_numbers(self) -> None:
        assert np.dot(A, B).tolist() == [[2, 1, 2], [1, 1, 1], [1, 0, 1]]

    def test_its_entries_are_rows_of_A_with_columns_of_B(self) -> None:
        for row in range(3):
            for column in range(3):
                assert np.dot(A, B)[row, column] == np.dot(A[row], B[:, column])

    def test_adding_them_all_up_gives_ten_and_not_four(self) -> None:
        assert np.dot(A, B).sum() == 10

    def test_its_diagonal_is_right_for_the_symmetric_B_only(self) -> None:
        assert np.trace(np.dot(A, B)) == one_step(A, B) == 4
        assert np.trace(np.dot(A, B2)) == 4
        assert one_step(A, B2) == 3

    def test_its_diagonal_is_the_step_with_the_transposed_kernel(self) -> None:
        assert np.trace(np.dot(A, B2)) == one_step(A, B2.T)

    def test_with_channels_it_wants_axes_to_fit_that_have_nothing_to_do_with_each_other(self) -> None:
        window, kernel = np.ones((3, 3, 2)), np.ones((3, 3, 2))
        with pytest.raises(ValueError, match="not aligned"):
            np.dot(window, kernel)
        assert np.dot(np.ones((2, 2, 2)), np.ones((2, 2, 2))).shape == (2, 2, 2, 2)

    def test_the_page_shows_the_nine_numbers(self) -> None:
        assert "[[2 1 2]\n [1 1 1]\n [1 0 1]]" in shown("matrix-product")


class TestWhatFlattenedVectorsAndWRowXColHaveToDoWithIt:
    """Unrolled in the same order, one dot product is one step, and one matrix product is a layer."""

    def test_two_unrolled_grids_give_four(self) -> None:
        assert np.dot(A.ravel(), B.ravel()) == 4

    def test_the_order_of_unrolling_must_be_the_same(self) -> None:
        assert np.dot(A.ravel(order="F"), B2.ravel(order="F")) == one_step(A, B2)
        assert np.dot(A.ravel(), B2.ravel(order="F")) != one_step(A, B2)

    def test_W_row_times_X_col_is_the_whole_5x5_example(self) -> None:
        X_col = np.stack([IMAGE[r : r + 3, c : c + 3].ravel() for r in range(3) for c in range(3)], axis=1)
        Z = np.dot(B.reshape(1, 9), X_col).reshape(3, 3)
        assert Z.tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
        assert np.array_equal(layer(IMAGE[None, :, :, None], B[:, :, None, None])[0, :, :, 0], Z)

    def test_with_several_filters_and_channels_every_row_should_meet_every_column(self) -> None:
        rng = np.random.default_rng(3)
        X, W = rng.integers(-9, 10, (1, 5, 6, 2)), rng.integers(-9, 10, (3, 3, 2, 4))
        starts = [(r, c) for r in (0, 2) for c in (0, 2)]
        X_col = np.stack([X[0, r : r + 3, c : c + 3].ravel() for r, c in starts], axis=1)
        W_row = W.reshape(-1, 4).T
        assert W_row.shape == (4, 18)
        assert X_col.shape == (18, 4)
        assert (np.dot(W_row, X_col).T.reshape(1, 2, 2, 4) == layer(X, W, stride=2)).all()

    def test_the_page_shows_the_layer(self) -> None:
        assert "two vectors: 4\n[[4 3 4]\n [2 4 3]\n [2 3 4]]" in shown("flattened-vectors")


class TestConvolutionOrCrossCorrelation:
    """The exercise slides the kernel as it is; a kernel that is its own half turn cannot tell."""

    def test_convolve2d_agrees_on_the_symmetric_B(self) -> None:
        assert convolve2d(A, B, "valid").tolist() == [[4]]
        assert one_step(A, B) == 4

    def test_with_B2_the_step_gives_three_and_convolve2d_four(self) -> None:
        assert np.sum(np.multiply(A, B2)) == one_step(A, B2) == 3
        assert convolve2d(A, B2, "valid").tolist() == [[4]]
        assert correlate2d(A, B2, "valid").tolist() == [[3]]

    def test_convolve2d_is_the_step_with_the_kernel_turned_by_half_a_turn(self) -> None:
        assert one_step(A, np.rot90(B2, 2)) == 4

    @pytest.mark.parametrize(
        ("kernel", "tells"),
        [
            pytest.param(np.ones((3, 3)), False, id="a box hides it"),
            pytest.param(np.outer([1, 2, 1], [1, 2, 1]), False, id="a Gaussian hides it"),
            pytest.param(B, False, id="the first example of the lectures hides it"),
            pytest.param(np.array([[1, 2], [2, 1]]), False, id="a symmetric 2x2 kernel hides it"),
            pytest.param(np.array([[1, 0], [0, 1]]), False, id="a diagonal hides it"),
            pytest.param(B2, True, id="one number changed, and it shows"),
            pytest.param(np.array([[1, 2], [3, 4]]), True, id="the kernel of the report's question shows it"),
            pytest.param(np.array([[1, 0, -1]] * 3), True, id="an edge detector shows it"),
        ],
    )
    def test_only_a_kernel_that_is_not_its_own_half_turn_tells(self, kernel: Any, tells: bool) -> None:
        image = np.random.default_rng(5).integers(-9, 10, (6, 7))
        same = np.array_equal(convolve2d(image, kernel, "valid"), correlate2d(image, kernel, "valid"))
        assert same is not tells

    def test_only_true_convolution_lets_image_and_kernel_be_exchanged(self) -> None:
        assert np.array_equal(convolve2d(A, B2), convolve2d(B2, A))
        assert not np.array_equal(correlate2d(A, B2), correlate2d(B2, A))

    def test_the_page_shows_three_against_four(self) -> None:
        text = shown("convolution-and-cross-correlation")
        assert "B as it is: 4  turned: 4" in text
        assert "B2 as it is: 3  turned: 4" in text
