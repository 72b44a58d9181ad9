"""Static findings: what each one is found in, and the look-alikes in right code that it must not touch."""

from __future__ import annotations

import json

import pytest

from grader.extract import extract
from grader.findings import find
from grader.model import Level, Note, Place
from grader.notebook import parse_submission

WANTED = ("zero_pad", "conv_single_step", "conv_forward", "conv_backward")
PAD = "def zero_pad(X, pad):\n    return np.pad(X, pad)"
HEAD = "def conv_forward(A_prev, W, b, hparameters):\n"
#: A right conv_forward in the words of the course; every look-alike below is a change of it.
RIGHT = (
    HEAD
    + '''    """Convolution.

    hparameters -- python dictionary containing "stride" and "pad"
    """
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    n_H = int((n_H_prev - f + 2 * pad) / stride) + 1
    n_W = int((n_W_prev - f + 2 * pad) / stride) + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    a = A_prev_pad[i, h * stride:h * stride + f, w * stride:w * stride + f, :]
                    Z[i, h, w, c] = np.sum(a * W[..., c]) + b[0, 0, 0, c]
    cache = (A_prev, W, b, hparameters)
    return Z, cache
'''
)


def found(function: str, *others: str) -> tuple[Note, ...]:
    cells = ["import numpy as np", PAD, *others, function]
    raw = json.dumps({"cells": [{"cell_type": "code", "source": c} for c in cells], "nbformat": 4}).encode()
    submission = parse_submission("hand-in.ipynb", raw)
    return find(submission, extract(submission, WANTED), WANTED)


def messages(function: str, *others: str) -> list[str]:
    return [note.message for note in found(function, *others)]


def test_right_code_has_no_findings() -> None:
    assert found(RIGHT) == ()


def test_a_finding_names_function_cell_and_line() -> None:
    (note,) = found(
        RIGHT.replace("A_prev_pad = zero_pad(A_prev, pad)", "A_prev_pad = A_prev; zero_pad(A_prev, pad)")
    )
    assert note.function == "conv_forward"
    assert note.place == Place(3, 13)
    assert note.level is Level.WARNING
    assert note.message == "The result of `zero_pad(…)` is not used."


WRONG = [
    pytest.param(
        RIGHT.replace("    cache =", "        cache =").replace(
            "    return Z, cache", "        return Z, cache"
        ),
        ["`return` stands inside the loop over `i`, which therefore ends in its first round."],
        id="return indented once too often",
    ),
    pytest.param(
        HEAD
        + "    for h in W:\n        for w in A_prev:\n            Z = h * w + b\n"
        + "            return Z, hparameters",
        ["`return` stands inside the loop over `w`, which therefore ends in its first round."],
        id="return in the inner loop",
    ),
    pytest.param(
        RIGHT.replace("A_prev_pad = zero_pad(A_prev, pad)", "np.pad(A_prev, pad)\n    A_prev_pad = A_prev"),
        ["The result of `np.pad(…)` is not used."],
        id="np.pad alone",
    ),
    pytest.param(
        RIGHT.replace("    cache =", "    Z + b\n    cache ="),
        ["`Z + b` is worked out, but nothing takes the result."],
        id="a sum alone",
    ),
    pytest.param(
        RIGHT.replace("    cache =", "    Z == Z * 2\n    cache ="),
        ["`Z == Z * 2` is worked out, but nothing takes the result."],
        id="== for =",
    ),
    pytest.param(
        RIGHT.replace("    cache =", "    Z.reshape(-1)\n    Z.astype(float)\n    cache ="),
        ["The result of `Z.reshape(…)` is not used.", "The result of `Z.astype(…)` is not used."],
        id="methods alone",
    ),
    pytest.param(
        RIGHT.replace(" + b[0, 0, 0, c]", "").replace(
            "(A_prev, W, b, hparameters)\n    return", "(A_prev, W)\n    return"
        ),
        ["The parameter `b` is never used."],
        id="no bias",
    ),
    pytest.param(
        "def zero_pad(X, pad):\n    return np.pad(X, ((0, 0), (1, 1), (1, 1), (0, 0)))",
        ["The parameter `pad` is never used."],
        id="a fixed pad",
    ),
    pytest.param(
        "def zero_pad(X, pad):\n    pad = 2\n    return np.pad(X, pad)",
        ["The parameter `pad` is replaced by 2 before it is read."],
        id="a parameter replaced by a number",
    ),
    pytest.param(
        RIGHT.replace('stride = hparameters["stride"]', "stride = 1"),
        ['`stride` is set to 1 here; `hparameters["stride"]` is never read.'],
        id="a fixed stride",
    ),
    pytest.param(
        RIGHT.replace('stride = hparameters["stride"]', 'stride = hparameters["pad"]'),
        ['`hparameters["stride"]` is never read.'],
        id="a setting of the docstring that is never read",
    ),
    pytest.param(
        RIGHT.replace("n_C))", "n_C), dtype=int)"),
        ["`Z` is an array of integers: what is stored in it loses its decimals."],
        id="dtype=int",
    ),
    pytest.param(
        RIGHT.replace("np.zeros((m, n_H, n_W, n_C))", "np.zeros((m, n_H, n_W, n_C), np.int64)"),
        ["`Z` is an array of integers: what is stored in it loses its decimals."],
        id="an integer type by position",
    ),
    pytest.param(
        RIGHT.replace("np.zeros((m, n_H, n_W, n_C))", "np.full((m, n_H, n_W, n_C), 0, 'int32')"),
        ["`Z` is an array of integers: what is stored in it loses its decimals."],
        id="np.full of integers",
    ),
    pytest.param(
        RIGHT.replace("np.zeros((m, n_H, n_W, n_C))", "np.zeros((m, n_H, n_W, n_C)).astype(int)"),
        ["`Z` is an array of integers: what is stored in it loses its decimals."],
        id="astype(int)",
    ),
    pytest.param(
        RIGHT.replace(
            "    Z = np.zeros",
            "    S = np.zeros((m, n_H, n_W, n_C), int)\n    Z = np.zeros_like(S)  # np.zeros",
        ),
        ["`Z` is an array of integers: what is stored in it loses its decimals."],
        id="like an array of integers",
    ),
    pytest.param(
        RIGHT.replace("h * stride", "h").replace("w * stride", "w").replace("/ stride", "/ 1"),
        ["`stride` is set here, but never used afterwards."],
        id="a stride that is fetched and forgotten",
    ),
    pytest.param(
        RIGHT.replace("A_prev_pad[", "A_prev["),
        ["`A_prev_pad` is set here, but never used afterwards."],
        id="a padded image that is never used",
    ),
    pytest.param(
        RIGHT.replace("[i, h * stride", "[0, h * stride").replace("Z[i, h", "Z[0, h"),
        ["The loop variable `i` is never used inside its loop."],
        id="a loop variable that is never used",
    ),
]


@pytest.mark.parametrize(("function", "expected"), WRONG)
def test_a_mistake_that_shows_in_the_source_is_found(function: str, expected: list[str]) -> None:
    assert messages(function) == expected


#: Bodies of right functions; every one ends by using all four parameters.
LOOK_ALIKES = [
    pytest.param("for x in A_prev:\n    if x > 0:\n        return x", id="a search"),
    pytest.param(
        "for x in A_prev:\n    if x > 0:\n        continue\n    return x", id="a search with continue"
    ),
    pytest.param("while True:\n    return A_prev", id="a while loop"),
    pytest.param(
        "for x in W:\n    def g():\n        return x\n    A_prev[0] = g()", id="a return of an inner function"
    ),
    pytest.param("np.add(A_prev, W, out=b)", id="out="),
    pytest.param("np.multiply(A_prev, W, b)", id="out by position"),
    pytest.param("np.add.at(A_prev, W, b)", id="np.add.at"),
    pytest.param("np.copyto(A_prev, W)\nA_prev.sort()\nA_prev.fill(0)", id="changes in place"),
    pytest.param("L = []\nL.append(A_prev)\nS = {1}\nS.add(W)\nS.clear()", id="lists and sets"),
    pytest.param("print(A_prev.shape)\nA_prev.shape\nb\n'text'", id="debugging"),
    pytest.param("assert np.sum(A_prev) == 1", id="an assertion"),
    pytest.param("def g():\n    return A_prev\ng()", id="a parameter that an inner function reads"),
    pytest.param("hparameters = dict(hparameters)", id="a parameter that is rebound to itself"),
    pytest.param("if b is None:\n    b = 0", id="a default filled in"),
    pytest.param("x = b\nb = 0\nW = W * x", id="a parameter that is replaced after use"),
    pytest.param(
        "s, p = hparameters.values()\npad = hparameters['pad']\nW = W * s * p * pad",
        id="settings by values()",
    ),
    pytest.param("stride = hparameters.get('stride', 1)\nW = W * stride", id="settings by get"),
    pytest.param("i = np.zeros(3, dtype=int)\nW = W[i]", id="an array of indices"),
    pytest.param("n = np.floor(3.5).astype(int)\nW = W[n]", id="a size made an integer"),
    pytest.param("Z = np.zeros(3, dtype=float)\nZ[0] = 1\nW = Z", id="an array of floats"),
    pytest.param("Z = np.zeros_like(A_prev)\nZ[0] = 1\nW = Z", id="an array like the input"),
    pytest.param("(m, n, k, c) = A_prev.shape\nW = W * m", id="a shape taken apart, half of it used"),
    pytest.param("for _ in range(3):\n    A_prev[0] += 1", id="a loop over _"),
    pytest.param("for _i in range(3):\n    A_prev[0] += 1", id="a loop over _i"),
    pytest.param("for n in range(3):\n    print('x')", id="a loop that stores nothing"),
    pytest.param("stride = hparameters['stride']\nW = [stride for _ in W]", id="read in a comprehension"),
    pytest.param("best = hparameters['best']\nbest = b\nW = best", id="a name that is set again"),
]


@pytest.mark.parametrize("body", LOOK_ALIKES)
def test_look_alikes_in_right_code_are_left_alone(body: str) -> None:
    lines = [*body.split("\n"), "return A_prev, W, b, hparameters"]
    assert messages(HEAD + "\n".join(f"    {line}" for line in lines)) == []


def test_methods_and_functions_called_alone_may_have_an_effect() -> None:
    assert (
        messages(HEAD + "    helper(A_prev)\n    return W, b, hparameters", "def helper(a):\n    a[0] = 1")
        == []
    )


def test_blank_missing_and_broken_functions_have_no_findings() -> None:
    assert messages(HEAD + "    pass") == []
    assert messages(HEAD + "    return (A_prev") == []
    assert messages("x = 1") == []


def test_only_the_definition_that_counts_is_looked_at() -> None:
    first = "def conv_single_step(a, W, b):\n    return 1"
    assert messages("def conv_single_step(a, W, b):\n    return a * W + b", first) == []
    assert messages(first, "def conv_single_step(a, W, b):\n    return a * W + b") == [
        "The parameter `a` is never used.",
        "The parameter `W` is never used.",
        "The parameter `b` is never used.",
    ]
