"""What a self-check says: what holds, what does not, where, and one question; never that all is well."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from grader.checker.public import PublicChecks
from grader.checker.result import CheckResult
from grader.checker.run import run_checks
from grader.errors import UsageError
from grader.model import Limits
from grader.notebook import parse_submission
from grader.sandbox import Runner

from .conftest import SETTING

FORWARD = """
def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, f, n_C = A_prev.shape[0], W.shape[0], W.shape[3]
    n_H = (A_prev.shape[1] + 2 * pad - f) // stride + 1
    n_W = (A_prev.shape[2] + 2 * pad - f) // stride + 1
    P = zero_pad(A_prev, pad)
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                piece = P[i, h * stride : h * stride + f, w * stride : w * stride + f]
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(piece, W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)
"""


def checked(source: str, checks: PublicChecks, runner: Runner, *functions: str) -> CheckResult:
    return run_checks(parse_submission("hand_in.py", source.encode()), checks, runner, functions)


def with_forward(line: str, instead: str) -> str:
    assert line in FORWARD
    return SETTING + FORWARD.replace(line, instead)


# --------------------------------------------------------------------------- what went wrong

WRONG = [
    pytest.param(
        "def zero_pad(X, pad):\n    pass", "zero_pad", "still to be written", "", id="not written yet"
    ),
    pytest.param("x = 1", "zero_pad", "no function called zero_pad", "", id="not there"),
    pytest.param(
        "def zero_pad(X, pad):\n    return (X",
        "zero_pad",
        "'(' was never closed",
        "",
        id="not Python",
    ),
    pytest.param(
        "def zero_pad(X, pad):\n    return X",
        "zero_pad",
        "X_pad has shape (1, 2, 3, 1), expected (1, 4, 5, 1)",
        "Which line decides this shape",
        id="a wrong shape",
    ),
    pytest.param(
        "def zero_pad(X, pad):\n    return X + pads",
        "zero_pad",
        "NameError: name 'pads' is not defined (line 2) (1 more check in the same way)",
        "does it belong to another cell?",
        id="an exception, with its place",
    ),
    pytest.param(
        "def zero_pad(X, pad):\n    return X.tolist()",
        "zero_pad",
        "X_pad is a list of 1, expected a NumPy array",
        "What kind of thing",
        id="a list",
    ),
    pytest.param(
        with_forward("return Z, (A_prev, W, b, hparameters)", "return Z"),
        "conv_forward",
        "expected 2 values: (Z, cache)",
        "What does the docstring promise to return",
        id="an output is missing",
    ),
    pytest.param(
        with_forward("h * stride : h * stride + f", "h : h + f"),
        "conv_forward",
        "entries differ)",
        "Can you work out this one entry by hand",
        id="wrong values",
    ),
]


@pytest.mark.parametrize(("source", "function", "said", "question"), WRONG)
def test_it_says_what_it_saw_and_asks_one_question(
    source: str, function: str, said: str, question: str, checks: PublicChecks, runner: Runner
) -> None:
    result = checked(source, checks, runner, function)
    text = result.text()
    assert not result.holds
    assert said in text
    asked = [line for line in text.splitlines() if line.startswith("    ? ")]
    assert [line for line in asked if question in line] == asked
    assert len(asked) == bool(question)


def test_an_endless_loop_costs_its_limit_once(checks: PublicChecks, runner: Runner) -> None:
    quick = replace(checks, limits=Limits(seconds_per_case=0.3))
    result = checked("def zero_pad(X, pad):\n    while True: pass", quick, runner, "zero_pad")
    assert "stopped after" in result.text()
    assert "not run: an earlier case" in result.text()
    assert "Which loop does not come to its end?" in result.text()


def test_a_function_without_public_checks_is_a_question_that_cannot_be_answered(
    checks: PublicChecks, runner: Runner
) -> None:
    with pytest.raises(UsageError, match=r"no public checks for 'conv_sideways' \(there are: zero_pad,"):
        checked(SETTING, checks, runner, "conv_sideways")


# --------------------------------------------------------------------------- where


def test_it_shows_the_window_round_the_first_difference_and_what_goes_into_that_entry(
    checks: PublicChecks, runner: Runner
) -> None:
    source = with_forward("w * stride : w * stride + f", "w : w + f")
    text = checked(source, checks, runner, "conv_forward").text()
    assert "Z[0, 0, 1, 0] is" in text  # the first window is right, its neighbour is not
    shown = text.splitlines()
    start = next(k for k, line in enumerate(shown) if "round the first entry that differs" in line)
    assert shown[start].strip().startswith("Z[0, 0:3, 0:2, 0]")
    assert shown[start + 1].split() == ["yours", "expected"]
    first, second = shown[start + 2].split()[:2]
    assert not first.endswith("*")
    assert second.endswith("*")
    # Stride 2, pad 1: output column 1 starts at column 2 of the framed image, 1 of the image.
    assert "What goes into Z[0, 0, 1, 0]:" in text
    assert re.search(r"A_prev\[0, 0:2, 1:3, 0:2\] = \[\[\[", text)
    assert "b[0, 0, 0, 0] = " in text


def test_one_number_has_no_window_but_is_made_of_something(checks: PublicChecks, runner: Runner) -> None:
    source = SETTING.replace("+ b.item()", "- b.item()")
    text = checked(source, checks, runner, "conv_single_step").text()
    assert "What goes into Z:" in text
    assert "a_slice_prev[0:2, 0:2, 0] = [[1, 2], [3, 4]]" in text
    assert "round the first" not in text


def test_a_number_of_the_frame_is_made_of_nothing(checks: PublicChecks, runner: Runner) -> None:
    source = "import numpy as np\ndef zero_pad(X, pad):\n    p = (pad, pad)\n"
    source += "    return np.pad(X, ((0, 0), p, p, (0, 0)), constant_values=7)\n"
    text = checked(source, checks, runner, "zero_pad").text()
    assert "Nothing goes into X_pad[0, 0, 0, 0]: it is fixed." in text


def test_it_sends_to_the_helper_that_does_not_hold(checks: PublicChecks, runner: Runner) -> None:
    source = SETTING.replace("np.sum", "np.max")
    text = checked(source + FORWARD, checks, runner, "conv_forward").text()
    assert (
        "conv_single_step does not hold either, and conv_forward may build on it: look there first." in text
    )
    assert "✗ conv_single_step" not in text  # nobody asked for it


# --------------------------------------------------------------------------- what holds


def test_it_never_says_that_all_is_well(checks: PublicChecks, runner: Runner) -> None:
    result = checked(SETTING + FORWARD, checks, runner, "zero_pad", "conv_single_step", "conv_forward")
    assert result.holds
    assert result.summary == "18 of 18 public checks hold; hidden checks decide the grade"
    for text in (result.text(), result.text(verbose=True), result._repr_html_()):
        assert result.summary in text
        assert not re.search(r"\ball\b.*\b(pass|right|correct)|passed|congratulations", text, re.I)


def test_the_first_check_to_be_shown_is_an_example_not_a_property(
    checks: PublicChecks, runner: Runner
) -> None:
    result = checked(SETTING.replace("np.sum", "np.max"), checks, runner, "conv_single_step")
    properties = [bool(c.case.property_id) for c in result.functions[0].failed]
    assert properties == sorted(properties)
    assert properties[-1]


def test_verbose_lists_what_holds_too(checks: PublicChecks, runner: Runner) -> None:
    result = checked(SETTING, checks, runner, "zero_pad")
    assert "✓ one 2x3 image, pad 1" not in result.text()
    assert "✓ one 2x3 image, pad 1" in result.text(verbose=True)


def test_a_note_about_the_file_is_told(checks: PublicChecks, runner: Runner) -> None:
    result = checked("import scipy.signal\n" + SETTING, checks, runner, "zero_pad")
    used = checked("from scipy.signal import convolve2d as pad\n" + SETTING, checks, runner, "zero_pad")
    assert "scipy" not in result.text() + used.text()  # it is not needed, so it is no matter
    needed = "from scipy.signal import convolve2d\ndef zero_pad(X, pad):\n    return convolve2d(X, pad)\n"
    assert "warning: line 1:" in checked(needed, checks, runner, "zero_pad").text()


# --------------------------------------------------------------------------- as HTML


def test_the_html_is_well_formed_and_says_the_same(checks: PublicChecks, runner: Runner) -> None:
    result = checked(with_forward("h * stride : h * stride + f", "h : h + f"), checks, runner, "conv_forward")
    html = result._repr_html_()
    root = ElementTree.fromstring(html)
    words = " ".join("".join(root.itertext()).split())
    assert "conv_forward: " + result.functions[0].headline in words
    assert result.functions[0].question in words
    assert [t.text for t in root.iter("caption")] == ["yours", "expected"]
    marked = [td for td in root.iter("td") if td.get("class") == "off"]
    assert marked
    assert all(b.get("aria-label") == "differs" for td in marked for b in td.iter("b"))
    assert "<script" not in html
    assert "http" not in html


def test_what_a_student_raises_is_text_and_no_markup(checks: PublicChecks, runner: Runner) -> None:
    source = "def zero_pad(X, pad):\n    raise ValueError('<img src=x onerror=alert(1)>\\x1b[31m')"
    result = checked(source, checks, runner, "zero_pad")
    assert "<img" not in result._repr_html_()
    assert "&lt;img" in result._repr_html_()
    assert "\x1b" not in result.text()


def test_in_a_console_it_shows_itself_as_text(checks: PublicChecks, runner: Runner) -> None:
    result = checked(SETTING, checks, runner, "zero_pad")
    assert repr(result) == str(result) == result.text()
