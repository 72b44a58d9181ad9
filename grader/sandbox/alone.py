"""The portable tier: one process of its own for one submission. It is not isolation.

It keeps an honest mistake (an endless loop, a crash) away from the grader on any system; it keeps no secret
and stops no attack. It runs beside ``worker.py`` and imports nothing of ``grader``.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any, NoReturn


def run(worker: ModuleType, config: dict[str, Any]) -> NoReturn:
    """Serve one submission over the process's standard input and output."""
    if sys.platform == "win32":
        import msvcrt

        for standard in (0, 1):
            msvcrt.setmode(standard, os.O_BINARY)
    pipe = worker.Pipe(os.dup(0), os.dup(1))
    quiet = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):  # what student code reads and writes there must not reach the grader's pipes
        os.dup2(quiet, standard)
    try:
        numpy = worker.prepare()
    except ImportError as error:
        pipe.send({"st": "failed", "message": f"ModuleNotFoundError: {error}"})
        os._exit(1)
    os.dup2(quiet, 2)
    for name in config["modules"]:
        worker.preload(name)
    hello = {
        "st": "ready",
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}",
        "numpy": numpy.__version__,
        "mechanisms": limit_softly(config["memory"], config["seconds"]),
    }
    pipe.send(hello)
    try:
        worker.serve(pipe, numpy)
    finally:
        os._exit(0)


LIMITS = {"RLIMIT_CPU": "processor time limit", "RLIMIT_CORE": "no core dumps", "RLIMIT_AS": "memory limit"}


def limit_softly(memory: int, seconds: int) -> list[str]:
    """Limit memory and processor time where the system knows how; returns what there is."""
    try:
        import resource
    except ImportError:  # Windows
        return ["separate process"]
    applied = ["separate process"]
    wanted = {"RLIMIT_CPU": seconds, "RLIMIT_CORE": 0}
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - no pathlib beside student code
            wanted["RLIMIT_AS"] = int(file.read().split()[0]) * resource.getpagesize() + memory
    except OSError:  # macOS: RLIMIT_AS is not kept there
        pass
    for name, value in wanted.items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        lowered = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (lowered, lowered))
        except (ValueError, OSError):
            continue
        applied.append(LIMITS[name])
    return applied
