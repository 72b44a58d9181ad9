"""The cases of "Pooling, step by step": each shape is chosen so that one slip cannot hide in it.

No two pixels of an image are equal: which of several maxima gets the gradient is left open by the
exercise, so it is never asked. Images differ, n_H != n_W, stride and f differ, windows overlap, touch
and leave gaps, (n - f) % stride != 0 on both axes somewhere, one image is negative throughout and one
has zeros in it. Values are quarters, so that integer buffers show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from grader.draws import LARGE, TINY, again, dyadic, with_settings
from grader.model import Arguments, Output
from grader.pack import CasePlan, hidden, public
from grader.properties import Every, Properties, Take, central_difference

ARGUMENTS = "the same call, before and after another one"
BOTH_WAYS = "the same call, before and after the other mode"
Array = np.ndarray[Any, Any]
Shape = tuple[int, int, int, int]


def distinct(rng: np.random.Generator, *shape: int, values: str = "") -> Array:
    """Each value once: quarters of both signs, or ``integer`` ones, or only ``negative`` ones.

    The largest magnitude is that of a negative number, so that it is no maximum.
    """
    size = int(np.prod(shape))
    k = rng.permutation(size)
    if values == "integer":
        return (k - size // 2 - 1).reshape(shape)
    if values == "negative":
        return (k - size).reshape(shape) / 4.0
    return (k - size // 2 - 1).reshape(shape) / 4.0


def with_zeros(rng: np.random.Generator, *shape: int) -> Array:
    """Quarters with many zeros, all in even rows, so that no window is empty of numbers.

    For means only, since it has ties.
    """
    zero = rng.random(shape) < 0.6
    zero[:, 1::2] = False
    return np.where(zero, 0.0, dyadic(rng, *shape))


# --------------------------------------------------------------------------------------- pool_forward


def layer(rng: np.random.Generator, image: Shape, f: int, s: int, mode: str, values: str = "") -> Arguments:
    """The arguments of pool_forward for A_prev of shape ``image`` (m, n_H_prev, n_W_prev, n_C)."""
    A_prev = with_zeros(rng, *image) if values == "zeros" else distinct(rng, *image, values=values)
    return A_prev, settings(f, s), mode


def settings(f: int, s: int) -> dict[str, int]:
    """The hyper-parameters. Both orders occur: f and stride are to be looked up by name."""
    return {"stride": s, "f": f} if s > f else {"f": f, "stride": s}


def other_settings_first(rng: np.random.Generator, call: Arguments) -> list[Arguments]:
    """``again`` for 5x7 images, 3x3 windows, stride 2; before it, the same arrays and windows of one pixel,
    three pixels apart, which are as many: 2x3."""
    return [with_settings(call, settings(1, 3)), *again(rng, call)]


def both_ways(call: Arguments) -> list[Arguments]:
    """X, X in the other mode, X: what a function keeps must not show."""
    return [call, (*call[:-1], "average"), call]


#: Large windows far apart; one window on the whole, square image; larger windows, more images and channels; a
#: single channel.
SIZES: tuple[tuple[Shape, int, int], ...] = (
    ((2, 9, 8, 2), 4, 5),
    ((2, 3, 3, 2), 3, 1),
    ((4, 6, 5, 5), 5, 1),
    ((2, 4, 3, 1), 2, 1),
)


def more_layers(rng: np.random.Generator, f: int, s: int, mode: str, values: str) -> Iterator[Arguments]:
    """Further calls of some cases, which are right where all of their calls are."""
    if values == "negative":
        A_prev, hparameters, _ = layer(rng, (2, 5, 4, 2), 2, 1, mode, values)
        yield LARGE * A_prev, hparameters, mode
    elif (f, s, values) == (3, 2, ""):
        yield from (layer(rng, image, f, s, mode) for image, f, s in SIZES)


def pool_forward_cases() -> Iterator[CasePlan]:
    """A_prev (m, n_H_prev, n_W_prev, n_C), hparameters, mode."""
    yield public(
        "one 3x4 image, 2x2 windows one pixel apart",
        lambda rng: (
            np.array([[1.0, 5.0, 2.0, -3.0], [4.0, 0.0, -1.0, 6.0], [-2.0, 3.0, 7.0, -4.0]]).reshape(
                1, 3, 4, 1
            ),
            {"f": 2, "stride": 1},
            "max",
        ),
        "examples",
        outputs=("A",),
        meaning="keeps the largest number of each window",
    )
    yield public(
        "two 5x4 images, two channels, 2x2 windows two pixels apart, average",
        lambda rng: layer(rng, (2, 5, 4, 2), 2, 2, "average"),
        "examples",
        outputs=("A",),
        meaning="averages each window, every channel and every image by itself",
    )
    for name, image, f, s, mode, values in (
        ("max: windows that overlap, tall, negative throughout", (3, 7, 5, 2), 3, 1, "max", "negative"),
        ("max: three channels, windows one pixel apart", (2, 4, 6, 3), 2, 1, "max", ""),
        ("max: sizes that the stride does not divide", (2, 8, 6, 2), 3, 2, "max", ""),
        ("max: integers, gaps between windows", (2, 6, 7, 2), 2, 3, "max", "integer"),
        ("max: one image, one channel, one row of windows", (1, 4, 6, 1), 4, 1, "max", ""),
        ("average: sizes that the stride does not divide", (2, 6, 5, 2), 3, 2, "average", ""),
        ("average: zeros in the image, windows side by side", (2, 5, 6, 2), 2, 2, "average", "zeros"),
        ("average: integers, gaps between windows", (2, 6, 7, 2), 2, 3, "average", "integer"),
        ("average: three images, windows one pixel apart, tall", (3, 6, 4, 3), 3, 1, "average", ""),
        ("average: negative throughout, gaps, wide", (2, 4, 8, 2), 1, 3, "average", "negative"),
    ):
        yield hidden(
            name,
            lambda rng, image=image, f=f, s=s, mode=mode, v=values: [
                layer(rng, image, f, s, mode, v),
                *more_layers(rng, f, s, mode, v),
            ],
            mode,
            outputs=("A",),
        )
    yield public(
        "what the cache holds",
        lambda rng: layer(rng, (2, 3, 4, 2), 2, 1, "max"),
        "cache",
        outputs=("cache",),
        meaning="the cache starts with A_prev and hparameters, as they came in",
    )
    for mode in ("max", "average"):
        yield hidden(
            f"{ARGUMENTS}, {mode}",
            lambda rng, mode=mode: other_settings_first(rng, layer(rng, (2, 5, 7, 2), 3, 2, mode)),
            "arguments",
            outputs=("A",),
            unchanged=True,
        )
    yield hidden(
        BOTH_WAYS,
        lambda rng: both_ways(layer(rng, (2, 5, 7, 2), 3, 2, "max")),
        "arguments",
        outputs=("A",),
        unchanged=True,
    )
    yield from forward_properties()


# --------------------------------------------------------------------------------------- properties

FORWARD = Properties((Output("A"), Output("cache", "record")))
MASK = Properties((Output("mask"),))
SHARES = Properties((Output("a"),))
BACKWARD = Properties((Output("dA_prev"),))


def windows(A_prev: Array, hparameters: dict[str, int]) -> Array:
    """Every window, (m, n_H, n_W, n_C, f * f): the properties' own way to look at an image."""
    f, s = hparameters["f"], hparameters["stride"]
    n_H, n_W = (A_prev.shape[1] - f) // s + 1, (A_prev.shape[2] - f) // s + 1
    pixels = [
        A_prev[:, y : y + s * n_H : s, x : x + s * n_W : s][:, :n_H, :n_W] for y in range(f) for x in range(f)
    ]
    return np.stack(pixels, axis=-1)


def ramp(rng: np.random.Generator, mode: str) -> Arguments:
    """Images that grow by as much with every row, and by less with every column."""
    rows, columns = np.arange(7.0)[:, None, None], np.arange(6.0)[None, :, None]
    start, slope = dyadic(rng, 2, 1, 1, 2), np.abs(dyadic(rng, 2, 1, 1, 2))
    return start + slope * (2 * rows + columns), {"f": 3, "stride": 2}, mode


def forward_properties() -> Iterator[CasePlan]:
    """What must hold for every pooling layer."""
    yield FORWARD.expects(
        "the maximum of a growing image",
        "where numbers grow to the right and downwards, the maximum of a window is its bottom right pixel",
        lambda rng: ramp(rng, "max"),
        A=lambda A, h, mode: A[:, 2::2, 2::2],
    )
    yield FORWARD.expects(
        "the mean of a growing image",
        "where numbers grow evenly, the mean of a 3x3 window is the pixel in its middle",
        lambda rng: ramp(rng, "average"),
        A=lambda A, h, mode: A[:, 1:-1:2, 1:-1:2],
    )
    for mode in ("max", "average"):
        yield FORWARD.expects(
            f"windows of one pixel, {mode}",
            "a window of one pixel has that pixel as its maximum and as its mean",
            lambda rng, mode=mode: layer(rng, (2, 3, 4, 2), 1, 1, mode, "negative"),
            A=lambda A, h, mode: A,
        )
        yield FORWARD.expects(
            f"a constant image, {mode}",
            "the maximum and the mean of equal numbers are that number",
            lambda rng, mode=mode: (np.full((2, 5, 4, 2), -2.75), {"f": 2, "stride": 2}, mode),
            A=lambda A, h, mode: np.full((2, 2, 2, 2), -2.75),
        )
        yield FORWARD.related(
            f"images are independent, {mode}",
            "what comes out for one image does not depend on the others",
            lambda rng, mode=mode: layer(rng, (3, 3, 4, 2), 2, 1, mode),
            lambda A, h, mode: (A[1:2], h, mode),
            A=Take(0, (1,)),
        )
        yield FORWARD.related(
            f"channels are independent, {mode}",
            "channels in another order give the channels of A in that order",
            lambda rng, mode=mode: layer(rng, (2, 3, 4, 3), 2, 1, mode),
            lambda A, h, mode: (A[..., [2, 0, 1]], h, mode),
            A=Take(3, (2, 0, 1)),
        )
        yield FORWARD.related(
            f"stride skips positions, {mode}",
            "stride 2 gives every second position of stride 1",
            lambda rng, mode=mode: layer(rng, (2, 5, 6, 2), 2, 1, mode),
            lambda A, h, mode: (A, {"f": 2, "stride": 2}, mode),
            A=Every((1, 2), 2),
        )


# ------------------------------------------------------------------------------- create_mask_from_window


def window(
    rng: np.random.Generator, shape: tuple[int, int], at: tuple[int, int], values: str = ""
) -> Arguments:
    """A window whose largest number is at ``at`` and whose largest magnitude is somewhere else."""
    x = distinct(rng, *shape, values=values)
    largest = np.unravel_index(int(x.argmax()), shape)
    x[largest], x[at] = x[at], x[largest]
    return (x,)


def nearly_tied(rng: np.random.Generator) -> list[Arguments]:
    """Two numbers that differ by a two-thousandth; large ones that differ by one; and a larger window."""
    (x,) = window(rng, (3, 2), (2, 0))
    x[0, 1] = x[2, 0] - 2.0**-11
    (y,) = window(rng, (3, 2), (1, 1), "integer")
    y[2, 0] = y[1, 1] - 1
    return [(x,), (y + 2.0**18,), (2.0**-13 * window(rng, (5, 4), (3, 0))[0],)]


def negative_windows(rng: np.random.Generator) -> list[Arguments]:
    """No number above zero, and none above -1000."""
    (x,) = window(rng, (2, 3), (0, 1), "negative")
    return [window(rng, (3, 2), (1, 1), "negative"), (LARGE * x,)]


def create_mask_from_window_cases() -> Iterator[CasePlan]:
    """x (f, f), and windows that are not square: a mask is defined for them too."""
    yield public(
        "a 2x2 window",
        lambda rng: (np.array([[1.0, 3.0], [2.0, 0.0]]),),
        "examples",
        meaning="marks the largest number of a window",
    )
    yield public(
        "a 2x3 window with negative numbers",
        lambda rng: (np.array([[1.5, -4.0, 2.25], [3.75, -0.5, 1.0]]),),
        "examples",
        meaning="marks one place, and has the shape of the window",
    )
    yield hidden(
        "3x3, maximum in the last row; one pixel",
        lambda rng: [window(rng, (3, 3), (2, 1)), (dyadic(rng, 1, 1),)],
        "values",
    )
    yield hidden("2x4, maximum in the last column", lambda rng: window(rng, (2, 4), (1, 3)), "values")
    yield hidden("3x2, negative throughout, small and large", negative_windows, "values")
    yield hidden("3x3, integers", lambda rng: window(rng, (3, 3), (1, 0), "integer"), "values")
    yield hidden("3x2, two numbers that nearly tie, small and large", nearly_tied, "values")
    yield hidden(
        ARGUMENTS,
        lambda rng: (lambda x, y: [x, y, x])(window(rng, (2, 2), (1, 0)), window(rng, (2, 2), (0, 1))),
        "arguments",
        unchanged=True,
    )
    yield MASK.balanced(
        "one pixel is marked",
        "where no two numbers are equal, exactly one of them is the largest",
        lambda rng: window(rng, (3, 3), (1, 2)),
        mask=lambda x: (np.ones(x.shape), 1.0),
    )
    yield MASK.balanced(
        "the marked pixel is the largest",
        "the mask times the window adds up to the largest number",
        lambda rng: window(rng, (2, 3), (1, 1), "negative"),
        mask=lambda x: (x, float(x.max())),
    )


# --------------------------------------------------------------------------------------- distribute_value


def amount(rng: np.random.Generator) -> float:
    """An odd number of quarters, of either sign, that no side of a shape divides: rounding shows."""
    return float(rng.choice([-31, -29, -23, -19, -17, 17, 19, 23, 29, 31])) / 4.0


def distribute_value_cases() -> Iterator[CasePlan]:
    """dz, shape."""
    yield public(
        "2 over 2x2", lambda rng: (2.0, (2, 2)), "examples", meaning="gives every place an equal share"
    )
    yield public(
        "9 over 2x3",
        lambda rng: (9.0, (2, 3)),
        "examples",
        meaning="the shares add up to the value, whatever the shape",
    )
    for name, shape, times in (
        ("over 3x5, a large amount", (3, 5), LARGE),
        ("over 4x2, next to nothing", (4, 2), TINY),
        ("over 1x3", (1, 3), 1.0),
        ("over 3x3", (3, 3), 1.0),
    ):
        yield hidden(name, lambda rng, shape=shape, t=times: (t * amount(rng), shape), "values")
    yield hidden(
        "over 5x1 and over one place",
        lambda rng: [(amount(rng), (5, 1)), (amount(rng), (1, 1))],
        "values",
    )
    yield hidden(
        "integers over 2x4, one of them negative; nothing",
        lambda rng: [
            *((sign * (int(rng.integers(1, 4)) * 2 + 1), (2, 4)) for sign in (1, -1)),
            (0.0, (2, 3)),
        ],
        "values",
    )
    yield hidden(
        ARGUMENTS,
        lambda rng: again(rng, (amount(rng), (2, 3))),
        "arguments",
        unchanged=True,
    )
    yield SHARES.balanced(
        "the shares add up",
        "the sum of all shares is the value that was distributed",
        lambda rng: (amount(rng), (3, 4)),
        a=lambda dz, shape: (np.ones(shape), dz),
    )
    yield SHARES.expects(
        "nothing to distribute",
        "zero leaves zero everywhere",
        lambda rng: (0.0, (2, 3)),
        a=lambda dz, shape: np.zeros(shape),
    )


# --------------------------------------------------------------------------------------- pool_backward


def gradient(
    rng: np.random.Generator, image: Shape, f: int, s: int, mode: str, values: str = ""
) -> Arguments:
    """The arguments of pool_backward: a dA that fits, and a cache as the reference leaves it."""
    A_prev = distinct(rng, *image, values=values.removesuffix("tiny"))
    if values.endswith("tiny"):
        A_prev = A_prev * 2.0**-9
    m, n_H_prev, n_W_prev, n_C = image
    n_H, n_W = (n_H_prev - f) // s + 1, (n_W_prev - f) // s + 1
    return dyadic(rng, m, n_H, n_W, n_C), (A_prev, settings(f, s)), mode


def more_gradients(rng: np.random.Generator, s: int, mode: str, values: str) -> Iterator[Arguments]:
    """Further calls of some cases: large windows far apart, windows of one pixel, large gradients."""
    if s == 3 and not values:
        yield from (gradient(rng, image, f, s, mode) for image, f, s in SIZES)
        yield gradient(rng, (2, 4, 5, 2), 1, 2, mode)
        dA, cache, _ = gradient(rng, (2, 4, 4, 2), 2, 2, mode)
        yield LARGE * dA, cache, mode


def pool_backward_cases() -> Iterator[CasePlan]:
    """dA (m, n_H, n_W, n_C), cache (A_prev, hparameters), mode."""
    yield public(
        "one 3x4 image, 2x2 windows one pixel apart",
        lambda rng: (
            np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).reshape(1, 2, 3, 1),
            (
                np.array([[1.0, 5.0, 2.0, -3.0], [4.0, 0.0, -1.0, 6.0], [-2.0, 3.0, 7.0, -4.0]]).reshape(
                    1, 3, 4, 1
                ),
                {"f": 2, "stride": 1},
            ),
            "max",
        ),
        "examples",
        meaning="sends every entry of dA to the pixel that won its window",
    )
    yield public(
        "two 5x4 images, two channels, 2x2 windows two pixels apart, average",
        lambda rng: gradient(rng, (2, 5, 4, 2), 2, 2, "average"),
        "examples",
        meaning="shares every entry of dA among the pixels of its window",
    )
    for name, image, f, s, mode, values in (
        ("max: windows that overlap, tall", (2, 5, 4, 2), 3, 1, "max", ""),
        ("max: numbers that nearly tie, negative", (3, 4, 6, 2), 2, 1, "max", "negativetiny"),
        ("max: integers, sizes that the stride does not divide", (2, 6, 8, 3), 3, 2, "max", "integer"),
        ("max: gaps between windows", (2, 6, 7, 2), 2, 3, "max", ""),
        ("max: windows side by side", (2, 4, 7, 3), 2, 2, "max", ""),
        ("average: sizes that the stride does not divide", (2, 8, 6, 2), 3, 2, "average", ""),
        ("average: gaps between windows", (2, 5, 7, 3), 2, 3, "average", ""),
        ("average: windows that overlap, integers", (3, 4, 5, 2), 2, 1, "average", "integer"),
        ("average: windows side by side, tall", (2, 7, 4, 3), 2, 2, "average", ""),
        ("average: one image, one channel, one row of windows", (1, 4, 6, 1), 4, 1, "average", ""),
    ):
        yield hidden(
            name,
            lambda rng, image=image, f=f, s=s, mode=mode, v=values: [
                gradient(rng, image, f, s, mode, v),
                *more_gradients(rng, s, mode, v),
            ],
            mode,
        )
    for mode in ("max", "average"):
        yield hidden(
            f"{ARGUMENTS}, {mode}",
            lambda rng, mode=mode: other_settings_first(rng, gradient(rng, (2, 5, 7, 2), 3, 2, mode)),
            "arguments",
            unchanged=True,
        )
    yield hidden(
        BOTH_WAYS,
        lambda rng: both_ways(gradient(rng, (2, 5, 7, 2), 3, 2, "max")),
        "arguments",
        unchanged=True,
    )
    yield from backward_properties()


def pooled(A_prev: Array, hparameters: dict[str, int], mode: str) -> Array:
    """The properties' own pooling."""
    summary: Callable[..., Array] = np.max if mode == "max" else np.mean
    return summary(windows(A_prev, hparameters), axis=-1)


def backward_properties() -> Iterator[CasePlan]:
    """What must hold for every gradient of a pooling layer."""
    for mode in ("max", "average"):

        def build(rng: np.random.Generator, mode: str = mode) -> Arguments:
            return gradient(rng, (2, 5, 6, 2), 3, 2, mode)

        yield BACKWARD.balanced(
            f"nothing is lost, {mode}",
            "whatever comes in is handed on in full: dA_prev adds up to what dA adds up to",
            build,
            dA_prev=lambda dA, cache, mode: (np.ones(cache[0].shape), float(dA.sum())),
        )
        yield BACKWARD.balanced(
            f"twice the image gives twice the output, {mode}",
            "pooling grows with its input, so <A_prev, dA_prev> equals <A, dA>",
            build,
            dA_prev=lambda dA, cache, mode: (cache[0], float(np.sum(pooled(*cache, mode) * dA))),
        )

        def small(rng: np.random.Generator, mode: str = mode) -> Arguments:
            return gradient(rng, (1, 3, 4, 1), 2, 1, mode)

        # A step below half the smallest gap leaves every winner in its place.
        yield BACKWARD.expects(
            f"central differences, {mode}",
            "a gradient says by how much the sum of A * dA changes when one pixel changes a little",
            small,
            dA_prev=lambda dA, cache, mode: central_difference(
                lambda A_prev: float(np.sum(pooled(A_prev, cache[1], mode) * dA)), cache[0], h=1 / 16
            ),
        )
