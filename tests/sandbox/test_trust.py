"""Student code that answers for itself: whatever it forges is an answer that must be right, or a broken one.

The scripts find the worker's own pipe through the stack and write frames of their own making. None can
end as ungraded, answer for another request, or make the grader build what it should not.
"""

from __future__ import annotations

import textwrap

import numpy as np
import pytest

from grader.model import NoValue, Outcome, Program, Returned
from grader.sandbox import Runner

from .conftest import LIMITS

#: Finds the worker's pipe and the id of the request: the worker is ordinary Python, four frames up.
TOOLS = """
import json, os, struct, sys, types
import numpy as np
def submission():
    frame = sys._getframe()
    while "self" not in frame.f_locals or type(frame.f_locals["self"]).__name__ != "Submission":
        frame = frame.f_back
    return frame.f_locals["self"]
def descriptor():
    return submission()._pipe._target
def my_id():
    return submission()._request
def raw(header, payload=b"", length=None, size=None):
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    lengths = (len(head) if length is None else length, len(payload) if size is None else size)
    os.write(descriptor(), struct.pack("<II", *lengths) + head + payload)
def returned(value, **more):
    return {"id": my_id(), "st": "returned", "value": value, "changed": [], **more}
"""


MODULES = ("numpy", "json", "os", "struct", "sys")


def forged(runner: Runner, body: str, seconds: float = 5.0, calls: int = 1) -> list[Returned | NoValue]:
    """The replies to ``calls`` calls of a function with this body, then one of an honest function."""
    source = (
        f"{TOOLS}\ndef f():\n{textwrap.indent(textwrap.dedent(body), '    ')}\ndef honest():\n    return 7\n"
    )
    program = Program(source, ("f", "honest"), LIMITS, MODULES)
    with runner.open(program) as session:
        assert session.load_errors == ()
        replies = [session.call("f", (), seconds) for _ in range(calls)]
        return [*replies, session.call("honest", (), 20.0)]


UNREADABLE = [
    pytest.param('raw(returned(1) | {"id": "0" * 16})', "not asked", id="an answer to another request"),
    pytest.param(
        'raw({"st": "returned", "value": 1, "changed": []})', "not asked", id="an answer without an id"
    ),
    pytest.param("raw(returned(1) | {'id': [my_id()]})", "not asked", id="an id in a list"),
    pytest.param("raw(returned(1) | {'st': 'ungraded'})", "unknown answer", id="a state that it may not say"),
    pytest.param("raw(returned(1) | {'st': 'correct'})", "unknown answer", id="the claim to be correct"),
    pytest.param("raw(returned(1) | {'st': 'loaded'})", "unknown answer", id="a state of another time"),
    pytest.param("raw(b'not json')", "not JSON", id="no JSON"),
    pytest.param("raw(b'[' * 100_000)", "not JSON", id="JSON nested too deep"),
    pytest.param(
        "raw(b'{\"id\": ' + b'9' * 100_000 + b'}')", "not an object", id="a number of 100,000 digits"
    ),
    pytest.param("raw(b'\\xff\\xfe')", "not JSON", id="bytes that are no text"),
    pytest.param("raw([1, 2])", "not an object", id="a list for a header"),
    pytest.param("raw({}, length=1 << 31)", "a frame of 2147483648", id="a header of 2 GB"),
    pytest.param("raw({}, size=0xFFFFFFFF)", "+ 4294967295 bytes", id="a payload of 4 GB"),
    pytest.param(
        "raw(returned(['a', '<f8', [1 << 40, 1 << 40]]))", "fewer bytes", id="a shape beyond all memory"
    ),
    pytest.param("raw(returned(['a', '<f8', [10**9]]), bytes(8))", "fewer bytes", id="a shape of 8 GB"),
    pytest.param("raw(returned(['a', '<f8', [0, 1 << 50]]))", "impossible shape", id="an empty giant"),
    pytest.param("raw(returned(['a', '<f8', [-1]]), bytes(8))", "impossible shape", id="a negative length"),
    pytest.param(
        "raw(returned(['a', '<f8', [True]]), bytes(8))", "impossible shape", id="a bool for a length"
    ),
    pytest.param(
        "raw(returned(['a', '<f8', [1.0]]), bytes(8))", "impossible shape", id="a float for a length"
    ),
    pytest.param(
        "raw(returned(['a', '<f8', [1] * 99]), bytes(8))", "too many dimensions", id="99 dimensions"
    ),
    pytest.param("raw(returned(['a', '<f8', 8]), bytes(8))", "unknown dtype", id="a number for a shape"),
    pytest.param("raw(returned(['a', '|O', [1]]), bytes(8))", "unknown dtype", id="an array of pointers"),
    pytest.param("raw(returned(['a', '|V8', [1]]), bytes(8))", "unknown dtype", id="an array of raw bytes"),
    pytest.param("raw(returned(['a', ['<f8'], [1]]), bytes(8))", "unknown dtype", id="a list for a dtype"),
    pytest.param("raw(returned(['a', '<f8,<f8', [1]]), bytes(16))", "unknown dtype", id="named fields"),
    pytest.param("raw(returned(['a', '<f8', [1]]), bytes(99))", "belong to no array", id="bytes too many"),
    pytest.param("raw(returned(1), bytes(8))", "belong to no array", id="bytes for no array"),
    pytest.param("raw(returned({'a': 1}))", "without a kind", id="a bare object for a value"),
    pytest.param("raw(returned(['pickle', 'gASV']))", "unknown kind", id="a pickle"),
    pytest.param("raw(returned(['d', 1, 2]))", "without text keys", id="a dict with a number for a key"),
    pytest.param("raw(returned(['d', 'a']))", "without text keys", id="a dict with a key too many"),
    pytest.param("raw(returned(['i', 'zz']))", "an integer that is none", id="an integer in no base"),
    pytest.param("raw(returned(['l', *range(30_000)]))", "too many parts", id="a list beyond the limit"),
    pytest.param("raw(returned('x' * 70_000))", "text that is too long", id="a text beyond the limit"),
    pytest.param(
        "raw(returned(1, overwritten={}))", "overwritten answers", id="no list of overwritten answers"
    ),
    pytest.param("raw(returned(1, changed=[0.5]))", "changed arguments", id="half an argument changed"),
    pytest.param(
        "raw(returned(1, changed=list(range(2000))))", "changed arguments", id="2000 arguments changed"
    ),
    pytest.param(
        "raw({'id': my_id(), 'st': 'raised', 'type': 'E', 'message': 'm', 'lines': 'x'})",
        "exception",
        id="lines",
    ),
    pytest.param(
        "raw({'id': my_id(), 'st': 'ask', 'function': 'f', 'args': ['t']})", "not offered", id="a question"
    ),
    pytest.param(
        "for _ in range(200): raw({'id': my_id(), 'st': 'printed'}, bytes(1000))",
        "more output",
        id="a flood of prints",
    ),
]


@pytest.mark.parametrize(("body", "why"), UNREADABLE)
def test_a_forged_frame_that_cannot_be_read_is_the_students_loss(
    standard: Runner, body: str, why: str
) -> None:
    """It is never ungraded, and the submission's other functions are still called."""
    reply, honest = forged(standard, body + "\nreturn 1")
    assert isinstance(reply, NoValue), reply
    assert reply.outcome is Outcome.KILLED
    assert reply.detail.startswith("the reply could not be read: ")
    assert why in reply.detail
    assert honest.value == 7  # type: ignore[union-attr]


def test_a_forged_answer_that_can_be_read_is_an_answer(any_tier: Runner) -> None:
    """It must still be right, and what is right is known out here only."""
    reply, *_ = forged(any_tier, "raw(returned(['a', '<f8', [2]]), np.ones(2).tobytes())\nos._exit(0)")
    assert isinstance(reply, Returned)
    np.testing.assert_array_equal(reply.value, [1, 1])


def test_a_second_answer_is_not_kept_for_the_next_request(any_tier: Runner) -> None:
    """The forged frame comes before the worker's own: the one left over belongs to no later request."""
    first, second, honest = forged(any_tier, "raw(returned(1))\nreturn 2", calls=2)
    assert first.value == 1  # type: ignore[union-attr]
    assert isinstance(second, NoValue)
    assert second.outcome is Outcome.KILLED
    assert "could not be read" in second.detail
    assert honest.value == 7  # type: ignore[union-attr]


def test_the_id_of_a_request_cannot_be_used_again(standard: Runner) -> None:
    body = """
        global last
        mine, last = globals().get("last"), my_id()
        raw(returned(9) | {"id": mine or last})
        return 1
    """
    first, second, honest = forged(standard, body, calls=2)
    assert first.value == 9  # type: ignore[union-attr]
    assert isinstance(second, NoValue)
    assert honest.value == 7  # type: ignore[union-attr]


def test_frames_written_to_every_descriptor_reach_nobody_else(any_tier: Runner) -> None:
    body = """
        frame = json.dumps(returned(8)).encode()
        for number in range(64):
            if number != submission()._pipe._source:
                try:
                    os.write(number, struct.pack("<II", len(frame), 0) + frame)
                except OSError:
                    pass
        return 2
    """
    with any_tier.open(Program("def g():\n    return 5\n", ("g",), LIMITS)) as other:
        assert other.call("g", (), 20.0).value == 5  # type: ignore[union-attr]
        forged(any_tier, body)
        assert other.call("g", (), 20.0).value == 5  # type: ignore[union-attr]


def test_an_answer_that_drips_in_is_stopped_by_the_clock(any_tier: Runner) -> None:
    body = """
        import time
        frame = json.dumps(returned("x" * 60_000)).encode()
        for byte in struct.pack("<II", len(frame), 0) + frame:
            os.write(descriptor(), bytes([byte]))
            time.sleep(0.01)
    """
    reply, honest = forged(any_tier, body, seconds=0.5)
    assert isinstance(reply, NoValue)
    assert (reply.outcome, reply.detail) == (Outcome.TIMED_OUT, "stopped after 0.5 s")
    assert honest.value == 7  # type: ignore[union-attr]


def test_half_an_answer_and_then_nothing_is_stopped_by_the_clock(standard: Runner) -> None:
    reply, honest = forged(standard, "raw(b'{', length=1000)\nwhile True: pass", seconds=0.3)
    assert isinstance(reply, NoValue)
    assert reply.outcome is Outcome.TIMED_OUT
    assert honest.value == 7  # type: ignore[union-attr]


def test_a_closed_pipe_is_the_students_loss(any_tier: Runner) -> None:
    reply, honest = forged(any_tier, "os.close(descriptor())\nos._exit(0)")
    assert isinstance(reply, NoValue)
    assert reply.outcome is Outcome.KILLED
    assert honest.value == 7  # type: ignore[union-attr]


def test_a_frame_while_loading_is_the_students_loss(standard: Runner) -> None:
    source = f"{TOOLS}\nraw({{'id': 'x', 'st': 'loaded', 'errors': []}})\ndef f():\n    return 1\n"
    program = Program(source, ("f",), LIMITS, MODULES)
    with standard.open(program) as session:
        assert [error.raised.type_name for error in session.load_errors] == ["killed"]
        assert session.call("f", (), 20.0).value == 1  # type: ignore[union-attr]


def test_the_students_code_cannot_claim_that_the_grader_failed(standard: Runner) -> None:
    """``failed`` is what our own part says before any student code runs; afterwards it is unreadable."""
    reply, _ = forged(standard, "raw({'id': my_id(), 'st': 'failed', 'message': 'not my fault'})")
    assert isinstance(reply, NoValue)
    assert reply.outcome is Outcome.KILLED
    assert "not my fault" not in reply.detail


def test_text_in_a_forged_frame_is_cleaned(standard: Runner) -> None:
    body = r"""
        said = {"type": "\x1b[2J" * 100, "message": "\ud800\u202e" * 900, "lines": []}
        raw({"id": my_id(), "st": "raised", **said})
        os._exit(0)
    """
    reply, _ = forged(standard, body)
    assert isinstance(reply, NoValue)
    assert reply.raised is not None
    for text in (reply.detail, reply.raised.type_name, reply.raised.message):
        text.encode()
        assert len(text) < 600
        assert not set(text) & {"\x1b", "\u202e", "\ud800"}
