"""Arrays as tables: which axes are shown, what they are called, and where two of them differ."""

from __future__ import annotations

import numpy as np
import pytest

from grader.report.html.grids import MOST, PLANES, grids, heat_map, plane_axes, planes, tiles


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        pytest.param((2, 3), (0, 1), id="a matrix"),
        pytest.param((3, 3, 4), (0, 1), id="a window: rows and columns, then channels"),
        pytest.param((2, 5, 7, 3), (1, 2), id="a batch of images: height and width"),
        pytest.param((3, 3, 2, 8), (0, 1), id="filters: height and width come first"),
        pytest.param((1, 4, 4, 1), (1, 2), id="one image of one channel"),
        pytest.param((2, 2, 1, 1), (0, 1), id="one filter"),
        pytest.param((1, 1, 1, 5), (2, 3), id="a bias: one row"),
        pytest.param((5, 1), (0, 1), id="a column"),
    ],
)
def test_the_axes_that_make_rows_and_columns(shape: tuple[int, ...], axes: tuple[int, int]) -> None:
    assert plane_axes(shape) == axes


def test_a_plane_says_which_entries_it_holds() -> None:
    array = np.arange(2 * 3 * 4 * 2).reshape(2, 3, 4, 2)
    found = dict(planes(array, "Z"))
    assert list(found) == ["Z[0, :, :, 0]", "Z[0, :, :, 1]", "Z[1, :, :, 0]", "Z[1, :, :, 1]"]
    assert np.array_equal(found["Z[1, :, :, 0]"], array[1, :, :, 0])


def test_a_vector_is_one_row_and_a_number_one_cell() -> None:
    assert [p.shape for _, p in planes(np.arange(3), "v")] == [(1, 3)]
    assert [p.shape for _, p in planes(np.array(3.0), "v")] == [(1, 1)]


def test_a_large_array_is_cut_in_planes_rows_and_columns() -> None:
    shown = grids(np.zeros((9, 100, 200, 3)), "A")
    assert len(shown) == PLANES
    assert (len(shown[0].rows), len(shown[0].columns)) == (MOST, MOST)
    assert shown[0].cut == f"the first {MOST} rows and columns of 100 × 200"


def test_numbers_have_a_minus_that_can_be_seen() -> None:
    (grid,) = grids(np.array([[-1.5, 2.0]]), "A")
    assert [cell.text for cell in grid.rows[0][1]] == ["−1.5", "2"]


# --------------------------------------------------------------------------- pictures

WINDOW, KERNEL = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [2.0, -1.0]])


def test_a_product_and_its_sum_get_their_signs() -> None:
    shown = tiles([("window", WINDOW), ("kernel", KERNEL), ("products", WINDOW * KERNEL), ("the sum", 3.0)])
    assert [t.joined_by for t in shown] == ["", "×", "=", "sum ="]


def test_no_sign_is_shown_that_the_numbers_do_not_bear_out() -> None:
    shown = tiles([("window", WINDOW), ("kernel", KERNEL), ("else", WINDOW + KERNEL), ("a number", 3.5)])
    assert [t.joined_by for t in shown] == ["", "", "", ""]


def test_a_name_goes_into_the_grids_caption_and_a_sentence_stays_above() -> None:
    named, described = tiles([("W", KERNEL[..., None]), ("the kernel W", KERNEL)])
    assert (named.caption, named.grids[0].caption) == ("", "W[:, :, 0]")
    assert (described.caption, described.grids[0].caption) == ("the kernel W", "")


def test_what_is_no_array_is_shown_as_text() -> None:
    (tile,) = tiles([("hparameters", {"stride": 1, "pad": 0})])
    assert tile.value == "{'stride': 1, 'pad': 0}"


# --------------------------------------------------------------------------- where arrays differ


def test_equal_arrays_have_no_map_and_neither_have_other_shapes() -> None:
    assert heat_map(WINDOW, WINDOW.copy(), "Z") is None
    assert heat_map(WINDOW, WINDOW[:1], "Z") is None
    assert heat_map(np.zeros((0, 3)), np.zeros((0, 3)), "Z") is None


def test_a_difference_is_a_sign_a_word_and_both_values() -> None:
    got = WINDOW.copy()
    got[0, 1], got[1, 0] = 9.0, -4.0
    found = heat_map(got, WINDOW, "Z")
    assert found is not None
    assert found.sentence == "Z: 2 of 4 entries differ, by 7 at most."
    (same, larger), (smaller, _) = (cells for _, cells in found.grids[0].rows)
    assert (same.text, same.sign, same.level) == ("1", "", 0)
    assert (larger.text, larger.sign, larger.word, larger.expected) == ("9", "▲", "too large", "2")
    assert (smaller.text, smaller.sign, smaller.expected) == ("−4", "▼", "3")
    assert larger.level == smaller.level == 3


def test_what_is_not_finite_is_a_question_mark() -> None:
    found = heat_map(np.array([[np.nan, np.inf, 1.0]]), np.ones((1, 3)), "Z")
    assert found is not None
    assert [c.sign for c in found.grids[0].rows[0][1]] == ["?", "?", ""]


def test_only_planes_with_a_difference_are_shown_and_the_rest_is_counted() -> None:
    want = np.zeros((3, 5, 6, 2))
    got = want.copy()
    got[1, 2, 3, 1] = 1.0
    found = heat_map(got, want, "Z")
    assert found is not None
    assert [g.caption for g in found.grids] == ["Z[1, :, :, 1]"]
    assert found.more == "The other 5 of 6 planes hold no difference."


def test_when_too_many_planes_differ_the_rest_is_counted() -> None:
    found = heat_map(np.ones((3, 5, 6, 4)), np.zeros((3, 5, 6, 4)), "Z")
    assert found is not None
    assert found.more == "2 of the 12 planes with a difference are shown; there are 12 in all."


def test_a_large_plane_shows_signs_alone() -> None:
    want = np.zeros((9, 9))
    got = want.copy()
    got[8, 8] = 1.0
    found = heat_map(got, want, "Z")
    assert found is not None
    assert found.grids[0].signs_only
    last = found.grids[0].rows[8][1]
    assert [(c.text, c.sign) for c in last[-2:]] == [("·", ""), ("", "▲")]


def test_what_the_comparison_lets_pass_is_no_difference_here() -> None:
    want = np.full((2, 2), 1000.0)
    assert heat_map(want + 1e-8, want, "Z") is None
    assert heat_map((want + 1e-3).astype(np.float32), want, "Z") is None
