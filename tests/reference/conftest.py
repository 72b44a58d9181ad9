"""The two reference solutions, loaded by path as the grader loads them: ``reference/`` is not a package."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

REFERENCE = Path(__file__).resolve().parents[2] / "reference"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"reference_{name}", REFERENCE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def loops() -> ModuleType:
    """The solution that reads like the formula."""
    return load("conv_step_by_step")


@pytest.fixture(scope="session")
def matmul() -> ModuleType:
    """The solution by one matrix product."""
    return load("conv_as_matmul")


@pytest.fixture(params=["conv_step_by_step", "conv_as_matmul"], scope="session")
def solution(request: pytest.FixtureRequest) -> ModuleType:
    """Each of the two in turn."""
    return load(request.param)
