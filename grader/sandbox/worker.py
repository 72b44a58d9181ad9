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
import io
import json
import linecache
import os
import struct
import sys
import types
import warnings

FILENAME = "<submission>"
MODULE = "submission"
PREFIX = struct.Struct("<II")
MAX_NODES, MAX_DEPTH, MAX_TEXT, MAX_MESSAGE, MAX_NAME = 20000, 32, 1 << 16, 400, 80
MAX_HEADER = (1 << 21) - 4096
FRAMES_KEPT = 5  # lines of a traceback that are reported from its beginning and from its end
#: Never importable by a student, whatever the pack allows: they reach C memory, compilers or other processes.
REFUSED = ("numpy.ctypeslib", "numpy.distutils", "numpy.f2py", "ctypes", "numpy.testing._private.extbuild")

# The student may replace any name in any module; what this file needs afterwards it holds itself.
_type, _len, _str, _getattr, _issubclass = type, len, str, getattr, issubclass
_write, _read, _dumps = os.write, os.read, json.JSONEncoder(separators=(",", ":")).encode
_decode_json = json.JSONDecoder().decode


class Pipe:
    """Frames to and from the grader over two file descriptors."""

    def __init__(self, source, target):
        self.source, self.target = source, target

    def send(self, header, blobs=()):
        head = _dumps(header).encode()
        view = memoryview(b"".join([PREFIX.pack(_len(head), sum(map(_len, blobs))), head] + list(blobs)))
        while view:
            view = view[_write(self.target, view) :]

    def receive(self):
        length, size = PREFIX.unpack(self._exactly(PREFIX.size))
        header = _decode_json(self._exactly(length).decode())
        return header, self._exactly(size)

    def _exactly(self, count):
        pieces = []
        while count:
            piece = _read(self.source, min(count, 1 << 20))
            if not piece:
                raise EOFError
            pieces.append(piece)
            count -= _len(piece)
        return b"".join(pieces)


class Output(io.RawIOBase):
    """The student's stdout and stderr: what is printed goes to the grader, up to a limit, then nowhere."""

    def __init__(self, pipe):
        self.pipe, self.request, self.left = pipe, None, 0

    def writable(self):
        return True

    def write(self, data):
        text, size = bytes(data[: self.left]), _len(data)
        if text and self.request is not None:
            self.left -= _len(text)
            self.pipe.send({"id": self.request, "st": "printed"}, [text])
        return size


# --------------------------------------------------------------------------- values


class Writer:
    """Turns a value into a tree and bytes; what is not plain data becomes ``["o", type, reason]``."""

    def __init__(self, numpy, max_bytes):
        self.numpy, self.max_bytes = numpy, max_bytes
        self.blobs, self.bytes, self.nodes, self.opaque = [], 0, 0, 0

    def tree(self, value, depth=0):
        kind = _type(value)
        self.nodes += 1
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return self._int(value)
        if kind is str:
            if _len(value) > MAX_TEXT:
                return self._opaque(kind, "a text of %d characters" % _len(value))
            return value
        if kind is complex:
            return ["c", value.real, value.imag]
        if kind is self.numpy.ndarray:
            return self._array(value)
        if _issubclass(kind, self.numpy.generic):
            return self._array(value)
        if kind is tuple or kind is list or kind is dict:
            if depth >= MAX_DEPTH:
                return self._opaque(kind, "nested more than %d deep" % MAX_DEPTH)
            if self.nodes + _len(value) > MAX_NODES:
                return self._opaque(kind, "more than %d items in all" % MAX_NODES)
            if kind is not dict:
                return ["l" if kind is list else "t"] + [self.tree(item, depth + 1) for item in value]
            if not all(_type(key) is str and _len(key) <= MAX_TEXT for key in value):
                return self._opaque(kind, "a dict whose keys are not all text")
            tree = ["d"]
            for key, item in value.items():
                tree += [key, self.tree(item, depth + 1)]
            return tree
        return self._opaque(kind, self._reason(kind))

    def _int(self, value):
        if -(1 << 63) <= value < 1 << 63:
            return value
        if value.bit_length() > 4096:
            return self._opaque(int, "an integer of about %d digits" % (value.bit_length() * 0.30103))
        return ["i", "%x" % value]

    def _array(self, value):
        kind = _type(value)
        if kind is not self.numpy.ndarray and kind.__module__.split(".")[0] != "numpy":
            return self._opaque(kind, "a subclass of a NumPy scalar")
        dtype = value.dtype
        if dtype.names is not None:
            return self._opaque(kind, "an array with named fields")
        if dtype.kind not in "biufc":
            names = {"O": "Python objects", "U": "text", "S": "bytes", "M": "dates", "m": "time spans"}
            reason = "%s (dtype %s)" % (names.get(dtype.kind, "no numbers"), _str(dtype)[:40])
            return self._opaque(kind, ("an array of " if kind is self.numpy.ndarray else "") + reason)
        size = value.size * dtype.itemsize
        if self.bytes + size > self.max_bytes:
            reason = "%s, more than the %d MB a reply may hold" % (_size(size), self.max_bytes >> 20)
            return self._opaque(kind, reason)
        native = dtype.newbyteorder("=")
        try:
            data = (value if native.str == dtype.str else value.astype(native)).tobytes()
        except MemoryError:
            return self._opaque(kind, "%s, and no memory was left to send it" % _size(size))
        self.bytes += size
        self.blobs.append(data)
        if kind is self.numpy.ndarray:
            return ["a", native.str, list(value.shape)]
        return ["s", native.str]

    def _reason(self, kind):
        for parent in (self.numpy.ndarray, dict, list, tuple, str, int, float, complex):
            if _issubclass(kind, parent):
                return "a subclass of %s" % parent.__name__
        named = {
            types.GeneratorType: "a generator",
            types.FunctionType: "a function",
            types.BuiltinFunctionType: "a function",
            types.ModuleType: "a module",
            type: "a class",
            map: "a map object, not yet computed",
            zip: "a zip object, not yet computed",
            filter: "a filter object, not yet computed",
        }
        return named.get(kind, "not plain data")

    def _opaque(self, kind, reason):
        self.opaque += 1
        return ["o", type_name(kind), reason]


class Reader:
    """Rebuilds the values that the grader sends: arrays are fresh, writable and in C order."""

    def __init__(self, numpy, payload):
        self.numpy, self.payload, self.offset = numpy, payload, 0

    def value(self, tree):
        if _type(tree) is not list:
            return tree
        kind = tree[0]
        if kind == "a" or kind == "s":
            return self._array(tree, self._bytes(tree))
        if kind == "l":
            return [self.value(part) for part in tree[1:]]
        if kind == "t":
            return tuple([self.value(part) for part in tree[1:]])
        if kind == "d":
            return {tree[k]: self.value(tree[k + 1]) for k in range(1, _len(tree), 2)}
        if kind == "c":
            return complex(tree[1], tree[2])
        return int(tree[1], 16)

    def same(self, tree, value):
        """Whether ``value`` is still what ``value(tree)`` gave; also moves past the tree's bytes."""
        kind = tree[0] if _type(tree) is list else None
        if kind == "a" or kind == "s":
            data = self._bytes(tree)
            if kind == "s":
                return True  # a scalar cannot be changed in place
            return (
                _type(value) is self.numpy.ndarray
                and list(value.shape) == tree[2]
                and value.dtype.str == tree[1]
                and value.tobytes() == data
            )
        if kind in ("l", "t", "d"):
            parts = tree[2::2] if kind == "d" else tree[1:]
            like = {"l": list, "t": tuple, "d": dict}[kind]
            right = _type(value) is like and _len(value) == _len(parts)
            if right and kind == "d":
                right = list(value) == tree[1::2]
            items = (list(value.values()) if kind == "d" else value) if right else parts
            return all([self.same(part, item) for part, item in zip(parts, items)]) and right
        before = self.value(tree)
        return value is before or (_type(value) is _type(before) and (value == before or value != value))

    def _bytes(self, tree):
        count = self.numpy.dtype(tree[1]).itemsize
        for length in tree[2] if tree[0] == "a" else ():
            count *= length
        self.offset += count
        return self.payload[self.offset - count : self.offset]

    def _array(self, tree, data):
        array = self.numpy.frombuffer(bytearray(data), tree[1]) if data else self.numpy.empty(0, tree[1])
        return array.reshape(tree[2]) if tree[0] == "a" else array[0]


def _size(count):
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            break
        count /= 1000.0
    return "%d bytes" % count if unit == "bytes" else "%.1f %s" % (count, unit)


def type_name(kind):
    """A class's name, read past a metaclass that would make one up."""
    try:
        return _str(type.__dict__["__name__"].__get__(kind))[:MAX_NAME]
    except BaseException:
        return "?"


def described(error):
    """Type, message and the student's own lines of an exception, the outermost call first."""
    try:
        message = _str(error)
        message = message if _type(message) is str else "?"
    except BaseException:
        message = "(the exception has no readable message)"
    lines, step = [], error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == FILENAME:
            lines.append(step.tb_lineno)
            if _len(lines) > 2 * FRAMES_KEPT:
                del lines[FRAMES_KEPT]
        step = step.tb_next
    if isinstance(error, SyntaxError) and error.filename == FILENAME and error.lineno:
        lines.append(error.lineno)
        message = error.msg if _type(error.msg) is str else message
    return {"type": type_name(_type(error)), "message": message[:MAX_MESSAGE], "lines": lines}


# --------------------------------------------------------------------------- what a program may reach


class Imports:
    """The pack's import policy. It is here to explain; that nothing else can be loaded is the cage's work."""

    def __init__(self, allowed, harmless):
        self.listed, self.allowed = ", ".join(allowed), tuple(allowed) + tuple(harmless)
        self.original = builtins.__import__

    def __call__(self, name, globals=None, locals=None, fromlist=(), level=0):
        if level:
            raise ImportError("relative imports are not possible in the grader")
        if not self.permits(name) and not self._leads_to_allowed(name):
            raise ModuleNotFoundError(self.sentence(name), name=name)
        for item in fromlist or ():
            full = name + "." + item
            if not self.permits(full) and (full in sys.modules or full in REFUSED):
                raise ModuleNotFoundError(self.sentence(full), name=full)
        try:
            return self.original(name, globals, locals, fromlist, 0)
        except ImportError as error:
            if name not in sys.modules:
                version = "%d.%d" % sys.version_info[:2]
                text = "module '%s' is allowed, but it is not installed in the grader's Python %s" % (name, version)
                raise ModuleNotFoundError(text, name=name) from None
            raise error

    def permits(self, name):
        if any(name == refused or name.startswith(refused + ".") for refused in REFUSED):
            return False
        return any(name == allowed or name.startswith(allowed + ".") for allowed in self.allowed)

    def _leads_to_allowed(self, name):
        return any(allowed.startswith(name + ".") for allowed in self.allowed)

    def sentence(self, name):
        name = name if any(a.startswith(name.split(".")[0] + ".") for a in self.allowed) else name.split(".")[0]
        text = "module '%s' is not available in the grader; allowed: %s and plain standard library such as math"
        return text % (name, self.listed)


def no_files(*_args, **_kwargs):
    raise PermissionError("files are not available in the grader")


def no_input(*_args, **_kwargs):
    raise EOFError("input() is not available in the grader")


#: Names that NumPy removed, as expressions over ``np``; a pack asks for them with ``compat``.
REMOVED = {
    "float": "float", "int": "int", "bool": "bool", "object": "object", "str": "str", "complex": "complex",
    "long": "int", "unicode": "str", "float_": "np.float64", "complex_": "np.complex128", "longfloat": "np.longdouble",
    "singlecomplex": "np.complex64", "cfloat": "np.complex128", "string_": "np.bytes_", "unicode_": "np.str_",
    "Inf": "np.inf", "infty": "np.inf", "Infinity": "np.inf", "PINF": "np.inf", "NINF": "-np.inf",
    "PZERO": "0.0", "NZERO": "-0.0", "NaN": "np.nan", "math": "math", "asscalar": "lambda a: a.item()",
    "asfarray": "lambda a, dtype=float: np.asarray(a, dtype)", "product": "np.prod", "cumproduct": "np.cumprod",
    "alltrue": "np.all", "sometrue": "np.any", "in1d": "lambda a, b, **k: np.isin(np.ravel(a), b, **k)",
    "row_stack": "np.vstack", "trapz": "np.trapezoid", "round_": "np.round", "mat": "np.asmatrix",
    "msort": "lambda a: np.sort(a, axis=0)", "alen": "lambda a: len(np.atleast_1d(a))", "float96": "np.longdouble",
}  # fmt: skip


def put_back(numpy, names):
    """Give NumPy back the removed names that the pack lists; an unknown one is a ValueError."""
    import math

    for name in names:
        short = name.split(".", 1)[1] if name.startswith(("np.", "numpy.")) else name
        if short not in REMOVED:
            raise ValueError("compat: no replacement is known for %r" % name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if not hasattr(numpy, short):
                setattr(numpy, short, eval(REMOVED[short], {"np": numpy, "math": math}))


# --------------------------------------------------------------------------- one submission


class Submission:
    """A student's module and what the grader asked to know of it."""

    def __init__(self, pipe, output, numpy, header, source):
        self.pipe, self.output, self.numpy, self.header = pipe, output, numpy, header
        self.max_bytes = header["reply_bytes"]
        self.request = header["id"]
        put_back(numpy, header["compat"])
        module = types.ModuleType(MODULE)
        sys.modules[MODULE] = module
        self.names = module.__dict__
        self.names["__builtins__"] = dict(
            builtins.__dict__, __import__=Imports(header["allowed"], header["harmless"]), open=no_files, input=no_input
        )
        self.source = source
        self.errors = []

    def load(self):
        """Execute the statements one by one, so that one that fails costs only itself."""
        try:
            tree = ast.parse(self.source, FILENAME)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self._failed(_getattr(error, "lineno", None), error)
            return
        linecache.cache[FILENAME] = (_len(self.source), None, self.source.splitlines(True), FILENAME)
        flags = 0
        for statement in tree.body:
            if statement.lineno in self.header["skip"]:
                continue
            if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
                for alias in statement.names:
                    flags |= _getattr(_getattr(future_features, alias.name, None), "compiler_flag", 0)
            try:
                # Future statements compile only at the head of a module; their flags are kept in `flags`.
                code = compile(ast.Module([statement], []), FILENAME, "exec", flags, True)
                if not isinstance(statement, (ast.FunctionDef, ast.Import, ast.ImportFrom)):
                    self.pipe.send({"id": self.request, "st": "at", "line": statement.lineno})
                exec(code, self.names)
            except BaseException as error:
                self._failed(statement.lineno, error)
        self._replace_stubs()

    def _failed(self, line, error):
        self.errors.append(dict(described(error), line=line))

    def call(self, header, payload):
        """Answer one request of the grader."""
        self.request = header["id"]
        function = self.names.get(header["function"])
        if not callable(function):
            defined = header["function"] in self.names
            return {"st": "missing", "kind": type_name(_type(function)) if defined else ""}, []
        arguments = Reader(self.numpy, payload).value(header["args"])
        self._reseed(header["seed"])
        try:
            value = function(*arguments)
        except BaseException as error:
            return dict(described(error), st="raised"), []
        check = Reader(self.numpy, payload)
        trees = header["args"][1:]
        changed = [k for k, tree in enumerate(trees) if not check.same(tree, arguments[k])]
        writer = Writer(self.numpy, self.max_bytes)
        tree = writer.tree(value)
        return {"st": "returned", "value": tree, "changed": changed}, writer.blobs

    def _reseed(self, seed):
        """The same random numbers in every run: whoever draws any must still get the same report."""
        if "random" in sys.modules:
            sys.modules["random"].seed(seed)
        if "numpy.random" in sys.modules:
            self.numpy.random.seed(seed)
            import random

            sys.modules["numpy.random.bit_generator"].randbits = random.Random(seed).getrandbits

    # ------------------------------------------------------------------- right helpers

    def _replace_stubs(self):
        """Let names of helpers, and other names of the same function, ask the grader for the right answer."""
        for name in self.header["stubs"]:
            original = self.names.get(name)
            proxy = self._proxy(name, original)
            self.names[name] = proxy
            if callable(original):
                for other in [key for key, value in self.names.items() if value is original]:
                    self.names[other] = proxy

    def _proxy(self, name, original):
        def ask(*arguments, **named):
            return self._ask(name, original, arguments, named)

        ask.__name__ = ask.__qualname__ = name
        return ask

    def _ask(self, name, original, arguments, named):
        if named:
            arguments = positional(name, original, arguments, named)
        writer = Writer(self.numpy, self.max_bytes)
        tree = writer.tree(tuple(arguments))
        if writer.opaque:
            raise TypeError("%s() was given something that is not plain data" % name)
        self.pipe.send({"id": self.request, "st": "ask", "function": name, "args": tree}, writer.blobs)
        header, payload = self.pipe.receive()
        if "raised" in header:
            kind = _getattr(builtins, header["raised"], None)
            safe = _type(kind) is type and _issubclass(kind, Exception)
            raise (kind if safe else RuntimeError)(header["message"])
        return Reader(self.numpy, payload).value(header["value"])


def positional(name, function, arguments, named):
    """Arguments given by keyword, put in the order of the student's own definition."""
    code = _getattr(function, "__code__", None)
    if code is None:
        raise TypeError("%s() takes its arguments by position" % name)
    order = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    values = dict(zip(order[_len(order) - _len(defaults) :], defaults))
    values.update(zip(order, arguments))
    values.update(named)
    unknown = [key for key in named if key not in order]
    if unknown or any(key not in values for key in order):
        raise TypeError("%s() got unexpected or too few arguments" % name)
    return tuple([values[key] for key in order])


# --------------------------------------------------------------------------- serving


def prepare():
    """Load NumPy and do once what would otherwise cost the first call of every child."""
    import numpy

    warnings.simplefilter("ignore")
    numpy.ones((8, 8)) @ numpy.ones((8, 8))
    repr(numpy.arange(2.0))
    return numpy


def serve(pipe, numpy):
    """Load a program and answer calls until the grader closes the pipe."""
    output = Output(pipe)
    sys.stdout = sys.stderr = io.TextIOWrapper(
        output, encoding="utf-8", errors="backslashreplace", line_buffering=True
    )
    flush = sys.stdout.flush
    pipe.send({"st": "ready"})
    header, payload = pipe.receive()
    limit = header["output_bytes"]
    try:
        submission = Submission(pipe, output, numpy, header, payload.decode("utf-8"))
    except ValueError as error:
        pipe.send({"id": header["id"], "st": "refused", "message": _str(error)})
        return
    output.request, output.left = header["id"], limit
    submission.load()
    flush()
    pipe.send({"id": header["id"], "st": "loaded", "errors": submission.errors[:100]})
    while True:
        output.request = None
        header, payload = pipe.receive()
        output.request, output.left = header["id"], limit
        answer, blobs = submission.call(header, payload)
        try:
            flush()
        except Exception:
            pass
        answer["id"] = header["id"]
        if _len(_dumps(answer)) > MAX_HEADER:
            answer["value"], blobs = ["o", "value", "more text than a reply may hold"], []
        pipe.send(answer, blobs)


def serve_alone(config):
    """The portable tier: one process of its own for one submission, without a cage."""
    pipe = Pipe(os.dup(0), os.dup(1))
    quiet = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(quiet, standard)
    try:
        numpy = prepare()
    except ImportError as error:
        pipe.send({"st": "failed", "message": "%s: %s" % (type_name(_type(error)), error)})
        return
    os.dup2(quiet, 2)
    for name in config["modules"]:
        preload(name)
    limit_softly(config)
    version = "%d.%d.%d" % sys.version_info[:3]
    pipe.send({"st": "ready", "python": version, "numpy": numpy.__version__})
    try:
        serve(pipe, numpy)
    except EOFError:
        pass
    os._exit(0)


def preload(name):
    """Import a module while files can still be read; one that is not installed is reported when used."""
    if name not in sys.modules:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                __import__(name)
        except ImportError:
            pass


def limit_softly(config):
    """Memory and processor limits where the system knows them (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    try:
        with open("/proc/self/statm") as file:  # what is mapped already, in pages
            mapped = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        mapped = 1 << 30
    memory = mapped + config["memory_bytes"]
    for name, value in (("RLIMIT_AS", memory), ("RLIMIT_CPU", config["cpu_seconds"]), ("RLIMIT_CORE", 0)):
        try:
            hard = resource.getrlimit(_getattr(resource, name))[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(_getattr(resource, name), (value, value))
        except (AttributeError, ValueError, OSError):
            pass


def main():
    """Entry point: ``worker.main()`` with a JSON object as the last argument."""
    config = json.loads(sys.argv[-1])
    if config["role"] == "portable":
        serve_alone(config)
    else:
        sys.path.insert(0, config["folder"])
        import zygote

        del sys.path[0]
        zygote.run(sys.modules[__name__], config)
