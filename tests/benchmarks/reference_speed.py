"""The vectorised reference against PyTorch's CPU convolution: float64, one thread, forward and backward."""

from __future__ import annotations

import importlib.util
import tracemalloc
from types import ModuleType
from typing import Any

import numpy as np

from tests.benchmarks.measure import Row, interleaved, median, ratio
from tests.benchmarks.subjects import ROOT, Subjects

#: (m, n_H, n_W, n_C_prev), n_C, f, stride, pad
SIZES = (
    ((10, 32, 32, 8), 16, 3, 1, 1),
    ((4, 64, 64, 16), 32, 5, 2, 2),
    ((1, 224, 224, 3), 64, 7, 2, 3),
)


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "reference" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(_: Subjects, rounds: int) -> list[Row]:
    if importlib.util.find_spec("torch") is None:
        return [Row("PyTorch is not installed here: not measured", 0.0, "")]
    import torch

    torch.set_num_threads(1)
    reference = load("conv_as_matmul")
    found = []
    for shape, n_C, f, s, p in SIZES:
        rng = np.random.default_rng(0)
        A_prev, W = rng.normal(size=shape), rng.normal(size=(f, f, shape[3], n_C))
        b, hparameters = rng.normal(size=(1, 1, 1, n_C)), {"stride": s, "pad": p}
        dZ = rng.normal(size=reference.conv_forward(A_prev, W, b, hparameters)[0].shape)
        x = torch.from_numpy(A_prev.transpose(0, 3, 1, 2).copy())
        w = torch.from_numpy(W.transpose(3, 2, 0, 1).copy())
        c, g = torch.from_numpy(b.ravel()), torch.from_numpy(dZ.transpose(0, 3, 1, 2).copy())

        def ours(args: Any = (A_prev, W, b, hparameters), dZ: Any = dZ) -> None:
            reference.conv_backward(dZ, reference.conv_forward(*args)[1])

        def theirs(x: Any = x, w: Any = w, c: Any = c, g: Any = g, s: int = s, p: int = p) -> None:
            leaves = [t.detach().requires_grad_() for t in (x, w, c)]
            torch.nn.functional.conv2d(*leaves, stride=s, padding=p).backward(g)

        own, torchs = interleaved([ours, theirs], rounds)
        tracemalloc.start()
        ours()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        room = A_prev.nbytes + W.nbytes + dZ.nbytes
        name = f"{shape} -> {n_C}, f {f}, s {s}, p {p}"
        found.append(
            Row(f"{name}: time", ratio(own, torchs), "x PyTorch", 1.3, f"{1e3 * median(own):.1f} ms")
        )
        largest = shape == SIZES[-1][0]
        found.append(Row(f"{name}: memory", peak / room, "x in + out + W", 2.0 if largest else None))
    return found
