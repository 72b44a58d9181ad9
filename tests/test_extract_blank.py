"""Blank or finished: a suspicion that may miss nothing unfinished and must not touch finished work."""

from __future__ import annotations

import json

import pytest

from grader.extract import extract
from grader.model import Definition, DefinitionState
from grader.notebook import parse_submission

HEAD = "def conv_forward(A_prev, W, b, hparameters):\n"


def definition(body: str, *others: str) -> Definition:
    cells = ["import numpy as np", *others, HEAD + body]
    raw = json.dumps({"cells": [{"cell_type": "code", "source": c} for c in cells], "nbformat": 4}).encode()
    functions = ("zero_pad", "conv_single_step", "conv_forward")
    return extract(parse_submission("hand-in.ipynb", raw), functions).definitions["conv_forward"]


BLANK = [
    pytest.param("    pass", id="pass"),
    pytest.param("    ...", id="..."),
    pytest.param('    """What it should do."""', id="only a docstring"),
    pytest.param('    """Doc."""\n    # YOUR CODE HERE\n    pass', id="docstring, comment and pass"),
    pytest.param("    raise NotImplementedError", id="NotImplementedError"),
    pytest.param(
        '    """Doc."""\n    # YOUR CODE HERE\n    raise NotImplementedError()', id="as nbgrader leaves it"
    ),
    pytest.param("    raise NotImplementedError('todo')", id="NotImplementedError with a message"),
    pytest.param("    return", id="return"),
    pytest.param("    return None", id="return None"),
    pytest.param("    'todo'\n    'really'", id="texts"),
    pytest.param("    Z = None\n    return Z", id="None returned by name"),
    pytest.param("    Z = ...\n    return Z", id="... returned by name"),
    pytest.param("    Z = None\n    cache = None\n    return Z, cache", id="two of them"),
    pytest.param("    s = None\n    Z = None\n    Z = None\n    return Z", id="None three times"),
    pytest.param("    (m, n_H, n_W, n_C) = None\n    return m", id="None taken apart"),
    pytest.param(
        "    Z = np.zeros(3)\n    for i in range(None):\n        Z[i] = 1\n    return Z", id="range(None)"
    ),
    pytest.param("    Z = np.zeros(3)\n    for i in None:\n        Z[i] = 1\n    return Z", id="in None"),
    pytest.param("    Z = np.zeros(3)\n    Z[0, 1] = None\n    return Z", id="None stored in an array"),
    pytest.param("    Z = np.zeros(3)\n    Z[0:2] = None\n    return Z", id="None stored in a slice"),
    pytest.param("    Z = np.zeros(3)\n    Z += None\n    return Z", id="+= None"),
    pytest.param("    pad = hparameters['pad']\n    Z = None\n    return Z + pad", id="half done"),
    pytest.param(
        "    f = W.shape[0]\n    n = None\n    Z = np.zeros((n, f))\n    return Z", id="a size left None"
    ),
    pytest.param(
        "    # Z = None\n    # YOUR CODE STARTS HERE\n    # YOUR CODE ENDS HERE\n"
        "    cache = (A_prev, W, b, hparameters)\n    return Z, cache",
        id="only comments, then the results of nobody",
    ),
    pytest.param("    assert(Z.shape == (1, 2))\n    return Z", id="a check of what was never made"),
    pytest.param(
        "    (m, n) = A_prev.shape\n    pad = hparameters['pad']\n    return Z, m", id="taken apart, not used"
    ),
    pytest.param("    print('here')\n    return Z", id="only a print"),
    pytest.param("    x = 1\n    raise NotImplementedError", id="begun and given up"),
]


@pytest.mark.parametrize("body", BLANK)
def test_unfinished_functions_look_blank(body: str) -> None:
    assert definition(body).state is DefinitionState.BLANK


FINISHED = [
    pytest.param("    return A_prev", id="one line"),
    pytest.param("    Z = None\n    Z = np.zeros(3)\n    return Z", id="None before the real value"),
    pytest.param(
        "    Z = None\n    for i in range(3):\n        Z = i\n    return Z", id="None before a loop"
    ),
    pytest.param(
        "    Z = None\n    if W is None:\n        Z = 1\n    else:\n        Z = 2\n    return Z",
        id="None before if",
    ),
    pytest.param(
        "    best = None\n    for a in A_prev:\n        if best is None or a > best:\n            best = a\n"
        "    return best",
        id="the best so far",
    ),
    pytest.param("    axis = None\n    return np.sum(A_prev, axis=axis)", id="None as an argument by name"),
    pytest.param("    return np.sum(A_prev, axis=None)", id="None in a call"),
    pytest.param(
        "    cache = {}\n    cache['Z'] = None\n    cache['Z'] = A_prev\n    return cache",
        id="None in a dictionary",
    ),
    pytest.param(
        "    if b is None:\n        return None\n    return A_prev + b", id="None returned in a special case"
    ),
    pytest.param("    unused = None\n    return A_prev", id="None that nobody reads"),
    pytest.param(
        "    Z = None\n    with np.errstate(all='ignore'):\n        Z = 1\n    return Z",
        id="None before with",
    ),
    pytest.param("    Z = None\n    Z, cache = A_prev, W\n    return Z", id="None before unpacking"),
    pytest.param("    Z = None\n    (Z := 3)\n    return Z", id="None before :="),
    pytest.param("    Z = None\n    import math as Z\n    return Z", id="None before import"),
    pytest.param("    A_prev = None\n    return A_prev", id="a parameter set to None"),
    pytest.param("    return A_prev[..., None] * W[..., 0]", id="None and ... as indices"),
    pytest.param("    return np.pad(A_prev, 1, 'constant', constant_values=(..., ...))", id="... in a call"),
    pytest.param(
        "    if W is None:\n        raise NotImplementedError\n    return A_prev",
        id="NotImplementedError in a case",
    ),
    pytest.param(
        "    return A_prev\n    raise NotImplementedError", id="NotImplementedError left below the return"
    ),
    pytest.param("    Zz = np.dot(A_prev, W)\n    return Z", id="a misspelt result of real work"),
    pytest.param(
        "    def step(x):\n        pass\n    return step(A_prev)", id="an inner function that does nothing"
    ),
    pytest.param("    return [x for x in A_prev]", id="a comprehension"),
    pytest.param("    while True:\n        return A_prev", id="a loop that returns"),
]


@pytest.mark.parametrize("body", FINISHED)
def test_finished_functions_do_not_look_blank(body: str) -> None:
    assert definition(body).state is DefinitionState.DEFINED


def test_returning_a_constant_of_the_module_is_not_blank() -> None:
    assert definition("    return LIMIT", "LIMIT = 3").state is DefinitionState.DEFINED


def test_a_blank_function_has_no_notes_about_the_names_it_never_made() -> None:
    cells = [HEAD + "    # YOUR CODE\n    return Z, cache", "Z, cache = conv_forward(1, 2, 3, {})"]
    raw = json.dumps({"cells": [{"cell_type": "code", "source": c} for c in cells], "nbformat": 4}).encode()
    extracted = extract(parse_submission("hand-in.ipynb", raw), ("conv_forward",))
    assert extracted.definitions["conv_forward"].state is DefinitionState.BLANK
    assert extracted.definitions["conv_forward"].undefined == ("Z", "cache")
    assert extracted.notes == ()
