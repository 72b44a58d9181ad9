"""The way into the sandbox: ``open_runner`` gives a place where programs of students can be opened."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Protocol

from grader.errors import SandboxError
from grader.model import Arguments, Limits, Program, Reply
from grader.sandbox.launch import Launcher, PortableLauncher, ZygoteLauncher
from grader.sandbox.protocol import HARMLESS_IMPORTS
from grader.sandbox.session import Oracle, Session

MODES = ("auto", "strict", "standard", "portable")


class Runner:
    """Opens programs one after another; what it needs is started when it is made and awaited when used."""

    def __init__(self, launcher: Launcher, python: str) -> None:
        self._launcher, self.python_path = launcher, python
        launcher.start()

    @property
    def mode(self) -> str:
        """The tier that is really in force: ``strict``, ``standard`` or ``portable``."""
        return str(self._launcher.hello()["mode"])

    @property
    def python(self) -> str:
        """The version of the interpreter that runs student code."""
        return str(self._launcher.hello()["python"])

    @property
    def numpy(self) -> str:
        """The version of its NumPy."""
        return str(self._launcher.hello()["numpy"])

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """What holds the student's code, for the report."""
        return tuple(self._launcher.hello()["mechanisms"])

    def open(self, program: Program, oracle: Oracle | None = None) -> Session:
        """A session for one program."""
        modules = needed(program.source, [*program.allowed_imports, *HARMLESS_IMPORTS])

        def spawn() -> Any:
            return self._launcher.child(modules, program.limits)

        return Session(spawn, program, oracle)

    def close(self) -> None:
        """End everything."""
        self._launcher.close()

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_runner(
    mode: str = "auto",
    *,
    python: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    allowed_imports: Sequence[str] = (),
) -> Runner:
    """Start what ``mode`` needs and return at once; the first use waits for it.

    ``auto`` is strict where that works, else standard, and never portable.
    """
    if mode not in MODES:
        raise SandboxError(f"the sandbox mode is {mode!r}, expected one of: {', '.join(MODES)}")
    interpreter = python or sys.executable
    launcher: Launcher
    if mode == "portable":
        launcher = PortableLauncher(interpreter, limits, ())
    else:
        launcher = ZygoteLauncher(mode, interpreter, limits, ())
    return Runner(launcher, interpreter)


#: Parts of NumPy that it loads only when they are first used, and the words that show the use.
LAZY = {
    "random": ("numpy.random", "random"),
    "fft": ("numpy.fft",),
    "ma": ("numpy.ma",),
    "polynomial": ("numpy.polynomial",),
}

_IMPORT = re.compile(r"(?:from|import)[ \t]+([\w.]+)")


def needed(source: str, allowed: Sequence[str]) -> list[str]:
    """The modules that a program may want and that must be loaded before it is locked in.

    Found by looking for words, not by parsing: hostile source must not be parsed out here. A name too many
    costs some milliseconds; only names that the pack allows are ever loaded.
    """
    found = [name for name in _IMPORT.findall(source) if any(f"{name}.".startswith(f"{a}.") for a in allowed)]
    words = set(re.findall(r"\w+", source))
    for word, modules in LAZY.items():
        if word in words:
            found += modules
    return list(dict.fromkeys(found))
