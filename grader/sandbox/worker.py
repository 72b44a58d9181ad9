"""Runs a student's functions on the values that the grader sends, and reports what came out.

This is the one file beside student code, so it is trusted with nothing: it knows no expected value and
cannot say "correct". It uses the standard library and NumPy alone, imports nothing of ``grader`` and runs
on Python 3.8 and NumPy 1.21 or later, because a course may name its own interpreter. The format of the
messages is described in ``protocol.py``, the other end of the pipe.
"""

from __future__ import annotations
import __future__ as future_features

import ast
import builtins
import contextlib
import importlib
import io
import json
import linecache
import marshal
import os
import struct
import sys
import time
import types
import warnings
from typing import (  # noqa: UP035 - Python 3.8
    Any,
    Callable,
    Dict,
    List,
    NamedTuple,
    NoReturn,
    Sequence,
    Tuple,
)

FILENAME = "<submission>"
MODULE = "submission"
PREFIX = struct.Struct("<II")
RING = struct.pack("@Q", 1)  # what an eventfd takes
#: The same limits as in ``protocol.py``; what is beyond them would not be believed.
MAX_HEADER, MAX_NODES, MAX_DEPTH = (1 << 21) - 4096, 20_000, 32
MAX_TEXT, MAX_MESSAGE, MAX_NAME = 1 << 16, 400, 80
FRAMES_KEPT = 5  # lines of a traceback that are reported from its beginning and from its end
ERRORS_KEPT = 100
MOST_RECURSION = 20_000
#: How much may have been written, and for how long, before the grader is told of it. A pipe holds 64 KB.
MOST_UNTOLD, TELL_SECONDS = 1 << 14, 0.002
#: Outputs of an answer, and bytes of one, that are kept until the next call to see whether that changes them.
MOST_KEPT, KEPT_BYTES = 8, 1 << 20
CUT = "\n… (more was printed)\n".encode()
#: Never importable by a student, whatever the pack allows: they reach memory, compilers and processes.
REFUSED = ("ctypes", "numpy.ctypeslib", "numpy.distutils", "numpy.f2py", "numpy.testing._private")

Tree = Any
Header = Dict[str, Any]  # noqa: UP006 - Python 3.8
Blobs = List[bytes]  # noqa: UP006
#: The fields of a reply's header as JSON, without the braces and the id, and the bytes of its arrays.
Answer = Tuple[str, Blobs]  # noqa: UP006

# A student's code can put anything in the place of any name; this file keeps hold of what it needs later.
_write, _read, _clock = os.write, os.read, time.monotonic
_to_json = json.JSONEncoder(separators=(",", ":")).encode
_from_marshal = marshal.loads
LIST, TUPLE, DICT = '"l"', '"t"', '"d"'


class Pipe:
    """Frames to and from the grader over two file descriptors.

    A third one, the bell, says that there is something to read. To be woken for every frame costs the grader
    more than to read it, so while there is more to do it is told of several frames at once; each is written
    when it is made all the same, and the grader also looks by itself, so a program that hangs or crashes
    after it takes no answer with it.
    """

    def __init__(self, source: int, target: int, bell: int | None = None) -> None:
        self._source, self._target, self._bell = source, target, bell
        self._buffer, self._start = b"", 0  # what was read, and where in it the next frame begins
        self._untold, self._told = 0, 0.0  # bytes since the bell was rung, and when that was

    def send(self, header: Header, blobs: Sequence[bytes] = (), now: bool = True) -> None:
        """Write one frame."""
        self.send_text(_to_json(header), blobs, now)

    def send_text(self, header: str, blobs: Sequence[bytes], now: bool) -> None:
        """Write one frame whose header is JSON already, in ASCII."""
        head = header.encode()
        view = memoryview(b"".join([PREFIX.pack(len(head), sum(map(len, blobs))), head, *blobs]))
        while view:
            written = _write(self._target, view[:MOST_UNTOLD])
            view = view[written:]
            self._untold += written
            if view:
                self.ring()
        if now or self._untold > MOST_UNTOLD or _clock() - self._told > TELL_SECONDS:
            self.ring()

    def ring(self) -> None:
        """Tell the grader that there is something to read."""
        if self._bell is not None and self._untold:
            self._untold, self._told = 0, _clock()
            with contextlib.suppress(OSError):  # a student closed it: then the grader looks by itself
                _write(self._bell, RING)

    def has_more(self) -> bool:
        """Whether the next frame has come already."""
        return len(self._buffer) - self._start >= sum(self._lengths())

    def _lengths(self) -> tuple[int, int, int]:
        """Of the prefix of the next frame, its header and the arguments; as far as they are known."""
        if len(self._buffer) - self._start < PREFIX.size:
            return (PREFIX.size, 0, 0)
        return (PREFIX.size, *PREFIX.unpack_from(self._buffer, self._start))

    def receive(self) -> Header:
        """Read one frame; EOFError when the grader has closed the pipe. Arguments become ``args``."""
        if not self.has_more():
            self._fill(PREFIX.size)
            self._fill(sum(self._lengths()))
        prefix, length, more = self._lengths()
        middle = self._start + prefix + length
        header: Header = _from_marshal(self._buffer[self._start + prefix : middle])
        if more:
            header["args"] = _from_marshal(self._buffer[middle : middle + more])
        self._start = middle + more
        return header

    def _fill(self, count: int) -> None:
        """Have at least ``count`` bytes in the buffer; small frames come in one piece."""
        missing = count - (len(self._buffer) - self._start)
        if missing <= 0:
            return
        pieces = [self._buffer[self._start :]]
        while missing > 0:
            piece = _read(self._source, max(missing, 1 << 16))
            if not piece:
                raise EOFError
            pieces.append(piece)
            missing -= len(piece)
        self._buffer, self._start = b"".join(pieces), 0


class Output(io.RawIOBase):
    """The student's stdout and stderr: what is printed goes to the grader, up to a limit, then nowhere."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._request: str | None = None
        self._left = 0

    def begin(self, request: str | None, limit: int) -> None:
        """What is printed from now on belongs to this request; None: to nobody."""
        self._request, self._left = request, limit

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self._request is not None and self._left > 0:
            text = bytes(data[: self._left])
            self._left -= len(text)
            note = b"" if self._left else CUT
            self._pipe.send({"id": self._request, "st": "printed"}, [text + note], now=False)
        return len(data)


# --------------------------------------------------------------------------- values


class Writer:
    """Turns a value into JSON and bytes; what is not plain data becomes ``["o", type, reason]``.

    One bad element of a tuple does not lose the others: exactly it is replaced. The text is put together
    here because a general encoder takes as long for an answer as all the rest of sending it.
    """

    def __init__(self, numpy: Any, max_bytes: int) -> None:
        self._numpy, self._max_bytes = numpy, max_bytes
        self._codes = codes(numpy)
        self.blobs: Blobs = []
        self.copied: dict[int, bytes] = {}  # id of an array -> the bytes that were taken from it
        self.opaque = 0
        self._bytes = self._nodes = 0

    def whole(self, value: Any) -> str:
        """The text of a whole value, or of what is to be said of it where no reply can hold it."""
        text = self.text(value)
        if len(text) <= MAX_HEADER:
            return text
        self.blobs.clear()
        return self._opaque(type(value), "more text than a reply may hold")

    def text(self, value: Any, depth: int = 0) -> str:
        """The text of a value; its bytes are appended to ``blobs``."""
        kind = type(value)
        self._nodes += 1
        if kind is self._numpy.ndarray:
            code = self._codes.get(value.dtype)
            size = value.nbytes  # before anything is copied: a broadcast array only looks large
            if code is None or self._bytes + size > self._max_bytes:
                return self._array(value, kind)
            self._bytes += size
            data = self.copied[id(value)] = value.tobytes()
            self.blobs.append(data)
            return f'["a","{code}",{[*value.shape]}]'
        if kind is float or kind is bool or value is None:
            return _to_json(value)
        if kind is int:
            return self._int(value)
        if kind is str:
            short = len(value) <= MAX_TEXT
            return _to_json(value) if short else self._opaque(kind, f"a text of {len(value)} characters")
        if kind is complex:
            return _to_json(["c", value.real, value.imag])
        if issubclass(kind, self._numpy.generic):
            return self._array(value, kind)
        if kind is tuple or kind is list or kind is dict:
            return self._container(value, kind, depth)
        if issubclass(kind, dict):  # read past methods that the student may have given it
            return self._container(dict(dict.items(value)), dict, depth)
        if issubclass(kind, tuple) and type(kind.__dict__.get("_fields")) is tuple:  # a namedtuple
            return self._container(tuple.__getitem__(value, slice(None)), tuple, depth)
        return self._opaque(kind, self._reason(kind))

    def _container(self, value: Any, kind: type, depth: int) -> str:
        if depth >= MAX_DEPTH:
            return self._opaque(kind, f"nested more than {MAX_DEPTH} deep")
        if self._nodes + len(value) > MAX_NODES:
            return self._opaque(kind, f"more than {MAX_NODES} items in all")
        if kind is not dict:
            letter = LIST if kind is list else TUPLE
            return f"[{','.join([letter, *[self.text(item, depth + 1) for item in value]])}]"
        if not all(type(key) is str and len(key) <= MAX_TEXT for key in value):
            return self._opaque(kind, "a dict whose keys are not all text")
        items = [f"{_to_json(key)},{self.text(item, depth + 1)}" for key, item in value.items()]
        return f"[{','.join([DICT, *items])}]"

    def _int(self, value: int) -> str:
        if -(1 << 63) <= value < 1 << 63:
            return str(value)
        if value.bit_length() > 4096:
            return self._opaque(int, f"an integer of about {int(value.bit_length() * 0.30103)} digits")
        return f'["i","{value:x}"]'

    def _array(self, value: Any, kind: type) -> str:
        if kind is not self._numpy.ndarray and kind.__module__.split(".")[0] != "numpy":
            return self._opaque(kind, "a subclass of a NumPy scalar")
        dtype = value.dtype
        if dtype.names is not None:
            return self._opaque(kind, "an array with named fields")
        if dtype.kind not in "biufc":
            held = {"O": "Python objects", "U": "text", "S": "bytes", "M": "dates", "m": "time spans"}
            prefix = "an array of " if kind is self._numpy.ndarray else ""
            named = held.get(dtype.kind, "no numbers")
            return self._opaque(kind, f"{prefix}{named} (dtype {str(dtype)[:40]})")
        size = value.size * dtype.itemsize
        if self._bytes + size > self._max_bytes:
            room = self._max_bytes >> 20
            return self._opaque(kind, f"{_amount(size)}, more than the {room} MB a reply may hold")
        try:
            if not dtype.isnative:
                dtype = dtype.newbyteorder("=")
                value = value.astype(dtype)
            data = value.tobytes()
        except MemoryError:
            return self._opaque(kind, f"{_amount(size)}, and no memory was left to send it")
        self._bytes += size
        self.blobs.append(data)
        is_array = kind is self._numpy.ndarray
        return _to_json(["a", dtype.str, [*value.shape]] if is_array else ["s", dtype.str])

    def _reason(self, kind: type) -> str:
        for parent in (self._numpy.ndarray, dict, list, tuple, str, int, float, complex):
            if issubclass(kind, parent):
                return f"a subclass of {parent.__name__}"
        return NAMED.get(kind, "not plain data")

    def _opaque(self, kind: type, reason: str) -> str:
        self.opaque += 1
        return _to_json(["o", type_name(kind), reason])


NAMED = {
    types.GeneratorType: "a generator",
    types.FunctionType: "a function",
    types.BuiltinFunctionType: "a function",
    types.MethodType: "a method",
    types.ModuleType: "a module",
    type: "a class",
    type(...): "an ellipsis (...)",
    map: "a map object, not yet computed",
    zip: "a zip object, not yet computed",
    filter: "a filter object, not yet computed",
    range: "a range",
    set: "a set",
    bytes: "bytes",
}


def rebuilt(numpy: Any, tree: Any) -> Any:
    """A value that the grader sent: containers and arrays are fresh, arrays writable and in C order."""
    kind = type(tree)
    if kind is tuple:
        if not tree or tree[0] is not ...:
            return tuple([rebuilt(numpy, item) for item in tree])
        _, code, shape, data = tree
        if shape is None:
            return numpy.frombuffer(data, code)[0]
        return numpy.ndarray(shape, code, bytearray(data)) if data else numpy.empty(shape, code)
    if kind is list:
        return [rebuilt(numpy, item) for item in tree]
    if kind is dict:
        return {key: rebuilt(numpy, item) for key, item in tree.items()}
    return tree


def unchanged(numpy: Any, tree: Any, value: Any) -> bool:
    """Whether ``value`` is still what ``rebuilt`` made of ``tree``."""
    kind = type(tree)
    if kind is tuple and tree and tree[0] is ...:
        _, code, shape, data = tree
        if shape is None:
            return isinstance(value, numpy.generic)  # a scalar cannot change in place
        if type(value) is not numpy.ndarray or value.shape != shape:
            return False
        return codes(numpy).get(value.dtype) == code and bool(value.tobytes() == data)
    if kind is not type(value):
        return False
    if kind is tuple or kind is list:
        pairs = zip(tree, value)  # noqa: B905 - Python 3.8 has no `strict`
        return len(tree) == len(value) and all(unchanged(numpy, *pair) for pair in pairs)
    if kind is dict:
        return [*tree] == [*value] and all(unchanged(numpy, tree[key], value[key]) for key in tree)
    return bool(value == tree or value != value)  # not a number is unchanged, too


_CODES: dict[Any, str] = {}


def codes(numpy: Any) -> dict[Any, str]:
    """Dtype → its code, for those that cross as they are."""
    if not _CODES:
        for letter in "?bBhHiIlLqQefdgFDG":
            dtype = numpy.dtype(letter)
            _CODES[dtype] = dtype.str
    return _CODES


def _amount(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def type_name(kind: type) -> str:
    """A class's name, read past a metaclass that would make one up."""
    name = type.__dict__["__name__"].__get__(kind)
    return str(name)[:MAX_NAME]


def described(error: BaseException) -> Header:
    """Type, message and the student's own lines of an exception, the outermost call first."""
    try:
        message = str(error)
    except BaseException:
        message = "(the exception has no readable message)"
    lines: list[int] = []
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == FILENAME:
            lines.append(step.tb_lineno)
            if len(lines) > 2 * FRAMES_KEPT:
                del lines[FRAMES_KEPT]
        step = step.tb_next
    if isinstance(error, SyntaxError) and error.filename == FILENAME and type(error.lineno) is int:
        lines.append(error.lineno)
        message = str(error.msg)
    kind = MemoryError if isinstance(error, MemoryError) else type(error)  # NumPy has a private one
    return {"type": type_name(kind), "message": message[:MAX_MESSAGE], "lines": lines}


# --------------------------------------------------------------------------- what a program may reach


class Imports:
    """The pack's import policy. It is here to explain; that nothing else can be loaded is the cage's work."""

    def __init__(self, allowed: Sequence[str], harmless: Sequence[str], given: dict[str, Any]) -> None:
        """``given`` are the program's builtins, which get this in the place of ``__import__``."""
        self._listed, self._allowed = ", ".join(allowed), (*allowed, *harmless)
        self._import = builtins.__import__
        given["__import__"] = self
        own = {
            "builtins": _Inert("builtins", given),
            "importlib": _Inert(
                "importlib",
                {
                    "import_module": lambda name: self(name, None, None, ("__name__",)),
                    "reload": lambda module: module,
                    "find_spec": lambda *_: None,
                },
                ("util",),
            ),
        }
        listed = {name.split(".")[0] for name in allowed}
        self._quiet = {name: one for name, one in {**QUIET, **own}.items() if name not in listed}

    def __call__(
        self, name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> types.ModuleType:
        if level:
            raise ImportError("relative imports are not possible in the grader")
        quiet = self._quiet.get(name.split(".")[0])
        if quiet is not None:
            if not all(item == "*" or hasattr(quiet, item) for item in fromlist or ()):
                raise ModuleNotFoundError(self._refusal(name), name=name)
            return quiet
        leads_on = any(allowed.startswith(name + ".") for allowed in self._allowed)
        if not leads_on and not self.permits(name):
            raise ModuleNotFoundError(self._refusal(name), name=name)
        for item in fromlist or ():
            full = f"{name}.{item}"
            if not self.permits(full) and (full in sys.modules or full in REFUSED):
                raise ModuleNotFoundError(self._refusal(full), name=full)
        if name.split(".")[0] in STAND_INS:
            stand_in(name.split(".")[0])
        try:
            return self._import(name, globals, locals, fromlist, 0)
        except ImportError:
            if name in sys.modules:
                raise
            version = f"{sys.version_info[0]}.{sys.version_info[1]}"
            text = f"module '{name}' is allowed, but it is not installed in the grader's Python {version}"
            raise ModuleNotFoundError(text, name=name) from None

    def permits(self, name: str) -> bool:
        """Whether the pack's policy lets a program have the module."""
        if any(f"{name}.".startswith(f"{refused}.") for refused in REFUSED):
            return False
        return any(f"{name}.".startswith(f"{allowed}.") for allowed in self._allowed)

    def _refusal(self, name: str) -> str:
        top = name.split(".")[0]
        shown = name if any(allowed.split(".")[0] == top for allowed in self._allowed) else top
        return (
            f"module '{shown}' is not available in the grader; "
            f"allowed: {self._listed} and harmless parts of the standard library"
        )


def _as_it_is(value: Any = None, *_arguments: Any, **_named: Any) -> Any:
    """``@jit``, ``@jit(nopython=True)`` and ``@jit(float64[:](int64))`` leave the function alone."""
    return value if isinstance(value, (types.FunctionType, type)) else _as_it_is


def _vectorized(value: Any = None, *_arguments: Any, **_named: Any) -> Any:
    """``@vectorize`` and ``@vectorize(["float64(float64)"])``."""
    import numpy

    return numpy.vectorize(value) if isinstance(value, types.FunctionType) else _vectorized


class _Bar:
    """``tqdm(range(9))`` is ``range(9)``, and what else a bar can do does nothing."""

    def __init__(self, iterable: Any = (), *_arguments: Any, **_named: Any) -> None:
        self._iterable = iterable

    def __iter__(self) -> Any:
        return iter(self._iterable)

    def __len__(self) -> int:
        return len(self._iterable)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(NOTHING, name)


def _range(*arguments: Any, **_named: Any) -> _Bar:
    return _Bar(range(*arguments))


def _delayed(function: Any) -> Any:
    return lambda *arguments, **named: (function, arguments, named)


class _Parallel:
    """``Parallel(n_jobs=4)(delayed(f)(x) for x in xs)`` is ``[f(x) for x in xs]``."""

    def __init__(self, *_arguments: Any, **_named: Any) -> None:
        pass

    def __call__(self, tasks: Any) -> Any:
        return [function(*arguments, **named) for function, arguments, named in tasks]

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        pass


def _subplots(nrows: int = 1, ncols: int = 1, *_arguments: Any, squeeze: bool = True, **_named: Any) -> Any:
    """A figure and as many axes as were asked for: none of them draws."""
    import numpy

    axes = numpy.empty((nrows, ncols), object)
    for at in numpy.ndindex(nrows, ncols):
        axes[at] = NOTHING
    return NOTHING, axes if not squeeze else NOTHING if axes.size == 1 else axes.squeeze()


#: Modules around a loop, or for pictures, that change nothing of the answer. Where a pack allows them,
#: these stand in: the real ones start threads, compile, or are not installed. Parts have the same content.
STAND_INS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "tqdm": ({"tqdm": _Bar, "trange": _range, "tqdm_notebook": _Bar}, ("notebook", "auto", "std")),
    "numba": (
        {
            "jit": _as_it_is,
            "njit": _as_it_is,
            "jitclass": _as_it_is,
            "vectorize": _vectorized,
            "prange": range,
        },
        ("typed", "types", "experimental"),
    ),
    "joblib": ({"Parallel": _Parallel, "delayed": _delayed, "cpu_count": lambda: 1}, ()),
    "matplotlib": (
        {"subplots": _subplots},
        ("pyplot", "pylab", "image", "cm", "colors", "patches", "gridspec", "ticker", "figure"),
    ),
}


def stand_in(top: str) -> None:
    """Put the stand-in for a module where ``import`` finds it."""
    content, parts = STAND_INS[top]
    if isinstance(sys.modules.get(top), _StandIn):
        return
    whole = sys.modules[top] = _StandIn(top)
    whole.__path__ = []  # a package: its parts are found in sys.modules
    whole.__dict__.update(content)
    for part in parts:
        module = sys.modules[f"{top}.{part}"] = _StandIn(f"{top}.{part}")
        module.__dict__.update(content)
        setattr(whole, part, module)


class _StandIn(types.ModuleType):
    """A module of ours under another's name; what it does not have (``float64``, ``config``) does nothing."""

    def __getattr__(self, name: str) -> Any:
        return getattr(NOTHING, name)


class _Quiet(types.ModuleType):
    """A module that does nothing: whatever is taken out of it or called is this module again."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_arguments: Any, **_named: Any) -> Any:
        return self

    def __getitem__(self, _: Any) -> Any:
        return self

    def __setitem__(self, *_: Any) -> None:
        pass

    def __iter__(self) -> Any:
        return iter(())

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def __index__(self) -> int:  # a level, a count
        return 0

    def __eq__(self, other: object) -> bool:
        return other is self or other == 0

    def __lt__(self, other: Any) -> bool:
        return bool(other > 0)

    def __le__(self, other: Any) -> bool:
        return other is self or bool(other >= 0)

    def __gt__(self, other: Any) -> bool:
        return bool(other < 0)

    def __ge__(self, other: Any) -> bool:
        return other is self or bool(other <= 0)

    __hash__ = types.ModuleType.__hash__


NOTHING = _Quiet("nothing")


class _Sys(types.ModuleType):
    """What of ``sys`` does nothing to anybody: numbers about Python, and where texts go."""

    maxsize, float_info, byteorder, platform = sys.maxsize, sys.float_info, sys.byteorder, sys.platform
    version, version_info, implementation = sys.version, sys.version_info, sys.implementation
    getsizeof, getrecursionlimit = staticmethod(sys.getsizeof), staticmethod(sys.getrecursionlimit)
    getrefcount, exc_info = staticmethod(sys.getrefcount), staticmethod(sys.exc_info)
    argv: List[str] = [""]  # noqa: UP006, RUF012
    modules: Dict[str, Any] = {}  # noqa: UP006, RUF012

    @staticmethod
    def setrecursionlimit(limit: int) -> None:
        """As far as the stack of a thread goes."""
        sys.setrecursionlimit(min(limit, MOST_RECURSION))

    def __getattr__(self, name: str) -> Any:
        if name in ("stdout", "stderr"):  # those of the call that is under way
            return getattr(sys, name)
        raise AttributeError(f"sys.{name} is not available in the grader")


class _Done:
    """What a pool or a thread was given to do: it was done at once, there are no threads here."""

    def __init__(self, function: Any, arguments: Any = (), named: Any = None) -> None:
        self._value = self._error = None
        try:
            self._value = function(*arguments, **(named or {}))
        except Exception as error:
            self._error = error

    def result(self, *_arguments: Any, **_named: Any) -> Any:
        if self._error is not None:
            raise self._error
        return self._value

    def exception(self, *_: Any) -> Any:
        return self._error

    def add_done_callback(self, function: Any) -> None:
        function(self)

    def done(self) -> bool:
        return True

    def cancel(self) -> bool:
        return False

    def wait(self, *_: Any) -> None:
        pass

    get, ready, successful, cancelled, running = result, done, done, cancel, cancel


class _Executor:
    """``ThreadPoolExecutor``."""

    def __init__(self, *_arguments: Any, **_named: Any) -> None:
        pass

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def submit(self, function: Any, *arguments: Any, **named: Any) -> _Done:
        return _Done(function, arguments, named)

    def map(self, function: Any, *iterables: Any, **_named: Any) -> Any:
        done = [_Done(function, arguments) for arguments in zip(*iterables)]  # noqa: B905 - Python 3.8
        return (one.result() for one in done)

    def shutdown(self, *_arguments: Any, **_named: Any) -> None:
        pass


class _Pool(_Executor):
    """``multiprocessing.Pool``."""

    def map(self, function: Any, iterable: Any, *_: Any, **_named: Any) -> Any:
        return [function(item) for item in iterable]

    def starmap(self, function: Any, iterable: Any, *_: Any, **_named: Any) -> Any:
        return [function(*items) for items in iterable]

    def imap(self, *arguments: Any, **named: Any) -> Any:
        return iter(self.map(*arguments, **named))

    def apply(self, function: Any, args: Any = (), kwds: Any = None) -> Any:
        return function(*args, **(kwds or {}))

    def apply_async(self, function: Any, args: Any = (), kwds: Any = None, callback: Any = None) -> _Done:
        done = _Done(function, args, kwds)
        if callback is not None and done.exception() is None:
            callback(done.result())
        return done

    def map_async(self, *arguments: Any, **named: Any) -> _Done:
        return _Done(self.map, arguments, named)

    def starmap_async(self, *arguments: Any, **named: Any) -> _Done:
        return _Done(self.starmap, arguments, named)

    close = join = terminate = _Executor.shutdown
    imap_unordered = imap


class _Thread:
    """``threading.Thread``: it runs when it is started, and has ended then."""

    def __init__(
        self,
        group: Any = None,
        target: Any = None,
        name: str = "Thread",
        args: Any = (),
        kwargs: Any = None,
        **_: Any,
    ) -> None:
        self.name, self._target, self._args, self._kwargs = name, target, args, kwargs or {}

    def run(self) -> None:
        if self._target is not None:
            self._target(*self._args, **self._kwargs)

    def start(self) -> None:
        error = _Done(self.run).exception()
        if error is not None:  # it ends the thread alone
            print(f"Exception in thread {self.name}: {error!r}")

    def join(self, *_arguments: Any, **_named: Any) -> None:
        pass

    def is_alive(self) -> bool:
        return False

    def getName(self) -> str:
        return self.name


class _Event:
    """``threading.Event``: who would set it has done so, or never will."""

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        self._is_set = True

    def clear(self) -> None:
        self._is_set = False

    def is_set(self, *_: Any) -> bool:
        return self._is_set

    wait = is_set


class _Waited(NamedTuple):
    """What ``concurrent.futures.wait`` gives."""

    done: Any
    not_done: Any


class _Inert(types.ModuleType):
    """What of a module does no harm, written here; each of its parts is the module itself."""

    def __init__(self, name: str, content: dict[str, Any], parts: Sequence[str] = ()) -> None:
        super().__init__(name)
        self.__dict__.update(content)
        self.__dict__.update(dict.fromkeys(parts, self))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self.__name__}.{name} is not available in the grader")


class _Queue:
    """``queue.Queue``: there is nobody to wait for, so an empty one stays empty."""

    def __init__(self, maxsize: int = 0) -> None:
        self.maxsize, self._items = maxsize, []  # type: int, List[Any]

    def put(self, item: Any, *_arguments: Any, **_named: Any) -> None:
        if self.full():
            raise Full
        self._items.append(item)

    def get(self, *_arguments: Any, **_named: Any) -> Any:
        if not self._items:
            raise Empty
        return self._items.pop(self._next())

    def _next(self) -> int:
        return 0

    def qsize(self) -> int:
        return len(self._items)

    def empty(self) -> bool:
        return not self._items

    def full(self) -> bool:
        return 0 < self.maxsize <= len(self._items)

    def task_done(self, *_: Any) -> None:
        pass

    put_nowait, get_nowait, join, close = put, get, task_done, task_done


class _LastFirst(_Queue):
    """``LifoQueue``."""

    def _next(self) -> int:
        return -1


class _SmallestFirst(_Queue):
    """``PriorityQueue``."""

    def _next(self) -> int:
        return min(range(len(self._items)), key=self._items.__getitem__)


class Empty(Exception):
    """``queue.Empty``."""


class Full(Exception):
    """``queue.Full``."""


class _Profiler:
    """``cProfile.Profile``: it measures nothing."""

    def __init__(self, *_arguments: Any, **_named: Any) -> None:
        pass

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(NOTHING, name)

    def runcall(self, function: Any, *arguments: Any, **named: Any) -> Any:
        return function(*arguments, **named)


class _Inspect(_Inert):
    """What of ``inspect`` reads the parameters of a function: no frames, no sources."""

    def __getattr__(self, name: str) -> Any:
        if name in _OF_INSPECT:
            return getattr(importlib.import_module("inspect"), name)
        return super().__getattr__(name)


_OF_INSPECT = frozenset(
    ("signature", "Signature", "Parameter", "BoundArguments", "getfullargspec", "getdoc", "cleandoc",
     "isfunction", "ismethod", "isclass", "isbuiltin", "isgenerator", "isgeneratorfunction", "unwrap")
)  # fmt: skip


def _joined(path: str, *parts: str) -> str:
    for part in parts:
        path = part if not path or part.startswith("/") else f"{path.rstrip('/')}/{part}"
    return path


def _split_name(path: str) -> tuple[str, str]:
    folder, slash, name = path.rpartition("/")
    return folder or slash, name


def _split_ending(path: str) -> tuple[str, str]:
    stem, dot, ending = path.rpartition(".")
    return (stem, dot + ending) if stem.rpartition("/")[2] and "/" not in ending else (path, "")


def _no(*_arguments: Any, **_named: Any) -> bool:
    return False


def _one() -> int:
    return 1


_ENVIRON: dict[str, str] = {}
_MACHINE = {"environ": _ENVIRON, "getenv": _ENVIRON.get, "cpu_count": _one, "getpid": _one, "name": os.name}
#: Paths are texts; that there is something behind one is never so.
_PATHS = {
    "sep": "/",
    "linesep": "\n",
    "curdir": ".",
    "pardir": "..",
    "getcwd": lambda: "/",
    "join": _joined,
    "split": _split_name,
    "splitext": _split_ending,
    "dirname": lambda path: _split_name(path)[0],
    "basename": lambda path: _split_name(path)[1],
    **dict.fromkeys(("exists", "isfile", "isdir", "islink", "lexists"), _no),
    **dict.fromkeys(("abspath", "realpath", "normpath", "expanduser", "expandvars"), str),
}
_PLATFORM = {
    "system": lambda: "",
    "machine": lambda: "",
    "node": lambda: "",
    "platform": lambda: "",
    "python_version": lambda: sys.version.split()[0],
    "python_implementation": lambda: "CPython",
}
_QUEUES = {
    "Queue": _Queue,
    "SimpleQueue": _Queue,
    "LifoQueue": _LastFirst,
    "PriorityQueue": _SmallestFirst,
    "Empty": Empty,
    "Full": Full,
}
_MEMORY = {
    **dict.fromkeys(("start", "stop", "clear_traces", "reset_peak", "take_snapshot"), NOTHING),
    "is_tracing": _no,
    "get_traced_memory": lambda: (0, 0),
}
_LOCKS = dict.fromkeys(("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition"), NOTHING)
_POOLS = {
    "Pool": _Pool,
    "ThreadPool": _Pool,
    "Process": _Thread,
    **dict.fromkeys(("Queue", "SimpleQueue", "JoinableQueue"), _Queue),
    "cpu_count": _one,
    "get_context": lambda *_: QUIET["multiprocessing"],
    "set_start_method": lambda *_arguments, **_named: None,
}
_FUTURES = {
    "ThreadPoolExecutor": _Executor,
    "ProcessPoolExecutor": _Executor,
    "TimeoutError": TimeoutError,
    "as_completed": lambda done, *_arguments, **_named: iter([*done]),
    "wait": lambda done, *_arguments, **_named: _Waited(set(done), set()),
    **{name: name for name in ("ALL_COMPLETED", "FIRST_COMPLETED", "FIRST_EXCEPTION")},
}
_THREADS = {
    "Thread": _Thread,
    "Event": _Event,
    "local": types.SimpleNamespace,
    "current_thread": NOTHING,
    "main_thread": NOTHING,
    "get_ident": _one,
    "active_count": _one,
}

#: Modules round a program that its answers do not depend on. Where a pack does not allow them, a program
#: that logs, collects garbage or displays something does nothing instead of failing, one that asks for a
#: setting of the machine finds none, and what it has for other threads to do is done at once.
QUIET: dict[str, types.ModuleType] = {
    **dict.fromkeys(("IPython", "gc", "logging", "traceback"), NOTHING),
    "sys": _Sys("sys"),
    "os": _Inert("os", {**_MACHINE, **_PATHS}, ("path",)),
    "platform": _Inert("platform", _PLATFORM),
    "queue": _Inert("queue", _QUEUES),
    "inspect": _Inspect("inspect", {}),
    "pstats": NOTHING,
    "tracemalloc": _Inert("tracemalloc", _MEMORY),
    **{name: _Inert(name, {"Profile": _Profiler, "run": NOTHING}) for name in ("cProfile", "profile")},
    "concurrent": _Inert("concurrent", _FUTURES, ("futures", "thread", "process")),
    "multiprocessing": _Inert("multiprocessing", {**_POOLS, **_LOCKS, "Event": _Event}, ("pool", "dummy")),
    "threading": _Inert("threading", {**_THREADS, **_LOCKS}),
}
#: What a notebook has without an import.
GIVEN_BY_NOTEBOOKS = dict.fromkeys(("display", "get_ipython"), NOTHING)


def no_files(*_arguments: Any, **_named: Any) -> NoReturn:
    """In the place of ``open``."""
    raise PermissionError("files are not available in the grader")


def no_input(*_arguments: Any) -> NoReturn:
    """In the place of ``input``."""
    raise EOFError("input() is not available in the grader")


def put_back(numpy: Any, expressions: dict[str, str]) -> None:
    """Give NumPy names that it has removed (``compat.py``); those that it still has stay as they are."""
    import math

    for name, expression in expressions.items():
        owner, (*path, last) = numpy, name.split(".")
        for part in path:
            owner = getattr(owner, part)
        if not hasattr(owner, last):
            # np.trapezoid is young: a NumPy that lacks it still has np.trapz.
            with contextlib.suppress(AttributeError):
                setattr(owner, last, eval(expression, {"np": numpy, "math": math}))


# --------------------------------------------------------------------------- one submission


class Kept:
    """What each function returned last: a later call must not write into it."""

    def __init__(self, numpy: Any) -> None:
        self._array = numpy.ndarray
        self._last: dict[str, list[tuple[int, Any, bytes]]] = {}

    def replace(self, function: str, value: Any, copied: dict[int, bytes]) -> list[int]:
        """Keep ``value``, of which ``copied`` was sent, and say which outputs of the one before changed."""
        overwritten = [k for k, array, data in self._last.get(function, ()) if array.tobytes() != data]
        outputs = value[:MOST_KEPT] if type(value) in (tuple, list) else (value,)
        self._last[function] = [
            (k, item, copied[id(item)])
            for k, item in enumerate(outputs)
            if type(item) is self._array and id(item) in copied and item.nbytes <= KEPT_BYTES
        ]
        return overwritten


class Submission:
    """A student's module and what the grader asked to know of it."""

    def __init__(self, pipe: Pipe, numpy: Any, header: Header) -> None:
        self._pipe, self._numpy, self._header, self._source = pipe, numpy, header, header["source"]
        self._request = header["id"]
        self.errors: list[Header] = []
        self._kept = Kept(numpy)
        put_back(numpy, header["compat"])
        if header["random"]:
            preload("numpy.random")  # to be seeded before the first call, wherever it is loaded
        module = types.ModuleType(MODULE)
        sys.modules[MODULE] = module
        self._names = module.__dict__
        given = {**builtins.__dict__, **GIVEN_BY_NOTEBOOKS, "open": no_files, "input": no_input}
        self._imports = Imports(header["allowed"], header["harmless"], given)
        self._names["__builtins__"] = given

    def load(self) -> None:
        """Execute the program: in one piece, and where that fails, again statement by statement."""
        linecache.cache[FILENAME] = (len(self._source), None, self._source.splitlines(True), FILENAME)
        blank = dict(self._names)
        try:
            if self._header["careful"]:
                raise RuntimeError
            exec(compile(self._source, FILENAME, "exec", 0, True), self._names)
        except BaseException:
            self._names.clear()
            self._names.update(blank)
            self._load_carefully()
        self._replace_stubs()

    def _load_carefully(self) -> None:
        """Execute the statements one by one, so that one that fails costs only itself."""
        try:
            tree = ast.parse(self._source, FILENAME)
        except Exception as error:
            self._failed(getattr(error, "lineno", None), error)
            return
        flags = 0
        for statement in tree.body:
            if statement.lineno in self._header["skip"]:
                continue
            if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
                for alias in statement.names:
                    feature = getattr(future_features, alias.name, None)
                    flags |= getattr(feature, "compiler_flag", 0)
            is_plain = isinstance(statement, (ast.FunctionDef, ast.Import, ast.ImportFrom))
            if not is_plain or getattr(statement, "decorator_list", None):
                # It can hang or crash: then the grader knows which statement to leave out.
                self._pipe.send({"id": self._request, "st": "at", "line": statement.lineno})
            try:
                exec(compile(ast.Module([statement], []), FILENAME, "exec", flags, True), self._names)
            except BaseException as error:
                if not self._took_all_there_is(statement):
                    self._failed(statement.lineno, error)

    def _took_all_there_is(self, statement: ast.stmt) -> bool:
        """``from numpy import *`` where parts of NumPy that it loads late are not to be had: the rest."""
        if not isinstance(statement, ast.ImportFrom) or statement.names[0].name != "*":
            return False
        module = sys.modules.get(statement.module or "")
        if module is None or not self._imports.permits(module.__name__):
            return False
        for name in getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]:
            if name in vars(module):
                self._names[name] = vars(module)[name]
        return True

    def _failed(self, line: int | None, error: BaseException) -> None:
        if len(self.errors) < ERRORS_KEPT:
            self.errors.append(dict(described(error), line=line))

    def call(self, header: Header) -> Answer:
        """Answer one request of the grader."""
        self._request = header["id"]
        function = self._names.get(header["function"])
        if not callable(function):
            kind = type_name(type(function)) if header["function"] in self._names else ""
            return _fields({"st": "missing", "kind": kind}), []
        numpy, trees = self._numpy, header["args"]
        arguments = rebuilt(numpy, trees)
        if self._header["random"]:
            self._reseed(header["seed"])
        try:
            value = function(*arguments)
        except BaseException as error:
            return _fields(dict(described(error), st="raised")), []
        changed = [k for k in range(len(trees)) if not unchanged(numpy, trees[k], arguments[k])]
        writer = Writer(numpy, self._header["reply_bytes"])
        answer = f'"st":"returned","value":{writer.whole(value)},"changed":{changed}'
        overwritten = self._kept.replace(header["function"], value, writer.copied)
        if overwritten:
            answer += f',"overwritten":{overwritten}'
        return answer, writer.blobs

    def _reseed(self, seed: int) -> None:
        """The same random numbers in every run: whoever draws any must still get the same report."""
        generator = sys.modules.get("random")
        if generator is not None:
            generator.seed(seed)
        if generator is not None and "numpy.random" in sys.modules:
            self._numpy.random.seed(seed)
            # Where SeedSequence, and so default_rng() without a seed, takes its entropy from.
            source = generator.Random(seed).getrandbits
            sys.modules["numpy.random.bit_generator"].__dict__["randbits"] = source

    # ------------------------------------------------------------------- right helpers

    def _replace_stubs(self) -> None:
        """Let names of helpers, and other names of the same function, ask the grader for the right answer."""
        for name in self._header["stubs"]:
            original = self._names.get(name)
            proxy = self._proxy(name, original)
            self._names[name] = proxy
            if callable(original):
                for other in [key for key, value in self._names.items() if value is original]:
                    self._names[other] = proxy

    def _proxy(self, name: str, original: Any) -> Any:
        def ask(*arguments: Any, **named: Any) -> Any:
            return self._ask(name, positional(name, original, arguments, named) if named else arguments)

        ask.__name__ = ask.__qualname__ = name
        return ask

    def _ask(self, name: str, arguments: Sequence[Any]) -> Any:
        writer = Writer(self._numpy, self._header["reply_bytes"])
        values = writer.whole(tuple(arguments))
        if writer.opaque:
            raise TypeError(f"{name}() was given something that is not plain data")
        fields = _fields({"id": self._request, "st": "ask", "function": name})
        self._pipe.send_text(f'{{{fields},"args":{values}}}', writer.blobs, now=True)
        header = self._pipe.receive()
        if "raised" in header:
            raise builtin_exception(header["raised"], header["message"])
        return rebuilt(self._numpy, header["value"])


def _fields(header: Header) -> str:
    return _to_json(header)[1:-1]


def builtin_exception(name: str, message: str) -> Exception:
    """What a right helper would have raised; a type that Python itself does not have becomes RuntimeError."""
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        with contextlib.suppress(TypeError):  # UnicodeDecodeError and a few others want more than a message
            return kind(message)
    return RuntimeError(message)


def positional(name: str, function: Any, arguments: Sequence[Any], named: dict[str, Any]) -> tuple[Any, ...]:
    """Arguments given by keyword, put in the order of the student's own definition."""
    code = getattr(function, "__code__", None)
    if code is None:
        raise TypeError(f"{name}() takes its arguments by position")
    order = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    values = {key: defaults[k] for k, key in enumerate(order[len(order) - len(defaults) :])}
    values.update({key: arguments[k] for k, key in enumerate(order[: len(arguments)])})
    values.update(named)
    if len(arguments) > len(order) or set(values) != set(order):
        raise TypeError(f"{name}() was called with arguments that do not fit its definition")
    return tuple([values[key] for key in order])


# --------------------------------------------------------------------------- serving


def prepare() -> Any:
    """Load NumPy and do once what would otherwise cost the first call of every child."""
    import numpy

    warnings.simplefilter("ignore")
    numpy.ones((64, 64)) @ numpy.ones((64, 64))
    repr(numpy.arange(2.0))
    return numpy


_TRIED: set[str] = set()


def preload(name: str) -> bool:
    """Import a module while files can still be read, and say whether anything was imported.

    One that is not installed is reported when a student's statement asks for it.
    """
    if name in sys.modules or name in _TRIED:
        return False
    _TRIED.add(name)
    with contextlib.suppress(Exception, SystemExit), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module(name)
    return True


#: Does a little of all that programs do.
REHEARSAL = "import numpy as np\ndef f(x, h={'pad': 1}):\n    return [np.zeros(2) + x for _ in range(2)], h\n"


def rehearse(numpy: Any) -> None:
    """Do once in a fresh process what is going to be done: its first write to a page makes a copy of it."""
    given = dict(builtins.__dict__)
    names = {"__builtins__": given}
    Imports(("numpy",), (), given)
    exec(compile(REHEARSAL, FILENAME, "exec", 0, True), names)
    tree = (..., "<f8", (1,), bytes(8))
    for _ in range(3):
        value = names["f"](rebuilt(numpy, tree))  # type: ignore[operator]
        writer = Writer(numpy, 1 << 20)
        Kept(numpy).replace("f", value, writer.copied)
        _fields({"st": writer.whole(value), "same": unchanged(numpy, tree, value[0][0])})


def serve(pipe: Pipe, numpy: Any, wait: Callable[[], None] = lambda: None) -> NoReturn:
    """Load a program and answer calls until the grader closes the pipe, which is an EOFError.

    ``wait`` returns when there is a program: what can be done before that is done then.
    """
    output = Output(pipe)
    text = io.TextIOWrapper(output, "utf-8", "backslashreplace", line_buffering=True)  # type: ignore[type-var]
    sys.stdout = sys.stderr = text
    flush = text.flush
    rehearse(numpy)
    wait()
    header = pipe.receive()
    limit = header["output_bytes"]
    submission = Submission(pipe, numpy, header)
    pipe.send({"st": "ready"})  # up to here a failure is the grader's, from here on the student's
    submission.load()
    answer: Answer = _fields({"st": "loaded", "errors": submission.errors}), []
    while True:
        with contextlib.suppress(Exception):
            flush()
        pipe.send_text(f'{{"id":"{header["id"]}",{answer[0]}}}', answer[1], now=not pipe.has_more())
        header = pipe.receive()
        output.begin(header["id"], limit)
        answer = submission.call(header)


def main() -> None:
    """Entry point. Arguments: this folder, a role, which names a file in it, and JSON for the role."""
    sys.path.insert(0, sys.argv[1])
    role: Any = importlib.import_module(sys.argv[2])
    del sys.path[0]
    role.run(sys.modules[__name__], json.loads(sys.argv[3]))
