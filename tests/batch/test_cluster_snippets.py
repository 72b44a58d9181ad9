"""The lines about Slurm and Kubernetes that the module shows, as far as they run without either."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest

from grader.batch import dask_


def snippet(which: str) -> str:
    """The indented block of the docstring that imports ``which``."""
    blocks = (dask_.__doc__ or "").split("::\n\n")[1:]
    lines = [block.split("\n\n")[0] for block in blocks]
    return textwrap.dedent(next(block for block in lines if which in block))


def test_the_lines_for_slurm_ask_for_workers(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    jobqueue = pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed")
    monkeypatch.chdir(tmp_path)
    asked: list[Any] = []
    monkeypatch.setattr(jobqueue.SLURMCluster, "scale", lambda _, *args, **more: asked.append(more))
    names: dict[str, Any] = {}
    exec(snippet("dask_jobqueue"), names)
    script = names["cluster"].job_script()
    names["cluster"].close()
    assert {"jobs": 100} in asked
    assert "#SBATCH" in script
    assert "--nthreads 1" in script


def test_the_lines_for_kubernetes_describe_a_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("dask_kubernetes", reason="dask-kubernetes is not installed")
    exec(snippet("dask_kubernetes"), {})
    spec = json.loads(capsys.readouterr().out)
    assert (spec["kind"], spec["metadata"]["name"]) == ("DaskCluster", "grader")
    assert spec["spec"]["worker"]["replicas"] == 20
