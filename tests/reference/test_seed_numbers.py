"""The worked numbers of the four discussions that this assignment grew out of, each a test by name."""

from __future__ import annotations

from types import ModuleType

import numpy as np
from scipy.signal import convolve2d, correlate2d

A = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1]])
B = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
B2 = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 1]])
IMAGE = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
NO_BIAS = np.zeros((1, 1, 1))


def test_np_dot_of_two_matrices_is_a_matrix_not_a_number() -> None:
    assert np.dot(A, B).tolist() == [[2, 1, 2], [1, 1, 1], [1, 0, 1]]


def test_the_single_step_is_the_sum_of_products_four(solution: ModuleType) -> None:
    assert np.sum(np.multiply(A, B)) == 4
    assert solution.conv_single_step(A[:, :, None], B[:, :, None], NO_BIAS) == 4.0


def test_np_dot_of_the_flattened_matrices_is_that_same_four() -> None:
    assert np.dot(A.ravel(), B.ravel()) == 4


def test_convolve2d_also_gives_four_because_B_is_its_own_half_turn() -> None:
    assert (B[::-1, ::-1] == B).all()
    assert convolve2d(A, B, "valid").tolist() == [[4]]


def test_with_the_asymmetric_B2_the_single_step_gives_three_and_convolve2d_four(solution: ModuleType) -> None:
    assert solution.conv_single_step(A[:, :, None], B2[:, :, None], NO_BIAS) == 3.0
    assert convolve2d(A, B2, "valid").tolist() == [[4]]
    assert convolve2d(A, B2[::-1, ::-1], "valid").tolist() == [[3]]


def test_the_5x5_image_slides_to_a_first_entry_of_four(solution: ModuleType) -> None:
    Z, _ = solution.conv_forward(
        IMAGE[None, :, :, None], B[:, :, None, None], np.zeros((1, 1, 1, 1)), {"stride": 1, "pad": 0}
    )
    assert Z[0, 0, 0, 0] == 4.0
    assert Z[0, :, :, 0].tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    assert (Z[0, :, :, 0] == correlate2d(IMAGE, B, "valid")).all()


def test_np_dot_of_W_row_and_X_col_is_the_whole_convolution(matmul: ModuleType) -> None:
    X_col = matmul.im2col(IMAGE[None, :, :, None], 3, 1)
    assert X_col.shape == (9, 9)
    assert np.dot(B.reshape(1, 9), X_col).reshape(3, 3).tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
