"""The frame reader takes any bytes: what is honest is read, all else is Unreadable, and little is kept."""

from __future__ import annotations

import json
import random
import resource
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model import Opaque
from grader.sandbox import protocol
from grader.sandbox.protocol import FrameReader, Unreadable, clean, decode, encode, packed
from grader.sandbox.worker import Writer, rebuilt

STREAMS = 100_000
LIMIT = 1 << 16


def frame(header: Any, payload: bytes = b"") -> bytes:
    head = json.dumps(header).encode()
    return struct.pack("<II", len(head), len(payload)) + head + payload


def reply(value: Any) -> bytes:
    """A frame as the worker writes it."""
    writer = Writer(np, LIMIT)
    tree = json.loads(writer.whole(value))
    return frame({"id": "0" * 16, "st": "returned", "value": tree, "changed": [0]}, b"".join(writer.blobs))


def test_a_frame_is_read_however_it_is_cut() -> None:
    data = reply((np.arange(3.0), "x")) + reply(None)
    for size in (1, 2, 7, 8, 9, 50, len(data)):
        reader = FrameReader(LIMIT)
        found = []
        for start in range(0, len(data), size):
            reader.feed(data[start : start + size])
            while (one := reader.take()) is not None:
                found.append(decode(one.header["value"], one.payload))
        assert repr(found) == "[(array([0., 1., 2.]), 'x'), None]"
        assert reader.empty


def test_a_frame_that_is_not_whole_is_waited_for() -> None:
    reader = FrameReader(LIMIT)
    reader.feed(reply(1)[:-1])
    assert reader.take() is None
    assert not reader.empty


def test_lengths_beyond_the_limits_are_refused_before_anything_comes() -> None:
    for lengths in ((protocol.MAX_HEADER + 1, 0), (2, LIMIT + 1)):
        reader = FrameReader(LIMIT)
        reader.feed(struct.pack("<II", *lengths))
        with pytest.raises(Unreadable, match="a frame of"):
            reader.take()


def seeds(rng: random.Random) -> list[bytes]:
    """Honest frames of every kind, to be mutated."""
    values: list[Any] = [
        None, True, 3, -(1 << 100), 2.5, 1j, "text", [1, [2, (3, None)]], {"a": np.ones(2), "b": {}},
        np.arange(6.0).reshape(2, 3), np.zeros((0, 4)), np.float32(1), (np.ones((2, 2), "i1"), 5, "x" * 50),
        [float(k) for k in range(30)], object(), np.array(["a"]), np.arange(20, dtype="c16"),
    ]  # fmt: skip
    frames = [reply(value) for value in values]
    frames += [frame({"id": "0" * 16, "st": "raised", "type": "E", "message": "m", "lines": [1]})]
    return [b"".join(rng.sample(frames, rng.randint(1, 3))) for _ in range(60)] + frames


TOKENS = (
    b"[", b"]", b"{", b"}", b'"', b",", b"-", b"1e999", b"NaN", b"Infinity", b"null", b"true", b"\\ud800",
    b"\x00", b"9" * 30, b'["a","<f8",[', b'["d",', b'["o","x","y"]', b'["i","', b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x80",
)  # fmt: skip


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A few small changes."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(changed) + 1)
        kind = rng.randrange(6)
        if kind == 0 and at < len(changed):
            changed[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and at < len(changed):
            changed[at] = rng.randrange(256)
        elif kind == 2:
            changed[at:at] = rng.choice(TOKENS)
        elif kind == 3:
            del changed[at : at + rng.randint(1, 9)]
        elif kind == 4:
            changed[at:at] = changed[at : at + rng.randint(1, 40)]
        else:
            del changed[at:]
        if not changed:
            changed += b"\x08"
    return bytes(changed)


def test_mutated_streams_are_read_or_refused() -> None:
    """Nothing but Unreadable comes out, the reader holds no more than one frame, and memory stays flat."""
    rng = random.Random(20_260_101)
    honest = seeds(rng)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes = {"read": 0, "refused": 0, "incomplete": 0}
    for _ in range(STREAMS):
        data = mutated(rng.choice(honest), rng)
        reader = FrameReader(LIMIT)
        outcome = "incomplete"
        try:
            step = rng.choice((len(data), 11, 64))
            for start in range(0, len(data), step):
                reader.feed(data[start : start + step])
                while (one := reader.take()) is not None:
                    decode(one.header.get("value"), one.payload)
                    outcome = "read"
        except Unreadable:
            outcome = "refused"
        outcomes[outcome] += 1
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 << 10, f"{grown} kB"
    assert min(outcomes.values()) > STREAMS // 50, f"the mutations are too tame or too wild: {outcomes}"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["l", "t", "d", "a", "s", "c", "i", "o", "<f8", "|b1", "<i4", "|O"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(tree=json_values, payload=st.binary(max_size=64))
def test_any_tree_is_decoded_or_refused(tree: Any, payload: bytes) -> None:
    try:
        value = decode(tree, payload)
    except Unreadable:
        return
    assert_plain(value)


def assert_plain(value: Any) -> None:
    """Only the plain types that the rest of the grader expects come out of a reply."""
    if type(value) in (list, tuple):
        for item in value:
            assert_plain(item)
    elif type(value) is dict:
        for key, item in value.items():
            assert type(key) is str
            assert_plain(item)
    elif type(value) is np.ndarray:
        assert value.dtype.kind in "biufc"
    else:
        assert value is None or type(value) in (bool, int, float, complex, str, Opaque)


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.complex_numbers(allow_nan=False)
    | st.sampled_from([np.arange(4.0), np.array(1), np.zeros((0, 2), "i4")]),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple)
    | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(value=plain_values)
def test_all_ways_of_writing_a_value_agree(value: Any) -> None:
    """The worker's writer, our writer in the same format, and our requests read by the worker."""
    writer = Writer(np, LIMIT)
    tree = json.loads(writer.whole(value))
    (trees,), blobs = encode((value,))
    assert (json.dumps(trees), blobs) == (json.dumps(tree), writer.blobs)
    for read in (decode(tree, b"".join(writer.blobs)), rebuilt(np, packed(value))):
        assert repr(read) == repr(value)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain\n\ttext", "plain\n\ttext"),
        ("\x1b[31mred\x1b[0m", "�[31mred�[0m"),
        ("a\x00b\x07c\x7f", "a�b�c�"),
        ("\u202eright to left", "�right to left"),
        ("\ud800 lone", "� lone"),
        ("größe ✓ 漢字", "größe ✓ 漢字"),
        ("x" * 500, "x" * 400 + "…"),
        (None, "?"),
        (b"bytes", "?"),
    ],
)
def test_text_is_made_harmless(text: object, cleaned: str) -> None:
    assert clean(text) == cleaned
