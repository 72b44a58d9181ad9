"""Runs ``grader check`` as on Windows or macOS, as far as that can be had here: what they lack is taken away.

Usage: elsewhere.py windows|macos <arguments of grader>. The interpreter that runs the student's code loses
``resource`` and ``fork`` too.
"""

import ctypes  # noqa: F401 - NumPy and others look at sys.platform while they are imported
import os
import platform
import select
import signal
import subprocess  # noqa: F401 - before its system changes
import sys
import tempfile
from pathlib import Path

import numpy  # noqa: F401

LACKING = {
    "windows": (
        (os, "fork", "forkpty", "killpg", "setsid", "getuid", "geteuid", "pidfd_open", "sched_getaffinity"),
        (signal, "SIGALRM", "setitimer", "pidfd_send_signal", "SIGXCPU"),
        (select, "poll", "epoll"),
    ),
    "macos": ((os, "pidfd_open", "sched_getaffinity", "memfd_create"), (select, "epoll")),
}
MODULES = {"windows": ("resource", "fcntl", "pwd", "grp", "termios"), "macos": ()}

CHILD = """#!{python}
import os, sys
lacking = {modules!r}
for name in lacking:
    sys.modules[name] = None
if lacking:
    del os.fork
else:
    # macOS has no /proc, and so no way to limit the memory.
    import builtins
    real = builtins.open
    def open(file, *more, **named):
        if str(file).startswith("/proc"):
            raise FileNotFoundError(file)
        return real(file, *more, **named)
    builtins.open = open
boot = sys.argv[sys.argv.index("-c") + 1]
sys.argv = ["-c", *sys.argv[sys.argv.index("-c") + 2 :]]
exec(boot)
"""


def main() -> None:
    system = sys.argv[1]
    sys.argv = ["grader", *sys.argv[2:]]
    python = Path(tempfile.mkdtemp()) / "python"
    python.write_text(CHILD.format(python=sys.executable, modules=MODULES[system]), encoding="utf-8")
    python.chmod(0o755)
    sys.executable = str(python)
    from grader.cli import main as grader

    for name in MODULES[system]:
        sys.modules[name] = None  # type: ignore[assignment]
    for module, *names in LACKING[system]:
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    sys.platform = {"windows": "win32", "macos": "darwin"}[system]
    platform.platform = lambda *_, **__: system  # type: ignore[assignment]
    grader()


main()
