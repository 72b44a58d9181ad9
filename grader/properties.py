"""Checks that need no reference: what must hold between a function's own answers, or by arithmetic.

A pack declares a property in one line; the engine knows nothing of its subject. Each is plain data in
the end (inputs, and what must hold of the outputs), so that it can be shown to students and shipped in
a hand-out without any code that could give a solution away.

    expects    the answer follows from the inputs alone    conv(A, delta) copies A
    related    two answers are tied to each other          stride 2 = every second of stride 1
    balanced   an inner product has a known value          <conv(X, W), dZ> = <X, dA>

Sources: metamorphic testing (Chen, Cheung and Yiu 1998) for ``related``; the dot-product test of an
adjoint (Claerbout 2014) for ``balanced``; ``central_difference`` is exact for a linear map at any step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from grader.compare import compare
from grader.model import Arguments, Difference, Output, Value, Visibility
from grader.pack import CasePlan

if TYPE_CHECKING:
    from numpy.typing import NDArray

Build = Callable[[np.random.Generator], Arguments]


# --------------------------------------------------------------------------- what can be done to an output


class Take(Struct, frozen=True):
    """The entries ``indices`` along ``axis``, in that order."""

    axis: int
    indices: tuple[int, ...]

    def __call__(self, array: NDArray[Any]) -> NDArray[Any]:
        return np.take(array, self.indices, axis=self.axis)


class Every(Struct, frozen=True):
    """Every ``step``-th entry along each of ``axes``, from the first on."""

    axes: tuple[int, ...]
    step: int

    def __call__(self, array: NDArray[Any]) -> NDArray[Any]:
        cut = tuple(slice(None, None, self.step if k in self.axes else None) for k in range(array.ndim))
        return array[cut]


class Same(Struct, frozen=True):
    """The output as it is."""

    def __call__(self, array: NDArray[Any]) -> NDArray[Any]:
        return array


Transform = Take | Every | Same


# --------------------------------------------------------------------------- what can be asserted


class Equals(Struct, frozen=True):
    """Output ``output`` of the first call is ``value``."""

    output: str
    value: Any

    def check(self, answers: Sequence[Mapping[str, Value]], kinds: Mapping[str, Output]) -> Difference | None:
        return compare(answers[0][self.output], self.value, (kinds[self.output],))


class Related(Struct, frozen=True):
    """Output ``output`` of the second call is ``transform`` of that of the first."""

    output: str
    transform: Transform

    def check(self, answers: Sequence[Mapping[str, Value]], kinds: Mapping[str, Output]) -> Difference | None:
        first, second = (a[self.output] for a in answers[:2])
        plain = [v for v in (first, second) if isinstance(v, np.ndarray) and v.dtype.kind in "biuf"]
        if len(plain) < 2:
            return Difference("type", f"{self.output} is not an array of numbers", output=self.output)
        try:
            wanted = self.transform(first)
        except (IndexError, ValueError):
            return Difference("shape", f"{self.output} has shape {first.shape}", output=self.output)
        return compare(second, wanted, (kinds[self.output],))


class Balanced(Struct, frozen=True):
    """The sum over entries of ``weights`` times output ``output`` of the first call is ``value``."""

    output: str
    weights: Any
    value: float

    def check(self, answers: Sequence[Mapping[str, Value]], kinds: Mapping[str, Output]) -> Difference | None:
        got, name = answers[0][self.output], self.output
        if not isinstance(got, np.ndarray) or got.dtype.kind not in "biuf":
            return Difference("type", f"{name} is not an array of numbers", output=name)
        if got.shape != self.weights.shape:
            seen = f"{name} has shape {got.shape}, expected {self.weights.shape}"
            return Difference("shape", seen, output=name)
        total = float(np.sum(got.astype(float) * self.weights))
        if not abs(total - self.value) <= 1e-9 * max(1.0, abs(self.value), float(np.abs(self.weights).sum())):
            seen = f"the sum of {name} times the probe is {total:.6g}, expected {self.value:.6g}"
            return Difference("values", seen, output=name)
        return None


Assertion = Equals | Related | Balanced


class Property(Struct, frozen=True):
    """The judge of a property case: every assertion must hold."""

    meaning: str
    outputs: tuple[Output, ...]
    assertions: tuple[Assertion, ...]

    def __call__(self, values: tuple[Value, ...]) -> Difference | None:
        answers = []
        for value in values:
            if len(self.outputs) == 1:
                answers.append({self.outputs[0].name: value})
                continue
            if not isinstance(value, (tuple, list)) or len(value) != len(self.outputs):
                names = ", ".join(o.name for o in self.outputs)
                return Difference("arity", f"expected {len(self.outputs)} values: ({names})")
            answers.append({o.name: v for o, v in zip(self.outputs, value, strict=True)})
        kinds = {o.name: o for o in self.outputs}
        for assertion in self.assertions:
            found = assertion.check(answers, kinds)
            if found is not None:
                message = f"{self.meaning}: here {found.message}"
                return Difference("property", message, found.index, found.output, found.count, found.size)
        return None


# --------------------------------------------------------------------------- how a pack declares them


class Properties(Struct, frozen=True):
    """Declares the properties of one function: its outputs and the group their cases are in."""

    outputs: tuple[Output, ...]
    group: str = "properties"
    visibility: Visibility = Visibility.PUBLIC

    def expects(self, name: str, meaning: str, build: Build, **answers: Callable[..., Any]) -> CasePlan:
        """Each named output equals what its function makes of the inputs."""
        return self._plan(
            name,
            meaning,
            lambda rng: [build(rng)],
            lambda calls: tuple(Equals(out, np.asarray(make(*calls[0]))) for out, make in answers.items()),
        )

    def related(
        self, name: str, meaning: str, build: Build, change: Callable[..., Arguments], **outputs: Transform
    ) -> CasePlan:
        """Changing the inputs by ``change`` changes each named output by its transform."""

        def calls(rng: np.random.Generator) -> list[Arguments]:
            first = build(rng)
            return [first, change(*first)]

        return self._plan(name, meaning, calls, lambda _: tuple(Related(o, t) for o, t in outputs.items()))

    def balanced(
        self, name: str, meaning: str, build: Build, **probes: Callable[..., tuple[Any, float]]
    ) -> CasePlan:
        """The inner product of each named output with a probe is known.

        ``probe(*inputs)`` returns the weights and the value.
        """

        def assertions(calls: tuple[Arguments, ...]) -> tuple[Assertion, ...]:
            return tuple(Balanced(out, *make(*calls[0])) for out, make in probes.items())

        return self._plan(name, meaning, lambda rng: [build(rng)], assertions)

    def _plan(
        self,
        name: str,
        meaning: str,
        build: Callable[[np.random.Generator], list[Arguments]],
        assertions: Callable[[tuple[Arguments, ...]], tuple[Assertion, ...]],
    ) -> CasePlan:
        return CasePlan(
            name=name,
            build=build,
            group=self.group,
            visibility=self.visibility,
            property_id=name,
            meaning=meaning,
            judge=lambda calls: Property(meaning, self.outputs, assertions(calls)),
        )


def central_difference(
    function: Callable[[NDArray[Any]], float], x: NDArray[Any], h: float = 1.0
) -> NDArray[Any]:
    """The gradient of ``function`` at ``x`` by (f(x + h) - f(x - h)) / 2h, entry by entry.

    Exact where ``function`` is linear in each entry, whatever ``h`` is.
    """
    gradient = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (function(x + step) - function(x - step)) / (2 * h)
    return gradient
