"""One runner a tier, and the attacks as files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.sandbox import open_runner

from .world import World

SCRIPTS = Path(__file__).parent / "scripts"


@dataclass(frozen=True)
class Attack:
    """One script: ``reason`` says why it must fail, ``unconfined`` whether it succeeds without the cage."""

    name: str
    source: str
    reason: str
    unconfined: str
    expect: str = ""
    machine: str = ""
    allow: str = ""
    ends: bool = False


def read(path: Path) -> Attack:
    """A script's docstring and constants, read and not run."""
    source = path.read_text()
    tree = ast.parse(source)
    constants = {
        node.targets[0].id.lower(): ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in ("UNCONFINED", "EXPECT", "MACHINE", "ALLOW", "ENDS")
    }
    return Attack(path.stem, source, ast.get_docstring(tree) or "", **constants)


def every_attack() -> list[Attack]:
    """All scripts, in the order of their names."""
    return [read(path) for path in sorted(SCRIPTS.glob("*.py"))]


@pytest.fixture(scope="session", params=["standard", "strict"])
def caged(request: pytest.FixtureRequest) -> Iterator[World]:
    """What can be harmed, around a runner of each isolating tier that this machine has."""
    try:
        with open_runner(request.param) as runner:
            assert runner.mode == request.param
            world = World(runner)
            yield world
            world.close()
    except SandboxError as error:
        pytest.skip(f"no {request.param} tier here: {error}")


@pytest.fixture(scope="session")
def uncaged() -> Iterator[World]:
    """The same around a runner without a cage, to show that an attack works."""
    with open_runner("portable") as runner:
        world = World(runner)
        yield world
        world.close()
