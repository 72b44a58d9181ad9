"""One small Dask cluster for all of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


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
