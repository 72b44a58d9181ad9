"""Runs a function where it lives, inside the notebook's kernel, when there is no source to take it out.

It looks like a sandbox to the pipeline and is none: it only keeps the notebook from hanging. A thread
that overstays is asked to stop; Python cannot force it to, and the student is told so.
"""

from __future__ import annotations

import ctypes
import platform
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from grader.cases import copied
from grader.model import (
    Arguments,
    Cell,
    LoadError,
    NoValue,
    Opaque,
    Outcome,
    Program,
    Raised,
    Reply,
    Returned,
    Submission,
    Value,
)
from grader.sandbox.protocol import clean, decode, encode

#: How long a thread may take to notice that it was stopped.
STOP_SECONDS = 3.0


class _Stop(BaseException):
    """Raised inside a thread that overstays; no ``except Exception`` catches it."""


def stand_in(functions: Sequence[str]) -> Submission:
    """A submission that names the functions and does not hold them: their source is nowhere to be had."""
    lines = "".join(f"def {name}(*arguments):\n    return arguments\n" for name in functions)
    return Submission("this notebook", "", "ipynb", (Cell(lines, 1, 0),))


class LiveRunner:
    """Stands in for a sandbox; ``functions`` are those of the kernel."""

    mode = "none"
    mechanisms: tuple[str, ...] = ()

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._functions = functions

    @property
    def python(self) -> str:
        """The kernel's own version."""
        return platform.python_version()

    @property
    def numpy(self) -> str:
        """Its NumPy's."""
        import numpy

        return str(numpy.__version__)

    @property
    def why_not_strict(self) -> str:
        """It was not asked to be."""
        return ""

    def open(self, program: Program, oracle: object = None) -> LiveSession:
        """A session; what the program's source says is not used."""
        return LiveSession(self._functions)

    def close(self) -> None:
        """There is nothing to end."""


class LiveSession:
    """Calls functions in threads of this process."""

    load_errors: tuple[LoadError, ...] = ()
    load_seconds = 0.0

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._functions = functions

    def close(self) -> None:
        """There is nothing to end."""

    def plan(self, calls: Iterable[object]) -> None:
        """There is nothing to be prepared."""

    def call(self, function: str, args: Arguments, seconds: float, *, entropy: int = 0) -> Reply:
        """Call a function on copies of ``args`` and wait for ``seconds`` at most."""
        given = copied(args)
        answer: list[Any] = []
        failure: list[BaseException] = []

        def run() -> None:
            try:
                answer.append(self._functions[function](*given))
            except BaseException as error:
                failure.append(error)

        started = time.monotonic()
        thread = threading.Thread(target=run, daemon=True, name=f"check of {function}")
        thread.start()
        thread.join(seconds)
        taken = time.monotonic() - started
        if thread.is_alive():
            _stop(thread)
            detail = f"stopped after {seconds:.1f} s"
            if thread.is_alive():
                detail += "; it does not let itself be stopped: restart the kernel"
            return NoValue(Outcome.TIMED_OUT, detail, taken)
        if failure:
            return _raised(failure[0], taken)
        changed = tuple(k for k, (a, b) in enumerate(zip(given, args, strict=True)) if _bytes(a) != _bytes(b))
        return Returned(_plain(answer[0]), taken, changed)


def _stop(thread: threading.Thread) -> None:
    """Raise ``_Stop`` in a thread, at its next line of Python."""
    assert thread.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Stop))
    thread.join(STOP_SECONDS)


def _raised(error: BaseException, seconds: float) -> NoValue:
    frames = traceback.extract_tb(error.__traceback__)[1:]  # without our own
    raised = Raised(type(error).__name__, clean(str(error)), tuple(f.lineno or 0 for f in frames))
    detail = f"{raised.type_name}: {raised.message}".rstrip(": ")
    return NoValue(Outcome.RAISED, detail, seconds, raised)


def _plain(value: Any) -> Value:
    """What would have come out of a process of its own."""
    try:
        (tree,), blobs = encode((value,))
    except TypeError:
        return Opaque(type(value).__name__, f"a {type(value).__name__}")
    return decode(tree, b"".join(blobs))


def _bytes(value: Value) -> tuple[Any, list[bytes]]:
    return encode((value,))
