"""Markers of these tests."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: endurance runs of many minutes; only with -m slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Endurance runs are asked for by name: ``pytest -m slow``."""
    if "slow" in str(config.getoption("markexpr", "")):
        return
    skip = pytest.mark.skip(reason="an endurance run of many minutes: pytest -m slow tests/batch")
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(skip)
