"""What may cross between the grader and the process that runs a student's code, and nothing else.

A reply is a frame: eight bytes of lengths, a JSON header and the raw bytes of arrays. It is not a pickle,
which would run the student's code in here, and not ``.npy``, whose reader believes any shape it is told.
A reply is checked number by number before an array is built from it; what does not pass is ``Unreadable``.

Values in a reply's header (``worker.py`` writes the same):

    null, true, 1, 1.5, "text"    themselves
    ["l", ...]  ["t", ...]        a list, a tuple
    ["d", key, value, ...]        a dict with text keys
    ["c", re, im]  ["i", "-ff"]   a complex number, an integer beyond 64 bits (hexadecimal)
    ["a", dtype, shape]           an array; its bytes are next in the payload
    ["s", dtype]                  a NumPy scalar; likewise
    ["o", type, reason]           something that is not plain data

A request goes the other way, from the trusted side, and is a frame with a marshalled header and, behind it,
the marshalled arguments of a call, in which an array is the tuple (..., dtype, shape, bytes), and a NumPy
scalar the same with None for a shape.
"""

from __future__ import annotations

import json
import marshal
import re
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.model import Arguments, Opaque, Value

if TYPE_CHECKING:
    import numpy as np

#: Read by every Python from 3.4 on.
MARSHAL_VERSION = 4
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
#: Arguments of our own calls that are kept ready to be sent, and the bytes of one of them.
MOST_ARGUMENTS, MOST_ARGUMENT_BYTES = 512, 1 << 15
#: Digits of one number in JSON. Without a bound Python < 3.10.7 takes quadratic time for megabytes of them.
MAX_DIGITS = 5000
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
    "__future__", "_strptime", "abc", "array", "bisect", "calendar", "cmath", "collections", "contextlib",
    "copy", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "heapq", "io",
    "itertools", "json", "math", "numbers", "operator", "pprint", "random", "re", "statistics", "string",
    "textwrap", "time", "timeit", "types", "typing", "warnings",
)  # fmt: skip


class Unreadable(Exception):
    """What came over the pipe is no honest reply; the message says what was wrong with it."""


class Frame(NamedTuple):
    """One message: its header and the bytes of its arrays."""

    header: dict[str, Any]
    payload: bytearray


#: An integer that Python < 3.10.7 would take quadratic time to read. (Also matches inside a text, where
#: the worker writes none so long: its big integers are hexadecimal.)
_TOO_MANY_DIGITS = re.compile(rf"\d{{{MAX_DIGITS}}}")


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
        head = self._buffer[PREFIX.size : end]
        if len(self._buffer) == total:  # as it nearly always is; then the payload need not be copied
            payload, self._buffer = self._buffer, bytearray()
            del payload[:end]
        else:
            payload = self._buffer[end:total]
            del self._buffer[:total]
        try:
            text = head.decode("utf-8")
            header = None if _TOO_MANY_DIGITS.search(text) else json.loads(text)
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


_DTYPES: dict[str, np.dtype[Any]] = {}


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
            kind = _DTYPES.get(dtype) or _DTYPES.setdefault(dtype, np.dtype(dtype))
            size = count * kind.itemsize
            if size > len(self._payload) - self._offset:
                raise Unreadable("an array with fewer bytes than its shape says")
            offset = self._offset
            self._offset += size
            if not count:
                return np.zeros(shape, kind)
            built: np.ndarray[Any, Any] = np.ndarray(shape, kind, self._payload, offset).copy()
        except (TypeError, ValueError, MemoryError) as error:
            raise Unreadable(f"an array that cannot be built ({type(error).__name__})") from None
        return built


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Unreadable("a text that is too long")
    return text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be written anywhere


# --------------------------------------------------------------------------- values, written


def request(header: dict[str, Any], arguments: bytes = b"") -> bytes:
    """The bytes of one message to the worker. Marshal is faster than JSON, and believed in there only."""
    body = marshal.dumps(header, MARSHAL_VERSION)
    return PREFIX.pack(len(body), len(arguments)) + body + arguments


_marshalled: dict[int, tuple[Arguments, bytes]] = {}


def marshalled(arguments: Arguments) -> bytes:
    """What ``request`` wants of a call's arguments.

    Kept by the tuple itself: a case asks every submission the same, and nobody changes what it asks.
    """
    kept = _marshalled.get(id(arguments))
    if kept is not None and kept[0] is arguments:
        return kept[1]
    data = marshal.dumps(packed(arguments), MARSHAL_VERSION)
    if len(data) <= MOST_ARGUMENT_BYTES:
        if len(_marshalled) >= MOST_ARGUMENTS:
            _marshalled.clear()
        _marshalled[id(arguments)] = arguments, data
    return data


def packed(value: Value) -> Any:
    """Our own value for a request: arrays become tuples; a TypeError here is a mistake of ours."""
    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str):
        return value
    if kind is tuple:
        return tuple([packed(item) for item in value])
    if kind is list:
        return [packed(item) for item in value]
    if kind is dict:
        if not all(type(key) is str for key in value):
            raise TypeError("a dict for the sandbox must have text keys")
        return {key: packed(item) for key, item in value.items()}

    import numpy as np

    if kind is np.ndarray or isinstance(value, np.generic):
        dtype = value.dtype
        if dtype.kind in "biufc":
            if not dtype.isnative:
                dtype = dtype.newbyteorder("=")
                value = value.astype(dtype)
            return (..., dtype.str, value.shape if kind is np.ndarray else None, value.tobytes())
    raise TypeError(f"a {kind.__name__} cannot be sent to the sandbox")


def encode(arguments: Arguments) -> tuple[list[Any], list[bytes]]:
    """Values in the format of a reply: with ``decode``, what would come out of a process of its own.

    TypeError where a value is not plain data.
    """
    blobs: list[bytes] = []
    return [_tree(packed(value), blobs) for value in arguments], blobs


def _tree(value: Any, blobs: list[bytes]) -> Any:
    kind = type(value)
    if kind is tuple and value and value[0] is ...:
        _, code, shape, data = value
        blobs.append(data)
        return ["s", code] if shape is None else ["a", code, list(shape)]
    if kind is tuple or kind is list:
        return ["l" if kind is list else "t", *(_tree(item, blobs) for item in value)]
    if kind is dict:
        return ["d", *(part for key, item in value.items() for part in (key, _tree(item, blobs)))]
    if kind is complex:
        return ["c", value.real, value.imag]
    return ["i", f"{value:x}"] if kind is int and not -(1 << 63) <= value < 1 << 63 else value
