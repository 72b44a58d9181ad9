"""What the README shows is what the program prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
SAMPLE = ROOT / "assignments/conv_step_by_step/submissions/kernel_flipped.ipynb"


def shown(name: str) -> str:
    """The block between ``<!-- name -->`` and ``<!-- /name -->``, without the lines of the command."""
    match = re.search(
        rf"<!-- {re.escape(name)} -->\n```text\n(.*?)```\n<!-- /{re.escape(name)} -->",
        README.read_text(),
        re.S,
    )
    assert match, f"the README has no block {name!r}"
    return match[1]


def printed(*arguments: str | Path) -> str:
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    environment.pop("GRADER_HIDDEN_SEED", None)
    ended = subprocess.run(
        [sys.executable, "-m", "grader", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    return ended.stdout


def test_the_worked_run_is_what_is_printed() -> None:
    command, _, said = shown("worked run").partition("\n")
    assert command == "$ grader run kernel_flipped.ipynb"
    lines = [line.rstrip() for line in printed("run", SAMPLE).splitlines()]
    lines[-1] = "(…)"  # versions and the tier, which are the machine's
    assert lines == said.splitlines()


#: Where the stride is left out of the columns.
FORWARD = """
import numpy as np

def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W) + b.item()

def conv_forward(A_prev, W, b, hparameters):
    f, stride, X = W.shape[0], hparameters["stride"], zero_pad(A_prev, hparameters["pad"])
    n_H, n_W = (X.shape[1] - f) // stride + 1, (X.shape[2] - f) // stride + 1
    Z = np.zeros((len(X), n_H, n_W, W.shape[3]))
    for i, h, w, c in np.ndindex(Z.shape):
        window = X[i, h * stride : h * stride + f, w : w + f]
        Z[i, h, w, c] = conv_single_step(window, W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)
"""


def test_the_self_check_is_what_is_printed(tmp_path: Path) -> None:
    printed("release", "conv_step_by_step", "--out", tmp_path)
    (handout,) = tmp_path.glob("*.ipynb")
    notebook = json.loads(handout.read_text(encoding="utf-8"))
    cell = {"cell_type": "code", "id": "mine", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"].append({**cell, "source": FORWARD})
    handout.write_text(json.dumps(notebook), encoding="utf-8")
    assert printed("check", handout, "conv_forward").strip() == shown("self-check").strip()
