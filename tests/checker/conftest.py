"""The public checks of the convolution pack, written and read back as a student has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cases import CaseSet
from grader.checker.public import PublicChecks, dump, load
from grader.pack import Pack
from grader.release.footprint import footprints

SETTING = """
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W) + b.item()
"""


@pytest.fixture(scope="session")
def checks_folder(conv: Pack, conv_cases: CaseSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder ``checks`` of a hand-out."""
    folder = tmp_path_factory.mktemp("handout") / "checks"
    folder.mkdir()
    text, arrays = dump(conv, conv_cases, footprints(conv, conv_cases))
    (folder / "conv_step_by_step.json").write_bytes(text)
    (folder / "conv_step_by_step.npz").write_bytes(arrays)
    return folder


@pytest.fixture(scope="session")
def checks(checks_folder: Path) -> PublicChecks:
    """What is in it."""
    return load(checks_folder / "conv_step_by_step.json")
