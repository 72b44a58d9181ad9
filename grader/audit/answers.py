"""Lets trusted code (a fault model) answer a pack's cases in this process, and judges the answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from grader.cases import Prepared, copied
from grader.judge import judge
from grader.model import (
    Arguments,
    CaseResult,
    ExtractedSource,
    NoValue,
    Outcome,
    Raised,
    Reply,
    Returned,
    Value,
)
from grader.pack import FunctionSpec

_NOWHERE = ExtractedSource("", {}, ())


def ask(run: Callable[..., Value], call: Arguments) -> Reply:
    """What ``run`` answers to one call, as the sandbox would put it."""
    arguments = copied(call)
    try:
        with np.errstate(all="ignore"):
            value = run(*arguments)
    except Exception as error:
        raised = Raised(type(error).__name__, str(error))
        return NoValue(Outcome.RAISED, f"{raised.type_name}: {raised.message}", raised=raised)
    changed = tuple(k for k, (a, b) in enumerate(zip(arguments, call, strict=True)) if digest(a) != digest(b))
    return Returned(copied(value), changed=changed)  # it may be a buffer that the next call fills again


def answer(run: Callable[..., Value], prepared: Prepared, spec: FunctionSpec) -> CaseResult:
    """The result of one case when ``run`` is the student's function."""
    return judge(prepared, [ask(run, call) for call in prepared.case.calls], spec, _NOWHERE)


def answers(
    run: Callable[..., Value], prepared: Sequence[Prepared], spec: FunctionSpec
) -> tuple[CaseResult, ...]:
    """The results of all cases when ``run`` is the student's function."""
    replies = [[ask(run, call) for call in item.case.calls] for item in prepared]
    every = list(chain.from_iterable(replies))
    return tuple(judge(item, own, spec, _NOWHERE, every) for item, own in zip(prepared, replies, strict=True))


def signature(results: Sequence[CaseResult]) -> str:
    """A hash of everything that was answered: equal only where no case tells two programs apart."""
    total = hashlib.sha256()
    for result in results:
        for reply in result.replies:
            if isinstance(reply, Returned):
                total.update(digest(reply.value) + repr(reply.changed).encode())
            else:
                total.update(f"{reply.outcome}{reply.raised.type_name if reply.raised else ''}".encode())
    return total.hexdigest()


def digest(value: Any) -> bytes:
    """A hash of a nested value. Numbers count by value: -0.0 is 0.0 and float32 is float64."""
    if isinstance(value, (np.ndarray, np.generic, int, float, complex)):
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            array = array.astype(float) + 0.0
        return hashlib.sha256(repr(array.shape).encode() + array.tobytes()).digest()
    if isinstance(value, (tuple, list)):
        return hashlib.sha256(b"seq" + b"".join(map(digest, value))).digest()
    if isinstance(value, dict):
        parts = (str(k).encode() + digest(v) for k, v in sorted(value.items(), key=lambda kv: str(kv[0])))
        return hashlib.sha256(b"map" + b"".join(parts)).digest()
    return hashlib.sha256(repr(value).encode()).digest()
