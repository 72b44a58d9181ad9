"""A runner of every tier that this machine has, and a short way to call a function in it."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from grader.errors import SandboxError
from grader.model import Limits, Program, Reply
from grader.sandbox import Runner, open_runner

Call = Callable[..., Reply]
SECONDS = 20.0  # generous: a test must not fail because the machine is busy
LIMITS = Limits(memory_mb=256, seconds_per_case=20.0)


def opened(mode: str) -> Iterator[Runner]:
    """A runner, or a skip that says why there is none."""
    try:
        with open_runner(mode, limits=LIMITS) as runner:
            assert runner.mode == mode
            yield runner
    except SandboxError as error:
        code = f"from grader.sandbox import open_runner; open_runner({mode!r}).close()"
        if subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0:
            raise  # the machine has it: this is a fault of ours
        pytest.skip(f"no {mode} tier here: {error}")


@pytest.fixture(scope="session", params=["portable", "standard", "strict"])
def any_tier(request: pytest.FixtureRequest) -> Iterator[Runner]:
    """Each tier: what a student sees must not depend on it."""
    yield from opened(request.param)


@pytest.fixture(scope="session", params=["standard", "strict"])
def caged(request: pytest.FixtureRequest) -> Iterator[Runner]:
    """Each tier that isolates."""
    yield from opened(request.param)


@pytest.fixture(scope="session")
def standard() -> Iterator[Runner]:
    """The tier that every supported machine has."""
    yield from opened("standard")


def calling(runner: Runner) -> Call:
    """``call(source, *args)`` calls the function ``f`` of a source."""

    def call(source: str, *args: Any, seconds: float = SECONDS, **options: Any) -> Reply:
        program = Program(source, ("f",), **{"limits": LIMITS, **options})
        with runner.open(program) as session:
            return session.call("f", args, seconds)

    return call


@pytest.fixture
def call(any_tier: Runner) -> Call:
    """Calls ``f`` in every tier."""
    return calling(any_tier)


@pytest.fixture
def call_caged(standard: Runner) -> Call:
    """Calls ``f`` in the standard tier."""
    return calling(standard)


def virtual_environment(
    folder: Path, files: Mapping[str, str] = MappingProxyType({}), *, numpy: bool = True
) -> str:
    """A second environment for the same Python, with these files in it and, by reference, our NumPy."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    packages = next((folder / "venv").glob("lib/python*/site-packages"))
    if numpy:
        (packages / "numpy.pth").write_text(sysconfig.get_paths()["platlib"])
    for name, text in files.items():
        (packages / name).parent.mkdir(exist_ok=True)
        (packages / name).write_text(text)
    return str(folder / "venv" / "bin" / "python")
