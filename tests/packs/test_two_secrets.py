"""Another secret gives other values and the same verdict on every fault model."""

from __future__ import annotations

import pytest

from grader import score
from grader.audit.models import sweep
from grader.cases import prepare
from grader.model import FaultModel, Status
from grader.pack import Pack


@pytest.mark.full
def test_every_fault_model_gets_the_same_verdict_whatever_the_secret(conv: Pack) -> None:
    def verdicts(secret: bytes) -> dict[int, Status]:
        swept = sweep(conv, prepare(conv, secret), conv.fault_models)
        return {
            id(model): score.status(
                score.points(conv.function(function), results), conv.function(function).points, results
            )
            for function, models in swept.items()
            for model, results in models
        }

    first, second = verdicts(b"one secret"), verdicts(b"another secret")
    differing: list[FaultModel] = [m for m in conv.fault_models if first[id(m)] != second[id(m)]]
    assert len(first) > 500
    assert [m.label for m in differing] == []
    assert Status.CORRECT not in first.values()


@pytest.mark.parametrize("function", ["zero_pad", "conv_single_step", "conv_forward", "conv_backward"])
def test_the_values_really_are_others(conv: Pack, function: str) -> None:
    one, other = (prepare(conv, secret).functions[function] for secret in (b"one secret", b"another secret"))
    for a, b in zip(one, other, strict=True):
        same = repr(a.case.calls) == repr(b.case.calls)
        assert same == (a.case.visibility.value == "public"), a.case.name
