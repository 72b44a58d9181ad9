"""What may cross between the grader and the process that runs a student's code, and nothing else.

A frame is eight bytes of lengths, a JSON header and the raw bytes of arrays. It is not a pickle, which
would run the student's code in here, and not ``.npy``, whose reader believes any shape it is told. A
reply is checked number by number before an array is built from it; what does not pass is ``Unreadable``.

Values in a header (``worker.py`` writes and reads the same):

    null, true, 1, 1.5, "text"    themselves
    ["l", ...]  ["t", ...]        a list, a tuple
    ["d", key, value, ...]        a dict with text keys
    ["c", re, im]  ["i", "-ff"]   a complex number, an integer beyond 64 bits (hexadecimal)
    ["a", dtype, shape]           an array; its bytes are next in the payload
    ["s", dtype]                  a NumPy scalar; likewise
    ["o", type, reason]           something that is not plain data
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.model import Arguments, Opaque, Value

if TYPE_CHECKING:
    import numpy as np

#: Lengths of header and payload, in front of every frame.
PREFIX = struct.Struct("<II")
#: Room for ``MAX_NODES`` items of a nested value; a longer header is an attack. Parsed, the worst JSON
#: of this size (empty lists) takes about 45 MB.
MAX_HEADER = 1 << 21
#: Items in one value, and how deep they may nest.
MAX_NODES = 20_000
MAX_DEPTH = 32
#: Characters of one text inside a value, of an exception's message, of a type's name.
MAX_TEXT = 1 << 16
MAX_MESSAGE = 400
MAX_NAME = 80
#: Digits of an integer in JSON. Without a bound Python < 3.10.7 takes quadratic time for megabytes of them.
MAX_DIGITS = 40
#: NumPy 1.x arrays have at most 32 dimensions.
MAX_DIMENSIONS = 32
#: The dtypes that may cross: booleans, integers, floats and complex numbers in this machine's byte order.
DTYPES = frozenset(
    ["|b1", "|i1", "|u1"]
    + [f"<{kind}{size}" for kind in "iu" for size in (2, 4, 8)]
    + ["<f2", "<f4", "<f8", "<f16", "<f12", "<c8", "<c16", "<c32", "<c24"]
)

#: Modules that every program may import besides its pack's own list: they compute and do nothing else.
HARMLESS_IMPORTS = (
    "__future__", "abc", "bisect", "calendar", "cmath", "collections", "contextlib", "copy", "dataclasses",
    "datetime", "decimal", "enum", "fractions", "functools", "heapq", "itertools", "math", "numbers",
    "operator", "pprint", "random", "re", "statistics", "string", "textwrap", "time", "timeit", "types",
    "typing", "warnings",
)  # fmt: skip


class Unreadable(Exception):
    """What came over the pipe is no honest reply; the message says what was wrong with it."""


class Frame(NamedTuple):
    """One message: its header and the bytes of its arrays."""

    header: dict[str, Any]
    payload: bytearray


def frame(header: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> bytes:
    """The bytes of one message."""
    head = json.dumps(header, separators=(",", ":")).encode()
    return b"".join([PREFIX.pack(len(head), sum(map(len, blobs))), head, *blobs])


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError("an integer with too many digits")
    return int(text)


_DECODER = json.JSONDecoder(parse_int=_integer)


class FrameReader:
    """Cuts a stream of bytes into frames; holds no more than one frame and what has come of the next."""

    def __init__(self, max_payload: int) -> None:
        self._max_payload = max_payload
        self._buffer = bytearray()

    @property
    def empty(self) -> bool:
        """Whether no byte is left over."""
        return not self._buffer

    def feed(self, data: bytes) -> None:
        """Add bytes as they came."""
        self._buffer += data

    def take(self) -> Frame | None:
        """The next whole frame, or None while it is not complete; raises Unreadable."""
        total = self._total()
        if total is None or len(self._buffer) < total:
            return None
        length, _ = PREFIX.unpack_from(self._buffer)
        end = PREFIX.size + length
        head, payload = self._buffer[PREFIX.size : end], self._buffer[end:total]
        del self._buffer[:total]
        try:
            header = _DECODER.decode(head.decode("utf-8"))
        except (ValueError, RecursionError, MemoryError) as error:
            raise Unreadable(f"a header that is not JSON ({type(error).__name__})") from None
        if type(header) is not dict:
            raise Unreadable("a header that is not an object")
        return Frame(header, payload)

    def _total(self) -> int | None:
        if len(self._buffer) < PREFIX.size:
            return None
        header, payload = PREFIX.unpack_from(self._buffer)
        if header > MAX_HEADER or payload > self._max_payload:
            raise Unreadable(f"a frame of {header} + {payload} bytes")
        return int(PREFIX.size + header + payload)


# --------------------------------------------------------------------------- text


def clean(text: object, limit: int = MAX_MESSAGE) -> str:
    """A student's text made harmless: cut, no control characters, no lone surrogates, no escapes."""
    if type(text) is not str:
        return "?"
    kept = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text[:limit])
    return kept + "…" if len(text) > limit else kept


# --------------------------------------------------------------------------- values, read


def decode(tree: object, payload: bytes | bytearray | memoryview) -> Value:
    """Rebuild a value out of plain data; raises Unreadable on the slightest doubt."""
    reader = _ValueReader(memoryview(payload))
    value = reader.value(tree, 0)
    reader.finish()
    return value


class _ValueReader:
    """Walks a tree and takes each array's bytes from the front of what is left of the payload."""

    def __init__(self, payload: memoryview) -> None:
        self._payload = payload
        self._offset = 0
        self._nodes = 0

    def finish(self) -> None:
        if self._offset != len(self._payload):
            raise Unreadable(f"{len(self._payload) - self._offset} bytes that belong to no array")

    def value(self, tree: object, depth: int) -> Value:
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise Unreadable("a value with too many parts")
        if tree is None or type(tree) in (bool, int, float):
            return tree
        if type(tree) is str:
            return _text(tree)
        if type(tree) is not list or not tree or type(tree[0]) is not str:
            raise Unreadable("a value without a kind")
        kind, parts = tree[0], tree[1:]
        if kind in ("l", "t"):
            items = [self.value(part, depth + 1) for part in parts]
            return items if kind == "l" else tuple(items)
        if kind == "d":
            return self._dict(parts, depth)
        if kind == "a" and len(parts) == 2:
            return self._array(parts[0], parts[1])
        if kind == "s" and len(parts) == 1:
            return self._array(parts[0], [])
        if kind == "c" and [type(part) for part in parts] == [float, float]:
            return complex(parts[0], parts[1])
        if kind == "i" and len(parts) == 1 and type(parts[0]) is str and len(parts[0]) <= 2000:
            try:
                return int(parts[0], 16)
            except ValueError:
                raise Unreadable("an integer that is none") from None
        if kind == "o" and [type(part) for part in parts] == [str, str]:
            return Opaque(clean(parts[0], MAX_NAME), clean(parts[1]))
        raise Unreadable("a value of an unknown kind")

    def _dict(self, parts: list[Any], depth: int) -> dict[str, Value]:
        keys, values = parts[::2], parts[1::2]
        if len(keys) != len(values) or not all(type(key) is str for key in keys):
            raise Unreadable("a dict without text keys")
        return {_text(key): self.value(value, depth + 1) for key, value in zip(keys, values, strict=True)}

    def _array(self, dtype: object, shape: object) -> np.ndarray[Any, Any]:
        import numpy as np

        if type(dtype) is not str or dtype not in DTYPES or type(shape) is not list:
            raise Unreadable("an array of an unknown dtype")
        if len(shape) > MAX_DIMENSIONS:
            raise Unreadable("an array of too many dimensions")
        count = 1
        for length in shape:
            if type(length) is not int or not 0 <= length < 1 << 48:
                raise Unreadable("an array with an impossible shape")
            count *= length
        try:
            kind = np.dtype(dtype)
            size = count * kind.itemsize
            if size > len(self._payload) - self._offset:
                raise Unreadable("an array with fewer bytes than its shape says")
            piece = self._payload[self._offset : self._offset + size]
            self._offset += size
            if not count:
                return np.zeros(shape, kind)
            built: np.ndarray[Any, Any] = np.frombuffer(piece, kind).reshape(shape).copy()
        except (TypeError, ValueError, MemoryError) as error:
            raise Unreadable(f"an array that cannot be built ({type(error).__name__})") from None
        return built


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Unreadable("a text that is too long")
    return text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be written anywhere


# --------------------------------------------------------------------------- values, written


def encode(arguments: Arguments) -> tuple[list[Any], list[bytes]]:
    """The tree and the bytes of our own values; a TypeError here is a mistake of ours."""
    blobs: list[bytes] = []
    return [_written(value, blobs) for value in arguments], blobs


def _written(value: Value, blobs: list[bytes]) -> Any:
    kind = type(value)
    if value is None or kind in (bool, float, str):
        return value
    if kind is int:
        return value if -(1 << 63) <= value < 1 << 63 else ["i", f"{value:x}"]
    if kind is list or kind is tuple:
        return ["l" if kind is list else "t", *(_written(item, blobs) for item in value)]
    if kind is dict:
        if not all(type(key) is str for key in value):
            raise TypeError("a dict for the sandbox must have text keys")
        return ["d", *(part for key, item in value.items() for part in (key, _written(item, blobs)))]
    if kind is complex:
        return ["c", value.real, value.imag]

    import numpy as np

    if kind is np.ndarray or isinstance(value, np.generic):
        dtype = value.dtype
        if dtype.kind in "biufc":
            if not dtype.isnative:
                dtype = dtype.newbyteorder("=")
                value = value.astype(dtype)
            blobs.append(value.tobytes())
            return ["a", dtype.str, list(value.shape)] if kind is np.ndarray else ["s", dtype.str]
    raise TypeError(f"a {kind.__name__} cannot be sent to the sandbox")
