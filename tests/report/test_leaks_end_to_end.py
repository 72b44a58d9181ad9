"""The same, end to end: a program that tries every way out, graded under two secrets.

A student's report may not depend on the hidden inputs but through outcomes, and this program has the
same outcome whatever it is given. So the two reports must be the same, byte for byte, but for the
fingerprint of the case set.
"""

from __future__ import annotations

import importlib
import json

import pytest
from msgspec.structs import replace

from grader.cases import prepare
from grader.model import NoValue, Outcome, Report, Visibility
from grader.notebook import parse_submission
from grader.pack import Pack
from grader.pipeline import grade
from grader.report import MODULES
from grader.report.audience import Audience
from grader.sandbox import Runner

PROGRAM = '''
import numpy as np

SEEN = []


def flat(*arguments):
    """All numbers among the arguments, as text."""
    found = []
    for a in arguments:
        if isinstance(a, (tuple, list)):
            found.append(flat(*a))
        elif isinstance(a, dict):
            found.append(flat(*a.values()))
        else:
            found.append(",".join(repr(float(x)) for x in np.asarray(a).ravel()[:20]))
    return ";".join(found)


def busy(text):
    """Takes a time that depends on the text."""
    total = 0
    for i in range(20_000 + 2_000 * (sum(map(ord, text)) % 10)):
        total += i
    return total


def zero_pad(X, pad):
    text = flat(X, pad)
    SEEN.append(text)
    print("X is", text)
    busy(text)
    zero_pad.__doc__ = text
    raise type("Leak_" + "".join(c if c.isalnum() else "_" for c in text), (Exception,), {})("|".join(SEEN))


class Carrier:
    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

    __str__ = __repr__


def conv_single_step(a_slice_prev, W, b):
    text = flat(a_slice_prev, W, b)
    SEEN.append(text)
    print("a_slice_prev is", text)
    busy(text)
    Carrier.__name__ = Carrier.__qualname__ = "Leak_" + str(abs(hash(text)))
    return Carrier("|".join(SEEN))


def conv_forward(A_prev, W, b, hparameters):
    text = flat(A_prev, W, b, hparameters)
    SEEN.append(text)
    print(text)
    number = int(abs(np.sum(A_prev) * 64)) % 4
    if number == 0:
        raise ValueError("|".join(SEEN))
    if number == 1:
        raise ValueError("|".join(SEEN))
    if number == 2:
        raise ValueError("|".join(SEEN))
    raise ValueError("|".join(SEEN))


def conv_backward(dZ, cache):
    text = flat(dZ, *cache[:3])
    SEEN.append(text)
    print(text)
    return text, {text: dZ}, np.asarray(dZ).ravel()
'''


@pytest.fixture(scope="module")
def reports(conv: Pack, runner: Runner) -> tuple[Report, Report]:
    submission = parse_submission("mallory.py", PROGRAM.encode())
    first, second = (
        grade(submission, conv, prepare(conv, secret), runner)
        for secret in (b"one secret", b"another secret")
    )
    return _comparable(first), _comparable(second)


def _comparable(report: Report) -> Report:
    """Without what may differ: the fingerprint of the cases, and the times of public ones."""
    functions = tuple(
        replace(
            f,
            cases=tuple(
                replace(r, seconds=0.0) if r.case.visibility is Visibility.PUBLIC else r for r in f.cases
            ),
        )
        for f in report.functions
    )
    return replace(report, functions=functions, environment=replace(report.environment, cases=""))


def test_the_program_is_given_hidden_inputs_and_says_them(reports: tuple[Report, Report]) -> None:
    """Else the tests below would prove nothing."""
    first = reports[0]
    hidden = [
        (r.case.function, r.outcome)
        for f in first.functions
        for r in f.cases
        if r.case.visibility is Visibility.HIDDEN
    ]
    assert len(hidden) > 20
    assert {outcome for _, outcome in hidden} == {Outcome.WRONG, Outcome.RAISED}
    said = [
        "".join(getattr(r, "printed", "") for f in x.functions for c in f.cases for r in c.replies)
        for x in reports
    ]
    assert said[0] != said[1]
    assert len(said[0]) > 1_000
    raised = [
        reply.raised.type_name
        for f in first.functions
        for r in f.cases
        for reply in r.replies
        if isinstance(reply, NoValue) and reply.raised is not None
    ]
    assert any(name.startswith("Leak_") for name in raised)


@pytest.mark.parametrize("format", MODULES)
def test_another_secret_gives_the_same_report(format: str, reports: tuple[Report, Report]) -> None:
    render = importlib.import_module(f"grader.report.{MODULES[format]}").render
    first, second = (render(report, Audience.STUDENT) for report in reports)
    assert first == second


@pytest.mark.parametrize("format", ["html", "json", "gradescope"])
def test_an_instructors_reports_do_differ(format: str, reports: tuple[Report, Report]) -> None:
    render = importlib.import_module(f"grader.report.{MODULES[format]}").render
    first, second = (render(report, Audience.INSTRUCTOR) for report in reports)
    assert first != second


def test_what_gradescope_shows_a_student_is_the_same_in_an_instructors_file(
    reports: tuple[Report, Report],
) -> None:
    render = importlib.import_module("grader.report.gradescope").render
    shown = []
    for report in reports:
        results = json.loads(render(report, Audience.INSTRUCTOR))
        results["tests"] = [test for test in results["tests"] if test["visibility"] != "hidden"]
        shown.append(results)
    assert shown[0] == shown[1]
