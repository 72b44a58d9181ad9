"""The cases of "Dot product or convolution?": what looks like a dot product must be told apart from it.

Values are quarters k/4 with 0 < |k| <= 31: all sums are exact, and non-integers reveal integer buffers.
No array has a symmetry, so a turned, flipped or transposed kernel shows; some are square, so that a matrix
product gives numbers instead of raising; images are not square, and kernels have even and odd sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.draws import HUGE, LARGE, TINY, again, as_asked, dyadic, fine
from grader.model import Arguments, Output
from grader.pack import CasePlan, hidden, public
from grader.properties import Properties, Same, Take

ARGUMENTS = "the same call, before and after another one"
Array = np.ndarray[Any, Any]

#: The worked arrays of the discussions that this exercise grew out of.
A_SEEN = np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]])
B_SEEN = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
STEPS = np.arange(1.0, 13.0).reshape(3, 4)


def uneven(rng: np.random.Generator, f_H: int, f_W: int) -> Array:
    """A kernel of all different entries: no turn and no flip leaves it as it is. Its sum is not zero."""
    k = rng.permutation(np.arange(1, f_H * f_W + 1)) * 2 + 1
    signed = np.where(rng.random(f_H * f_W) < 0.5, -k, k).reshape(f_H, f_W)
    if signed.sum() == 0:
        signed = np.abs(signed)
    return np.asarray(signed / 4.0)


# --------------------------------------------------------------------------------------- one window

NUMBER = Properties((Output("total", "scalar"),))


def two(rng: np.random.Generator, *shape: int, asked: str = "") -> Arguments:
    """Two arrays of one shape; ``asked`` says what is unusual about them: "integer A"."""
    return tuple(as_asked(dyadic(rng, *shape), name, asked) for name in ("A", "B"))


def more_of_two(rng: np.random.Generator, shape: tuple[int, ...]) -> Iterator[Arguments]:
    """Further calls of some cases: large numbers, tiny ones, more axes, integers of more than 32 bits."""
    if shape == (3, 3):
        yield two(rng, 2, 3, 2, 5)
        yield LARGE * dyadic(rng, 3, 2), dyadic(rng, 3, 2)
        yield TINY * dyadic(rng, 2, 3), dyadic(rng, 2, 3)
    if shape == (4, 4):
        A, B = two(rng, 3, 2, asked="integer A, integer B")
        yield HUGE * A, B


def hadamard_sum_cases() -> Iterator[CasePlan]:
    """A and B of one shape."""
    yield public(
        "two 2x2 arrays",
        lambda rng: (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]])),
        "examples",
        meaning="multiplies equal places and adds the products up",
    )
    yield public(
        "a 3x3 window and an asymmetric 3x3 kernel",
        lambda rng: (A_SEEN, B_SEEN),
        "examples",
        meaning="gives 3 for the asymmetric kernel of the discussions",
    )
    for name, shape, asked in (
        ("3x3", (3, 3), ""),
        ("4x4, integers", (4, 4), "integer A, integer B"),
        ("2x3: rows cannot meet columns", (2, 3), ""),
        ("two vectors", (5,), "integer A"),
        ("a window with channels", (2, 3, 2), ""),
        ("a cube", (3, 3, 3), ""),
        ("one column", (4, 1), "integer B"),
    ):
        yield hidden(
            name,
            lambda rng, shape=shape, a=asked: [two(rng, *shape, asked=a), *more_of_two(rng, shape)],
            "values",
        )
    yield hidden(ARGUMENTS, lambda rng: again(rng, two(rng, 3, 3)), "arguments", unchanged=True)
    yield from number_properties()


def flat_dot_cases() -> Iterator[CasePlan]:
    """A and B of one shape."""
    yield public(
        "two 2x2 arrays",
        lambda rng: (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]])),
        "examples",
        meaning="unrolls both arrays and takes the dot product of the two vectors",
    )
    yield public(
        "a 2x3 array of steps and another",
        lambda rng: (np.arange(1.0, 7.0).reshape(2, 3), np.array([[1.0, 0.0, 2.0], [-1.0, 1.0, 0.0]])),
        "examples",
        meaning="needs no square arrays",
    )
    for name, shape, asked in (
        ("3x3", (3, 3), ""),
        ("4x4, integers", (4, 4), "integer A, integer B"),
        ("3x2: rows cannot meet columns", (3, 2), ""),
        ("two vectors", (6,), "integer A"),
        ("a window with channels", (2, 2, 3), ""),
        ("a cube", (2, 2, 2), ""),
        ("one row", (1, 4), "integer B"),
    ):
        yield hidden(
            name,
            lambda rng, shape=shape, a=asked: [two(rng, *shape, asked=a), *more_of_two(rng, shape)],
            "values",
        )
    yield hidden(ARGUMENTS, lambda rng: again(rng, two(rng, 3, 3)), "arguments", unchanged=True)
    yield from number_properties()


def number_properties() -> Iterator[CasePlan]:
    """What must hold for every two arrays."""
    yield NUMBER.expects(
        "a single 1",
        "an array with a single 1 picks the entry of the other that stands at the same place",
        lambda rng: (dyadic(rng, 3, 3), np.eye(9)[5].reshape(3, 3)),
        total=lambda A, B: A.ravel()[5],
    )
    yield NUMBER.expects(
        "with itself",
        "an array and itself give the sum of its squares",
        lambda rng: (lambda A: (A, A.copy()))(dyadic(rng, 3, 3)),
        total=lambda A, B: sum(float(a) ** 2 for a in A.ravel()),
    )
    yield NUMBER.expects(
        "ones add up",
        "against an array of ones it is the sum of all entries",
        lambda rng: (np.ones((2, 2)), dyadic(rng, 2, 2)),
        total=lambda A, B: sum(float(b) for b in B.ravel()),
    )


# --------------------------------------------------------------------------------------- sliding a kernel

SLIDE = Properties((Output("out"),))


def pair(
    rng: np.random.Generator,
    image: tuple[int, int],
    kernel: tuple[int, int],
    asked: str = "",
) -> Arguments:
    """An image and a kernel; ``asked`` says what is unusual about them: "integer image"."""
    return as_asked(dyadic(rng, *image), "image", asked), as_asked(uneven(rng, *kernel), "kernel", asked)


def spot(height: int, width: int, row: int, column: int) -> Array:
    """Zeros and a single 1."""
    out = np.zeros((height, width))
    out[row, column] = 1.0
    return out


def more_pairs(rng: np.random.Generator, kernel: tuple[int, int], asked: str) -> Iterator[Arguments]:
    """Further calls of the case with a plain 3x3 kernel: a square image, one weight, one column of weights, a
    large kernel, large numbers and small ones."""
    if kernel == (3, 3) and not asked:
        yield pair(rng, (5, 5), (3, 3))
        image, weights = pair(rng, (4, 5), (1, 1))
        yield LARGE * image, weights
        yield pair(rng, (7, 8), (6, 5))
        yield pair(rng, (5, 4), (3, 1))
        yield fine(rng, 5, 6, bits=12), uneven(rng, 3, 3) / 256


VALUES = (
    ("3x2 kernel on a wide image", (5, 7), (3, 2), ""),
    ("2x3 kernel of integers on a tall image", (6, 4), (2, 3), "integer kernel"),
    ("3x3 kernel", (5, 6), (3, 3), ""),
    ("4x4 kernel, one column of windows", (6, 4), (4, 4), ""),
    ("kernel as large as the image", (3, 3), (3, 3), ""),
    ("integer image, kernel of fractions", (4, 6), (2, 2), "integer image"),
    ("integers on integers", (5, 4), (3, 3), "integer image, integer kernel"),
    ("one row of weights", (4, 5), (1, 3), ""),
)


def correlate2d_valid_cases() -> Iterator[CasePlan]:
    """image (n_H, n_W), kernel (f_H, f_W)."""
    yield public(
        "a 3x4 image, a 2x2 kernel",
        lambda rng: (STEPS, np.array([[1.0, 2.0], [0.0, -1.0]])),
        "examples",
        meaning="slides the kernel, as it is, to every place where it fits",
    )
    yield public(
        "the 3x3 arrays of the discussions",
        lambda rng: (A_SEEN, B_SEEN),
        "examples",
        meaning="gives [[3]] for the asymmetric kernel of the discussions",
    )
    for name, image, kernel, asked in VALUES:
        yield hidden(
            name,
            lambda rng, i=image, k=kernel, a=asked: [pair(rng, i, k, a), *more_pairs(rng, k, a)],
            "values",
        )
    yield hidden(
        ARGUMENTS,
        lambda rng: again(rng, pair(rng, (4, 5), (2, 2))),
        "arguments",
        unchanged=True,
    )
    yield SLIDE.expects(
        "a kernel with a single 1",
        "a kernel with a single 1 copies the pixel that stands under the 1",
        lambda rng: (dyadic(rng, 4, 5), spot(3, 2, 2, 0)),
        out=lambda image, kernel: image[2:, :4],
    )
    yield SLIDE.expects(
        "an image with a single 1",
        "an image with a single 1 shows the kernel turned by 180 degrees",
        lambda rng: (spot(5, 5, 2, 2), uneven(rng, 3, 3)),
        out=lambda image, kernel: np.rot90(kernel, 2),
    )
    yield SLIDE.related(
        "rows and columns change places",
        "with image and kernel both transposed, the window that fits exactly gives the same number",
        lambda rng: pair(rng, (4, 4), (4, 4)),
        lambda image, kernel: (image.T.copy(), kernel.T.copy()),
        out=Same(),
    )


def correlate2d_same_cases() -> Iterator[CasePlan]:
    """image (n_H, n_W), kernel (f_H, f_W)."""
    yield public(
        "a 3x4 image, a 3x3 kernel",
        lambda rng: (STEPS, np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0], [0.0, 0.0, 1.0]])),
        "examples",
        meaning="puts zeros around the image, so that the answer is as large as the image",
    )
    yield public(
        "a 3x4 image, a 2x2 kernel",
        lambda rng: (STEPS, np.array([[1.0, 2.0], [0.0, -1.0]])),
        "examples",
        meaning="for an even side, the one zero row (column) that is needed lies after the image",
    )
    for name, image, kernel, asked in (
        ("3x3 kernel on a wide image", (4, 6), (3, 3), ""),
        ("5x3 kernel of integers on a tall image", (6, 4), (5, 3), "integer kernel"),
        ("one row of weights on one row of pixels", (1, 6), (1, 3), ""),
        ("3x3 kernel of fractions on an integer image", (5, 4), (3, 3), "integer image"),
        ("5x5 kernel, larger than the image", (3, 4), (5, 5), "integer image, integer kernel"),
    ):
        yield hidden(
            name,
            lambda rng, i=image, k=kernel, a=asked: [pair(rng, i, k, a), *more_pairs(rng, k, a)],
            "odd",
        )
    for name, image, kernel in (
        ("2x2 kernel on a wide image", (3, 5), (2, 2)),
        ("4x2 kernel on a tall image", (6, 4), (4, 2)),
        ("2x3 kernel: one side even", (4, 5), (2, 3)),
        ("3x4 kernel: the other side even", (5, 6), (3, 4)),
        ("4x4 kernel", (5, 7), (4, 4)),
    ):
        yield hidden(name, lambda rng, i=image, k=kernel: pair(rng, i, k), "even")
    yield hidden(
        ARGUMENTS,
        lambda rng: again(rng, pair(rng, (4, 5), (3, 3))),
        "arguments",
        unchanged=True,
    )
    yield SLIDE.expects(
        "a 1 in the middle of an odd kernel",
        "a kernel with a single 1 in its middle changes nothing",
        lambda rng: (dyadic(rng, 4, 5), spot(3, 5, 1, 2)),
        out=lambda image, kernel: image,
    )
    yield SLIDE.expects(
        "a 1 at the top left of a 2x2 kernel",
        "the top left weight of a 2x2 kernel lies on the pixel itself",
        lambda rng: (dyadic(rng, 4, 5), spot(2, 2, 0, 0)),
        out=lambda image, kernel: image,
    )
    yield SLIDE.expects(
        "zeros move in",
        "a kernel with a single 1 at its top right moves an image of ones, and zeros move in behind it",
        lambda rng: (np.ones((5, 6)), spot(3, 3, 0, 2)),
        out=lambda image, kernel: np.pad(np.ones((4, 5)), ((1, 0), (0, 1))),
    )


def convolve2d_valid_cases() -> Iterator[CasePlan]:
    """image (n_H, n_W), kernel (f_H, f_W)."""
    yield public(
        "a 3x4 image, a 2x2 kernel",
        lambda rng: (STEPS, np.array([[1.0, 2.0], [0.0, -1.0]])),
        "examples",
        meaning="turns the kernel by 180 degrees and then slides it",
    )
    yield public(
        "the 3x3 arrays of the discussions",
        lambda rng: (A_SEEN, B_SEEN),
        "examples",
        meaning="gives [[4]] for the asymmetric kernel of the discussions, not 3",
    )
    for name, image, kernel, asked in VALUES:
        yield hidden(
            name,
            lambda rng, i=image, k=kernel, a=asked: [pair(rng, i, k, a), *more_pairs(rng, k, a)],
            "values",
        )
    yield hidden(
        ARGUMENTS,
        lambda rng: again(rng, pair(rng, (4, 5), (2, 2))),
        "arguments",
        unchanged=True,
    )
    yield SLIDE.expects(
        "an image with a single 1",
        "an image with a single 1 shows the kernel as it is: that is why mathematics turns it",
        lambda rng: (spot(5, 5, 2, 2), uneven(rng, 3, 3)),
        out=lambda image, kernel: kernel,
    )
    yield SLIDE.related(
        "image and kernel change places",
        "a convolution does not mind which of the two is called the kernel",
        lambda rng: pair(rng, (3, 3), (3, 3)),
        lambda image, kernel: (kernel, image),
        out=Same(),
    )


# --------------------------------------------------------------------------------------- one matrix product


def im2col_cases() -> Iterator[CasePlan]:
    """image (n_H, n_W, n_C), f, stride."""
    yield public(
        "a 3x4 image of one channel, f 2, stride 1",
        lambda rng: (STEPS.reshape(3, 4, 1), 2, 1),
        "examples",
        meaning="makes a column of every window, row by row",
    )
    yield public(
        "a 2x3 image of two channels, f 2, stride 1",
        lambda rng: (np.arange(1.0, 13.0).reshape(2, 3, 2), 2, 1),
        "examples",
        meaning="keeps the channels of a pixel next to each other",
    )
    for name, image, f, stride, asked in (
        ("f 3, stride 1, wide", (4, 6, 2), 3, 1, ""),
        ("f 2, stride 2, sizes that do not divide", (5, 7, 3), 2, 2, ""),
        ("f 2, stride 3, gaps between windows", (5, 8, 2), 2, 3, ""),
        ("f 3, stride 2, tall", (8, 5, 1), 3, 2, ""),
        ("f = channels = 2, as many rows as columns", (3, 3, 2), 2, 1, ""),
        ("integers, f 3, stride 3", (6, 9, 2), 3, 3, "integer image"),
        ("f 1: every pixel is a window", (2, 3, 4), 1, 1, ""),
    ):
        yield hidden(
            name,
            lambda rng, im=image, f=f, s=stride, a=asked: [
                (as_asked(dyadic(rng, *im), "image", a), f, s),
                *(more_images(rng) if f == 1 else ()),
            ],
            "values",
        )
    yield hidden(
        ARGUMENTS,
        lambda rng: other_settings_first(rng, (dyadic(rng, 4, 3, 2), 2, 1)),
        "arguments",
        unchanged=True,
    )


def other_settings_first(rng: np.random.Generator, call: Arguments) -> list[Arguments]:
    """``again``; before it, the same image with windows of one pixel, three pixels apart."""
    return [(call[0], 1, 3), *again(rng, call)]


def more_images(rng: np.random.Generator) -> Iterator[Arguments]:
    """Further calls of the case with windows of one pixel: large numbers, small ones in large windows far
    apart, one window on the whole image."""
    yield LARGE * dyadic(rng, 5, 4, 2), 1, 2
    yield fine(rng, 6, 11, 5, bits=12), 5, 5
    yield dyadic(rng, 4, 4, 2), 4, 1


MATMUL = Properties((Output("Z"),))


def volume(
    rng: np.random.Generator, image: tuple[int, int, int], f: int, n_C_out: int, asked: str = ""
) -> Arguments:
    """The arguments of conv_as_matmul; ``asked`` says what is unusual: "integer X"."""
    X, W = dyadic(rng, *image), dyadic(rng, f, f, image[2], n_C_out)
    return as_asked(X, "X", asked), as_asked(W, "W", asked)


def more_volumes(rng: np.random.Generator) -> Iterator[Arguments]:
    """Further calls of the case with one pixel for a window: more of everything, small numbers."""
    yield volume(rng, (6, 5, 5), 5, 2)
    yield volume(rng, (4, 5, 2), 4, 6)
    yield fine(rng, 3, 4, 2, bits=12), dyadic(rng, 2, 2, 2, 3) / 256


def conv_as_matmul_cases() -> Iterator[CasePlan]:
    """X (n_H, n_W, n_C), W (f, f, n_C, n_C_out)."""
    yield public(
        "a 3x4 image, one channel, one 2x2 filter",
        lambda rng: (STEPS.reshape(3, 4, 1), np.array([[1.0, 2.0], [0.0, -1.0]]).reshape(2, 2, 1, 1)),
        "examples",
        meaning="gives what sliding the filter gives",
    )
    yield public(
        "a 3x3 image, two channels, two filters",
        lambda rng: (
            np.arange(1.0, 19.0).reshape(3, 3, 2),
            np.array([1, 0, 0, 1, 2, -1, 0, 0, -1, 3, 1, 0, 0, 2, 1, -2], dtype=float).reshape(2, 2, 2, 2),
        ),
        "examples",
        meaning="uses every channel and every filter",
    )
    for name, image, f, n_C_out, asked in (
        ("f 2, three channels, four filters, wide", (4, 6, 3), 2, 4, ""),
        ("f 3, two channels, three filters, tall", (6, 4, 2), 3, 3, ""),
        ("f = channels = filters", (4, 5, 3), 3, 3, ""),
        ("one channel, five filters", (3, 5, 1), 2, 5, "integer W"),
        ("integer image", (5, 4, 2), 2, 3, "integer X"),
        ("f 1: a product for every pixel", (2, 4, 3), 1, 2, ""),
        ("image as large as the filters", (3, 3, 2), 3, 4, ""),
    ):
        yield hidden(
            name,
            lambda rng, im=image, f=f, n=n_C_out, a=asked: [
                volume(rng, im, f, n, a),
                *(more_volumes(rng) if f == 1 else ()),
            ],
            "values",
        )
    yield hidden(
        ARGUMENTS,
        lambda rng: again(rng, volume(rng, (4, 3, 2), 2, 3)),
        "arguments",
        unchanged=True,
    )
    yield MATMUL.expects(
        "flatten and dot",
        "one window as large as the image is np.dot of the two unrolled arrays, for every filter",
        lambda rng: volume(rng, (3, 3, 2), 3, 2),
        Z=lambda X, W: np.array([[[np.dot(X.ravel(), W[..., c].ravel()) for c in range(W.shape[3])]]]),
    )
    yield MATMUL.related(
        "filters are independent",
        "filters in another order give the channels of Z in that order",
        lambda rng: volume(rng, (3, 4, 2), 2, 3),
        lambda X, W: (X, W[..., [2, 0, 1]]),
        Z=Take(2, (2, 0, 1)),
    )
