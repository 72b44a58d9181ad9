"""The way into the sandbox: ``open_runner`` gives a place where programs of students can be opened."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from grader.errors import SandboxError
from grader.model import Limits, Program
from grader.sandbox.dialogue import Oracle
from grader.sandbox.launch import Child, Launcher
from grader.sandbox.modules import needed
from grader.sandbox.protocol import HARMLESS_IMPORTS
from grader.sandbox.session import Session

MODES = ("auto", "strict", "standard", "portable")


class Runner:
    """Opens programs one after another. Made at once; whatever needs its processes first waits for them."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        launcher.start()

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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

    @property
    def why_not_strict(self) -> str:
        """Why ``auto`` did not end in ``strict``; empty where it did or was not asked."""
        return str(self._launcher.hello().get("why_not_strict", ""))

    def open(self, program: Program, oracle: Oracle | None = None) -> Session:
        """A session for one program; ``oracle`` answers for the functions in ``program.stubs``."""
        modules = needed(program.source, [*program.allowed_imports, *HARMLESS_IMPORTS])

        def spawn() -> Child:
            return self._launcher.child(modules, program.limits)

        def make_ready() -> None:
            self._launcher.make_ready(program.limits)

        return Session(spawn, program, oracle, make_ready)

    def close(self) -> None:
        """End everything."""
        self._launcher.close()


def open_runner(
    mode: str = "auto",
    *,
    python: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    allowed_imports: Sequence[str] = (),
) -> Runner:
    """Start what ``mode`` needs and return at once.

    ``auto`` is strict where that works, else standard, and never portable: there is no way to run student
    code without isolation but to ask for it. ``limits`` are those of the process that is made ready ahead:
    a program with others gets one made to order. ``allowed_imports`` are loaded at once; otherwise a module
    is loaded when the first program asks for it.
    """
    if mode not in MODES:
        raise SandboxError(f"the sandbox mode is {mode!r}, expected one of: {', '.join(MODES)}")
    interpreter = python or sys.executable
    if mode == "portable":
        from grader.sandbox.portable import PortableLauncher

        return Runner(PortableLauncher(interpreter, limits, allowed_imports))
    if sys.platform != "linux":
        raise SandboxError(
            f"student code can be isolated on Linux only, and this is {sys.platform}: "
            "use a container, or ask for the portable tier, which is no isolation; see `grader doctor`"
        )
    from grader.sandbox.forked import ZygoteLauncher

    return Runner(ZygoteLauncher(mode, interpreter, limits, allowed_imports))
