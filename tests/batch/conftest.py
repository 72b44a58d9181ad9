"""Markers of these tests, and one small Dask cluster for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """Two workers, each a process with a nanny, as ``--scheduler local`` starts them."""
    distributed = pytest.importorskip(
        "distributed", reason="Dask is not installed: pip install 'stepgrader[dask]'"
    )
    made = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", silence_logs=50
    )
    yield made
    made.close()
