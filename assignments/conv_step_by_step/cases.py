"""The cases of "Convolution, step by step": each shape is chosen so that one slip cannot hide in it.

Values are dyadic rationals k/4 with 0 < |k| <= 31: every sum is exact in float64 and float32, so a
right answer is exact whatever the order of summation, and non-integers reveal integer buffers.
Images differ, n_H != n_W, stride != pad != f somewhere, f even and odd, (n - f + 2p) % s != 0
somewhere, and one case has f == n_C_prev == n_C, so that a matrix product or a wrong axis returns
numbers instead of raising. No kernel has a symmetry, and no hidden case has square images alone. A
case with several calls is right where all of them are: conditions that let most faults through (f = 1,
one image, one filter, pad = 0) earn nothing by themselves that way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.draws import HUGE, LARGE, TINY, again, as_asked, dyadic, fine, with_settings
from grader.model import Arguments, Output
from grader.pack import CasePlan, hidden, public
from grader.properties import Every, Properties, Same, Take, central_difference

VISIBLE = "the shapes of a visible example with other values, and another shape"
ARGUMENTS = "the same call, before and after another one"
SMALL = "very small and very large numbers, some of them zero"
LEAVES_REST = "strides that leave rows and columns over"
ONE = "one image and one filter, several of both"
SIZES = "filters of one pixel, filters larger than the image"
BARE = "no padding: fewer filters than channels, uneven strides, a single window"
Array = np.ndarray[Any, Any]


def bias(rng: np.random.Generator, n_C: int) -> Array:
    """A bias (1, 1, 1, n_C) whose entries differ from each other, and none of which is a whole number."""
    values = rng.permutation(np.arange(-31, 32, 2))[:n_C]
    return (values / 4.0).reshape(1, 1, 1, n_C)


def layer(
    rng: np.random.Generator,
    image: tuple[int, int, int, int],
    f: int,
    n_C: int,
    s: int,
    p: int,
    asked: str = "",
) -> Arguments:
    """The arguments of conv_forward for A_prev of shape ``image`` (m, n_H_prev, n_W_prev, n_C_prev).

    ``asked`` says what is unusual about one of them: "integer A_prev".
    """
    A_prev = as_asked(dyadic(rng, *image), "A_prev", asked)
    W = as_asked(dyadic(rng, f, f, image[3], n_C), "W", asked)
    return A_prev, W, bias(rng, n_C), settings(s, p)


def settings(s: int, p: int) -> dict[str, int]:
    """The hyper-parameters. Both orders occur: stride and pad are to be looked up by name."""
    return {"pad": p, "stride": s} if p > s else {"stride": s, "pad": p}


def other_settings_first(rng: np.random.Generator, call: Arguments) -> list[Arguments]:
    """``again`` for 4x5 images, 3x3 filters, stride 2 and pad 1; before it, the same arrays with the stride
    and the pad that give as many outputs: 2x3."""
    return [with_settings(call, settings(3, 2)), *again(rng, call)]


def fine_layer(rng: np.random.Generator, of_A: int = 12, of_W: int = 5) -> Arguments:
    """A layer of small numbers of so many bits, some of them zero; half precision holds eleven."""
    A_prev, W = fine(rng, 3, 4, 5, 2, bits=of_A), fine(rng, 2, 2, 2, 3, bits=of_W)
    return A_prev, W, bias(rng, 3) / 256, settings(1, 1)


def large_layer(rng: np.random.Generator) -> Arguments:
    """A layer of large numbers; its images and what comes out are square, for once."""
    A_prev, W, b, hparameters = layer(rng, (2, 4, 4, 2), 2, 3, 1, 1)
    return LARGE * A_prev, W, b, hparameters


def small_and_large_layers(rng: np.random.Generator) -> list[Arguments]:
    """Small numbers with many digits in the images, then in the filters; large numbers."""
    return [fine_layer(rng), fine_layer(rng, 5, 12), large_layer(rng)]


def gradient(
    rng: np.random.Generator,
    image: tuple[int, int, int, int],
    f: int,
    n_C: int,
    s: int,
    p: int,
    asked: str = "",
) -> Arguments:
    """The arguments of conv_backward: a dZ that fits, and a cache as the reference leaves it."""
    cache = layer(rng, image, f, n_C, s, p, asked)
    m, n_H_prev, n_W_prev, _ = image
    n_H = (n_H_prev - f + 2 * p) // s + 1
    n_W = (n_W_prev - f + 2 * p) // s + 1
    dZ = dyadic(rng, m, n_H, n_W, n_C)
    while _hides_a_part(dZ):
        dZ = dyadic(rng, m, n_H, n_W, n_C)
    return dZ, cache


def _hides_a_part(dZ: Array) -> bool:
    """Whether leaving something out of the sum over a channel would go unseen: the rest adds up to zero."""
    whole = dZ.sum(axis=(0, 1, 2))
    parts = [dZ[-1:, -1:, -1:], dZ[-1:], dZ[:, -1:], dZ[:, :, -1:]]
    rests = [whole - part.sum(axis=(0, 1, 2)) for part in parts if part.size < dZ.size]
    return any(not total.all() for total in (whole, *rests))


def fine_gradient(rng: np.random.Generator, of_cache: int = 12, of_dZ: int = 5) -> Arguments:
    """The same for a layer of small numbers: 4x5 images, pad = 1 and f = 2 give 5x6 outputs."""
    cache = fine_layer(rng, of_cache, of_cache)
    return fine(rng, 3, 5, 6, 3, bits=of_dZ), cache


def large_gradient(rng: np.random.Generator) -> Arguments:
    """The same for a layer of large numbers and square images."""
    dZ, (A_prev, W, b, hparameters) = gradient(rng, (2, 4, 4, 2), 2, 3, 1, 1)
    return LARGE * dZ, (A_prev, W, b, hparameters)


def small_and_large_gradients(rng: np.random.Generator) -> list[Arguments]:
    """Small numbers with many digits in the cache, then in dZ; large numbers."""
    return [fine_gradient(rng), fine_gradient(rng, 5, 12), large_gradient(rng)]


#: The shape of a visible example, then another one: a table of what is known earns nothing.
SEEN = (((2, 6, 3, 2), 3, 2, 2, 1), ((3, 5, 4, 2), 3, 2, 1, 2))
#: With the rest on either axis: n_H and n_W rounded up or the pads divided apart differ, and so many rows
#: and columns that no window reaches that a gradient without them is too small.
REST = (((2, 7, 8, 2), 2, 3, 4, 1), ((2, 8, 7, 2), 2, 3, 4, 1))
#: 1x1 filters and a border wider than the filter; filters larger than the image, more of everything; an image
#: of one row; one of one column and one channel, with several filters and a stride larger than the image.
EXTREME = (
    ((2, 5, 4, 3), 1, 2, 3, 4),
    ((4, 3, 5, 4), 5, 5, 2, 2),
    ((2, 1, 4, 2), 3, 2, 1, 1),
    ((2, 3, 1, 1), 4, 3, 4, 3),
)
#: A single image and a single filter, then more of both. (Gradients for pad = 0 have a group of their own.)
ONES = (((1, 3, 6, 2), 3, 1, 2, 1), ((3, 4, 3, 2), 2, 2, 1, 1))
#: The same without a border: one column of windows; a stride larger than the filter, which leaves a column
#: over; a single window.
NO_BORDER = (((2, 5, 3, 4), 3, 2, 1, 0), ((2, 5, 6, 2), 2, 3, 3, 0), ((2, 3, 3, 2), 3, 3, 1, 0))
#: A column left over; more images than rows; one window on the whole of one image, and one filter.
UNPADDED = (((3, 6, 5, 2), 2, 3, 2, 0), ((4, 4, 3, 2), 2, 3, 1, 0), ((1, 3, 3, 2), 3, 1, 1, 0))


# --------------------------------------------------------------------------------------- zero_pad


def other_pad_first(rng: np.random.Generator, call: Arguments) -> list[Arguments]:
    """``again``; before it, the same images and a pad that no slip makes of theirs."""
    return [(call[0], call[1] + 3), *again(rng, call)]


def zero_pad_cases() -> Iterator[CasePlan]:
    """X (m, n_H, n_W, n_C), pad."""
    yield public(
        "one 2x3 image, pad 1",
        lambda rng: (np.arange(1.0, 7.0).reshape(1, 2, 3, 1), 1),
        "examples",
        meaning="pads a 2x3 image by one pixel on each side",
    )
    yield public(
        "two images with two channels, pad 2",
        lambda rng: (np.arange(1.0, 25.0).reshape(2, 2, 3, 2), 2),
        "examples",
        meaning="pads every image and every channel of a batch",
    )
    yield hidden(
        VISIBLE, lambda rng: [(dyadic(rng, 2, 2, 3, 2), 2), (dyadic(rng, 3, 4, 3, 1), 2)], "values"
    )
    yield hidden(
        "pad 3, three channels",
        lambda rng: (dyadic(rng, 2, 2, 3, 3), 3),
        "values",
    )
    yield hidden("pad 1, three images, tall", lambda rng: (dyadic(rng, 3, 4, 2, 2), 1), "values")
    yield hidden("pad 2, integers", lambda rng: (HUGE * dyadic(rng, 2, 3, 5, 1, integer=True), 2), "values")
    yield hidden("pad 5, two pixels", lambda rng: (dyadic(rng, 2, 1, 2, 4), 5), "values")
    yield hidden(
        SMALL,
        lambda rng: [(fine(rng, 4, 3, 2, 5, bits=12), 4), (LARGE * dyadic(rng, 2, 6, 6, 2), 1)],
        "values",
    )
    yield hidden(
        "pad 0, and pad 1 after it",
        lambda rng: [(dyadic(rng, 2, 3, 4, 2), 0), (dyadic(rng, 3, 4, 2, 1), 1)],
        "no_padding",
    )
    yield hidden(
        ARGUMENTS,
        lambda rng: other_pad_first(rng, (dyadic(rng, 2, 3, 2, 2), 2)),
        "arguments",
        unchanged=True,
    )


# --------------------------------------------------------------------------------------- conv_single_step


def window(rng: np.random.Generator, f: int, n_C_prev: int, asked: str = "") -> Arguments:
    """The arguments of conv_single_step; the answer is neither whole nor a half: no guess meets it."""
    while True:
        a, W = (as_asked(dyadic(rng, f, f, n_C_prev), name, asked) for name in ("a", "W"))
        b = bias(rng, 1)[0]
        if (2 * (np.sum(a * W) + b.item())) % 1:
            return a, W, b


def extreme_windows(rng: np.random.Generator) -> list[Arguments]:
    """Small numbers, large ones, nothing but zeros in either, and no bias to next to nothing."""
    a, W, b = window(rng, 3, 2)
    return [
        (fine(rng, 3, 3, 2, bits=12), fine(rng, 3, 3, 2), b / LARGE),
        (fine(rng, 3, 3, 2), fine(rng, 3, 3, 2, bits=12), b / LARGE),
        (LARGE * a, W, b),
        (np.zeros((3, 3, 2)), W, b),
        (a, np.zeros((3, 3, 2)), b),
        (TINY * a, W, np.zeros((1, 1, 1))),
    ]


def integer_windows(rng: np.random.Generator) -> list[Arguments]:
    """Integers and a filter of fractions; integers and a filter of integers, with large products."""
    a, W, b = window(rng, 2, 3, "integer a, integer W")
    return [window(rng, 2, 2, "integer a"), (HUGE * a, W, b)]


def conv_single_step_cases() -> Iterator[CasePlan]:
    """a_slice_prev (f, f, n_C_prev), W (f, f, n_C_prev), b (1, 1, 1)."""
    yield public(
        "a 2x2 window of one channel",
        lambda rng: (
            np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(2, 2, 1),
            np.array([[1.0, 0.0], [-1.0, 2.0]]).reshape(2, 2, 1),
            np.array([[[0.5]]]),
        ),
        "examples",
        meaning="multiplies a window with a filter, adds the products up, adds the bias once",
    )
    yield public(
        "a 2x2 window of two channels",
        lambda rng: (
            np.arange(1.0, 9.0).reshape(2, 2, 2),
            np.array([1.0, -1.0, 2.0, 0.5, 0.0, 3.0, -2.0, 1.0]).reshape(2, 2, 2),
            np.array([[[-1.5]]]),
        ),
        "examples",
        meaning="adds up the products of all channels",
    )
    yield hidden(VISIBLE, lambda rng: [window(rng, 2, 2), window(rng, 3, 1)], "values")
    yield hidden("f 3, three channels", lambda rng: window(rng, 3, 3), "values")
    yield hidden("f 3, two channels", lambda rng: window(rng, 3, 2), "values")
    yield hidden("f 2, four channels", lambda rng: window(rng, 2, 4), "values")
    yield hidden("f 4, one channel", lambda rng: window(rng, 4, 1, "integer W"), "values")
    yield hidden("f 2, integer windows", integer_windows, "values")
    yield hidden("f 1 and f 5", lambda rng: [window(rng, 1, 3), window(rng, 5, 2)], "values")
    yield hidden(SMALL, extreme_windows, "values")
    yield hidden(ARGUMENTS, lambda rng: again(rng, window(rng, 3, 3)), "arguments", unchanged=True)
    yield STEP.expects(
        "zero window gives b",
        "a window of zeros gives the bias",
        lambda rng: (np.zeros((3, 3, 2)), dyadic(rng, 3, 3, 2), bias(rng, 1)[0]),
        Z=lambda a, W, b: b.item(),
    )
    yield STEP.expects(
        "delta kernel",
        "a filter with a single 1 gives the pixel that stands under the 1",
        lambda rng: (dyadic(rng, 3, 3, 2), np.eye(18)[10].reshape(3, 3, 2), np.zeros((1, 1, 1))),
        Z=lambda a, W, b: a.ravel()[10],
    )
    yield STEP.expects(
        "flatten and dot",
        "the result is np.dot of the two unrolled arrays, plus b",
        lambda rng: window(rng, 3, 3),
        Z=lambda a, W, b: np.dot(a.ravel(), W.ravel()) + b.item(),
    )


# --------------------------------------------------------------------------------------- properties

STEP = Properties((Output("Z", "scalar"),))
FORWARD = Properties((Output("Z"), Output("cache", "record")))
BACKWARD = Properties((Output("dA_prev"), Output("dW"), Output("db")))


def slide(A_prev: Array, W: Array, s: int, p: int) -> Array:
    """The linear map under the layer, as a sum over kernel offsets; the properties' own arithmetic."""
    f, n_C = W.shape[0], W.shape[3]
    P = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    n_H, n_W = (P.shape[1] - f) // s + 1, (P.shape[2] - f) // s + 1
    Z = np.zeros((A_prev.shape[0], n_H, n_W, n_C))
    for i in range(f):
        for j in range(f):
            Z += P[:, i : i + s * n_H : s, j : j + s * n_W : s][:, :n_H, :n_W] @ W[i, j]
    return Z


def delta(rng: np.random.Generator) -> Arguments:
    """A layer whose filter c picks the pixel (c, 1 - c) of channel c and nothing else."""
    W = np.zeros((2, 2, 2, 2))
    W[0, 1, 0, 0] = W[1, 0, 1, 1] = 1.0
    return dyadic(rng, 2, 4, 3, 2), W, np.zeros((1, 1, 1, 2)), {"stride": 1, "pad": 0}


def impulse(rng: np.random.Generator) -> Arguments:
    """An image with a single 1 in channel 1, away from the border."""
    A_prev = np.zeros((1, 5, 4, 2))
    A_prev[0, 2, 1, 1] = 1.0
    return A_prev, dyadic(rng, 2, 2, 2, 3), np.zeros((1, 1, 1, 3)), {"stride": 1, "pad": 0}


def impulse_answer(A_prev: Array, W: Array, b: Array, hparameters: dict[str, int]) -> Array:
    """Every weight of channel 1 once, where its window meets the single 1: turned around."""
    Z = np.zeros((1, 4, 3, 3))
    Z[0, 1:3, 0:2] = W[::-1, ::-1, 1]
    return Z


def whole(rng: np.random.Generator) -> Arguments:
    """Images exactly as large as the filter: one window each."""
    return layer(rng, (2, 3, 3, 2), 3, 3, 1, 0)


def forward_properties() -> Iterator[CasePlan]:
    """What must hold for every convolution layer."""
    yield FORWARD.expects(
        "delta kernel",
        "a kernel with a single 1 copies the pixel that stands under the 1",
        delta,
        Z=lambda A, W, b, h: np.stack([A[:, :-1, 1:, 0], A[:, 1:, :-1, 1]], axis=3),
    )
    yield FORWARD.expects(
        "impulse input",
        "an image with a single 1 shows each weight once, at the window that puts it on the 1",
        impulse,
        Z=impulse_answer,
    )
    yield FORWARD.expects(
        "flatten and dot",
        "one window as large as the image is np.dot of the two unrolled arrays, plus b",
        whole,
        Z=lambda A, W, b, h: np.stack(
            [[[[np.dot(a.ravel(), W[..., c].ravel()) + b[0, 0, 0, c] for c in range(3)]]] for a in A]
        ),
    )
    yield FORWARD.expects(
        "zero input gives b",
        "an image of zeros gives the bias of each filter, everywhere",
        lambda rng: (np.zeros((2, 3, 4, 2)), dyadic(rng, 2, 2, 2, 3), bias(rng, 3), {"stride": 1, "pad": 1}),
        Z=lambda A, W, b, h: np.broadcast_to(b, (2, 4, 5, 3)),
    )
    yield FORWARD.related(
        "images are independent",
        "what comes out for one image does not depend on the others",
        lambda rng: layer(rng, (3, 3, 4, 2), 2, 2, 1, 1),
        lambda A, W, b, h: (A[1:2], W, b, h),
        Z=Take(0, (1,)),
    )
    yield FORWARD.related(
        "filters are independent",
        "filters in another order give the channels of Z in that order",
        lambda rng: layer(rng, (2, 3, 4, 2), 2, 3, 1, 1),
        lambda A, W, b, h: (A, W[..., [2, 0, 1]], b[..., [2, 0, 1]], h),
        Z=Take(3, (2, 0, 1)),
    )
    yield FORWARD.related(
        "stride skips positions",
        "stride 2 gives every second position of stride 1",
        lambda rng: layer(rng, (2, 5, 6, 2), 2, 2, 1, 1),
        lambda A, W, b, h: (A, W, b, {"stride": 2, "pad": 1}),
        Z=Every((1, 2), 2),
    )
    yield FORWARD.related(
        "pad is a border of zeros",
        "pad = 2 gives what pad = 0 gives on an image with two rows of zeros around it",
        lambda rng: layer(rng, (2, 3, 4, 2), 3, 2, 2, 2),
        lambda A, W, b, h: (np.pad(A, ((0, 0), (2, 2), (2, 2), (0, 0))), W, b, {"stride": 2, "pad": 0}),
        Z=Same(),
    )


def backward_properties() -> Iterator[CasePlan]:
    """What must hold for every gradient of a convolution layer."""

    def build(rng: np.random.Generator) -> Arguments:
        return gradient(rng, (2, 4, 5, 2), 2, 3, 2, 1)

    def probe(seed: int, shape: tuple[int, ...]) -> Array:
        return dyadic(np.random.default_rng(seed), *shape)

    def with_dA(dZ: Array, cache: Any) -> tuple[Array, float]:
        X = probe(1, cache[0].shape)
        return X, float(np.sum(slide(X, cache[1], cache[3]["stride"], cache[3]["pad"]) * dZ))

    def with_dW(dZ: Array, cache: Any) -> tuple[Array, float]:
        V = probe(2, cache[1].shape)
        return V, float(np.sum(slide(cache[0], V, cache[3]["stride"], cache[3]["pad"]) * dZ))

    yield BACKWARD.balanced(
        "dA_prev foretells the change",
        "adding any X to A_prev changes the sum of Z * dZ by the sum of X * dA_prev",
        build,
        dA_prev=with_dA,
    )
    yield BACKWARD.balanced(
        "dW foretells the change",
        "adding any V to W changes the sum of Z * dZ by the sum of V * dW",
        build,
        dW=with_dW,
    )
    yield BACKWARD.expects(
        "db is a sum",
        "the bias of a filter is added at every position, so its gradient is the sum of that channel",
        build,
        db=lambda dZ, cache: dZ.sum(axis=(0, 1, 2)).reshape(1, 1, 1, -1),
    )

    def small(rng: np.random.Generator) -> Arguments:
        return gradient(rng, (1, 3, 4, 1), 2, 1, 1, 1)

    def loss(dZ: Array, cache: Any, A_prev: Array, W: Array) -> float:
        return float(np.sum(slide(A_prev, W, cache[3]["stride"], cache[3]["pad"]) * dZ))

    yield BACKWARD.expects(
        "central differences",
        "a gradient says by how much the sum of Z * dZ changes when one entry changes by 1",
        small,
        dA_prev=lambda dZ, cache: central_difference(lambda A: loss(dZ, cache, A, cache[1]), cache[0]),
        dW=lambda dZ, cache: central_difference(lambda W: loss(dZ, cache, cache[0], W), cache[1]),
    )


# --------------------------------------------------------------------------------------- conv_forward


def conv_forward_cases() -> Iterator[CasePlan]:
    """A_prev (m, n_H_prev, n_W_prev, n_C_prev), W (f, f, n_C_prev, n_C), b (1, 1, 1, n_C), hparameters."""
    yield public(
        "one 3x4 image, one 2x2 filter",
        lambda rng: (
            np.arange(1.0, 13.0).reshape(1, 3, 4, 1),
            np.array([[1.0, 2.0], [0.0, -1.0]]).reshape(2, 2, 1, 1),
            np.array([[[[0.5]]]]),
            {"stride": 1, "pad": 0},
        ),
        "examples",
        outputs=("Z",),
        meaning="slides one filter over a 3x4 image",
    )
    yield public(
        "two 6x3 images, two channels, two filters, stride 2, pad 1",
        lambda rng: layer(rng, (2, 6, 3, 2), 3, 2, 2, 1),
        "examples",
        outputs=("Z",),
        meaning="uses stride, pad, every channel and every filter",
    )
    for name, image, f, n_C, s, p, asked in (
        ("stride larger than the filter, sizes that do not divide", (2, 5, 6, 3), 2, 4, 3, 1, ""),
        ("stride 1, pad 2 = f", (2, 3, 2, 2), 2, 3, 1, 2, ""),
        ("f = channels = filters, pad 3", (2, 6, 7, 3), 3, 3, 2, 3, "integer W"),
        ("integer image, wide", (2, 5, 7, 2), 3, 4, 2, 1, "integer A_prev"),
    ):
        yield hidden(
            name,
            lambda rng, image=image, f=f, n_C=n_C, s=s, p=p, a=asked: layer(rng, image, f, n_C, s, p, a),
            "values",
            outputs=("Z",),
        )
    for name, layers in (
        (VISIBLE, SEEN),
        (LEAVES_REST, REST),
        (SIZES, EXTREME),
        (ONE, ONES),
        (BARE, NO_BORDER),
    ):
        yield hidden(name, lambda rng, ls=layers: [layer(rng, *one) for one in ls], "values", outputs=("Z",))
    yield hidden(SMALL, small_and_large_layers, "values", outputs=("Z",))
    yield public(
        "what the cache holds",
        lambda rng: layer(rng, (2, 3, 4, 2), 2, 3, 1, 1),
        "cache",
        outputs=("cache",),
        meaning="the cache starts with A_prev, W, b and hparameters, as they came in",
    )
    yield hidden(
        "what the cache of another layer holds",
        lambda rng: [layer(rng, (2, 4, 3, 3), 2, 2, 3, 2), layer(rng, (1, 3, 4, 2), 2, 1, 1, 0)],
        "cache",
        outputs=("Z", "cache"),  # handing the arguments on is not half of a layer
    )
    yield hidden(
        ARGUMENTS,
        lambda rng: other_settings_first(rng, layer(rng, (2, 4, 5, 2), 3, 3, 2, 1)),
        "arguments",
        outputs=("Z",),
        unchanged=True,
    )
    yield from forward_properties()


# --------------------------------------------------------------------------------------- conv_backward


def conv_backward_cases() -> Iterator[CasePlan]:
    """dZ (m, n_H, n_W, n_C), cache (A_prev, W, b, hparameters)."""
    yield public(
        "one 2x3 image, one 2x2 filter, pad 1",
        lambda rng: (
            np.arange(1.0, 13.0).reshape(1, 3, 4, 1),
            (
                np.arange(1.0, 7.0).reshape(1, 2, 3, 1),
                np.array([[1.0, 2.0], [0.0, -1.0]]).reshape(2, 2, 1, 1),
                np.array([[[[0.5]]]]),
                {"stride": 1, "pad": 1},
            ),
        ),
        "examples",
        meaning="sends every entry of dZ back through the window it came from",
    )
    yield public(
        "two 6x3 images, two channels, two filters, stride 2, pad 1",
        lambda rng: gradient(rng, (2, 6, 3, 2), 3, 2, 2, 1),
        "examples",
        meaning="uses stride, pad, every channel, every filter and every image",
    )
    for name, image, f, n_C, s, p, asked in (
        ("stride 3, pad 2, wide", (2, 4, 7, 2), 3, 4, 3, 2, ""),
        ("stride larger than the filter, tall", (2, 8, 4, 3), 2, 3, 3, 2, ""),
        ("stride 1, overlapping windows", (2, 3, 4, 3), 2, 4, 1, 1, ""),
        ("integer image, stride 2", (2, 5, 7, 2), 3, 4, 2, 1, "integer A_prev"),
        ("f = channels = filters, pad 1", (2, 4, 5, 3), 3, 3, 1, 1, ""),
        ("three images, stride 2, pad 3", (3, 6, 5, 2), 2, 3, 2, 3, ""),
    ):
        yield hidden(
            name,
            lambda rng, image=image, f=f, n_C=n_C, s=s, p=p, a=asked: gradient(rng, image, f, n_C, s, p, a),
            "values",
        )
    for name, layers in ((VISIBLE, SEEN), (LEAVES_REST, REST), (SIZES, EXTREME), (ONE, ONES)):
        yield hidden(name, lambda rng, ls=layers: [gradient(rng, *one) for one in ls], "values")
    yield hidden(SMALL, small_and_large_gradients, "values")
    yield hidden(
        "pad 0",
        lambda rng: [gradient(rng, *one) for one in UNPADDED],
        "no_padding",
    )
    yield hidden(
        ARGUMENTS,
        lambda rng: other_settings_first(rng, gradient(rng, (2, 4, 5, 2), 3, 3, 2, 1)),
        "arguments",
        unchanged=True,
    )
    yield from backward_properties()
