"""Reports made by hand, so that the formats can be tested without grading anything.

The rich one holds the four functions of a real assignment, each with another fate: right, explained
by a diagnosis, followed through, raised and timed out.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from msgspec.structs import replace

from grader.model import (
    Case,
    CaseResult,
    Cell,
    Certainty,
    Definition,
    DefinitionState,
    Diagnosis,
    Difference,
    Environment,
    FunctionResult,
    Level,
    Note,
    NoValue,
    Outcome,
    Place,
    Raised,
    Reply,
    Report,
    Returned,
    Status,
    Submission,
    Twin,
    Value,
    Visibility,
)

PUBLIC, HIDDEN = Visibility.PUBLIC, Visibility.HIDDEN

ZERO_PAD = '''# GRADED FUNCTION: zero_pad
def zero_pad(X, pad):
    """Pad the height and the width of a batch of images with zeros."""
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="constant")
    return X_pad'''

SINGLE_STEP = """# GRADED FUNCTION: conv_single_step
def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W + b   # bias inside the sum
    Z = np.sum(s)
    return Z"""

FORWARD = """# GRADED FUNCTION: conv_forward
def conv_forward(A_prev, W, b, hparameters):
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride, pad = hparameters["stride"], hparameters["pad"]
    n_H = int((n_H_prev - f + 2 * pad) / stride) + 1
    n_W = int((n_W_prev - f + 2 * pad) / stride) + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    window = A_prev_pad[i, h * stride:h * stride + f, w * stride:w * stride + f, :]
                    Z[i, h, w, c] = conv_single_step(window, W[..., c], b[..., c])
    cache = (A_prev, W, b, hparameters)
    return Z, cache"""

BACKWARD = """# GRADED FUNCTION: conv_backward
def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    (m, n_H, n_W, n_C) = dZ.shape
    dA_prev = np.zeros(A_prev.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            dW[:, :, :, h] += A_prev_pad[i, h] * dZ[i, h, h, h]
    return dA_prev, dW, db"""

PROSE = """# Convolutional Model: step by step

## 1 - Padding

Zero-padding adds zeros *around the border* of an image, here by `pad` pixels:

$$ n_H = \\lfloor \\frac{n_{H_{prev}} - f + 2 \\times pad}{stride} \\rfloor + 1 $$

| name | shape |
|------|-------|
| `X`  | (m, n_H, n_W, n_C) |

See the [NumPy manual](https://numpy.org/doc/stable/reference/generated/numpy.pad.html)."""

CHECK_OUTPUT = "x.shape =\n (4, 3, 3, 2)\nx_pad.shape =\n (4, 7, 7, 2)\n"


def code_cell(source: str, outputs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "source": source.splitlines(keepends=True),
        "outputs": outputs or [],
    }


def markdown_cell(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True), **more}


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}


def submission(cells: list[dict[str, Any]], name: str = "alice.ipynb", **more: Any) -> Submission:
    """A notebook as ``grader.notebook`` would have read it."""
    raw = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1)
    code = [(index, cell) for index, cell in enumerate(cells) if cell["cell_type"] == "code"]
    return Submission(
        name=name,
        sha256="5c" * 32,
        container="ipynb",
        cells=tuple(
            Cell("".join(cell["source"]), number, index) for number, (index, cell) in enumerate(code, start=1)
        ),
        raw=raw.encode(),
        **more,
    )


def alice() -> Submission:
    return submission(
        [
            markdown_cell(PROSE),
            code_cell("import numpy as np\nimport h5py\n%matplotlib inline\nnp.random.seed(1)"),
            code_cell(ZERO_PAD),
            code_cell(
                "x = np.random.randn(4, 3, 3, 2)\nx_pad = zero_pad(x, 2)\n"
                'print("x.shape =\\n", x.shape)\nprint("x_pad.shape =\\n", x_pad.shape)',
                [stream(CHECK_OUTPUT)],
            ),
            markdown_cell("## 2 - One step\n\nMultiply, **sum**, then add the bias."),
            code_cell(SINGLE_STEP),
            markdown_cell("## 3 - Forward"),
            code_cell(FORWARD),
            markdown_cell("## 4 - Backward"),
            code_cell(BACKWARD),
        ]
    )


def defined(name: str, cell: int, source: str, uses: tuple[str, ...] = ()) -> Definition:
    return Definition(
        name, DefinitionState.DEFINED, Place(cell, 2), end_line=len(source.splitlines()), uses=uses
    )


def case(
    name: str,
    function: str,
    group: str,
    visibility: Visibility,
    points: float,
    *inputs: Value,
    meaning: str = "",
) -> Case:
    return Case(name, function, (inputs,), group, visibility, points, meaning=meaning)


def answered(
    case: Case,
    got: Value,
    expected: Value,
    difference: Difference | None = None,
    seconds: float = 0.0021,
    printed: str = "",
) -> CaseResult:
    """A case whose call returned: right without a ``difference``, wrong with one."""
    return CaseResult(
        case=case,
        outcome=Outcome.CORRECT if difference is None else Outcome.WRONG,
        detail="" if difference is None else difference.message,
        score=case.points if difference is None else 0.0,
        seconds=seconds,
        replies=(Returned(got, seconds, printed=printed),),
        expected=(expected,),
        difference=difference,
    )


def failed(case: Case, reply: NoValue, expected: Value = None) -> CaseResult:
    return CaseResult(
        case, reply.outcome, reply.detail, 0.0, reply.seconds, replies=(reply,), expected=(expected,)
    )


def image(rng: np.random.Generator, *shape: int) -> np.ndarray[Any, Any]:
    return rng.integers(-8, 9, shape).astype(float) / 2


def bias_twin() -> Twin:
    window = np.array([[1.0, 2.0], [3.0, 4.0]])
    kernel = np.array([[1.0, 0.0], [2.0, -1.0]])
    return Twin(
        call="conv_single_step(a_slice_prev, W, b)",
        inputs=(
            ("a_slice_prev", window[..., None]),
            ("W", kernel[..., None]),
            ("b", np.array([[[10.0]]])),
        ),
        got=43.0,
        expected=13.0,
        output="Z",
        index=(),
        got_entry=43.0,
        expected_entry=13.0,
        steps=(
            ("the window", window),
            ("the kernel W", kernel),
            ("their products", window * kernel),
            ("the sum of the products", 3.0),
            ("with b once", 13.0),
        ),
        sentence="b is 10. Your answer is 43 and not 13: b went in four times, once for each product.",
    )


def forward_twin() -> Twin:
    picture = np.arange(1.0, 17.0).reshape(1, 4, 4, 1)
    kernel = np.array([[1.0, 2.0], [0.0, -1.0]]).reshape(2, 2, 1, 1)

    def slide(k: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        out = np.zeros((1, 3, 3, 1))
        for h in range(3):
            for w in range(3):
                out[0, h, w, 0] = np.sum(picture[0, h : h + 2, w : w + 2, 0] * k)
        return out

    right, turned = slide(kernel[:, :, 0, 0]), slide(kernel[::-1, ::-1, 0, 0])
    window = picture[0, 0:2, 0:2, 0]
    return Twin(
        call="conv_forward(A_prev, W, b, {'stride': 1, 'pad': 0})",
        inputs=(
            ("A_prev", picture),
            ("W", kernel),
            ("b", np.zeros((1, 1, 1, 1))),
            ("hparameters", {"stride": 1, "pad": 0}),
        ),
        got=(turned, None),
        expected=(right, None),
        output="Z",
        index=(0, 0, 0, 0),
        got_entry=float(turned[0, 0, 0, 0]),
        expected_entry=float(right[0, 0, 0, 0]),
        steps=(
            ("window A_prev[0, 0:2, 0:2, 0]", window),
            ("kernel W[:, :, 0, 0]", kernel[:, :, 0, 0]),
            ("their products", window * kernel[:, :, 0, 0]),
            ("the sum, Z[0, 0, 0, 0]", float(right[0, 0, 0, 0])),
        ),
        sentence="Z[0, 0, 0, 0] is 15 in your answer, and -1 where row 0 of the kernel meets row 0.",
    )


BIAS = Diagnosis(
    id="bias-added-before-sum",
    certainty=Certainty.LIKELY,
    title="The bias is added before the sum",
    summary="The bias enters the result once for each product instead of once.",
    question="Feed a window of zeros: what should come out, and what does come out of your function?",
    twin=bias_twin(),
    tried=87,
)
FLIPPED = Diagnosis(
    id="kernel-flipped",
    certainty=Certainty.POSSIBLE,
    title="The kernel is flipped",
    summary="The kernel is turned by 180 degrees before it meets the window.",
    question="Row 0 of the kernel: which row of the window does it meet?",
    variant="rows and columns",
    twin=forward_twin(),
    place=Place(5, 14),
    synonyms=("kernel-rotated",),
    tried=87,
)


def zero_pad_result(rng: np.random.Generator) -> FunctionResult:
    cases = []
    for number, (group, visibility) in enumerate(
        [("shape", PUBLIC), ("shape", HIDDEN), ("values", PUBLIC), ("values", HIDDEN), ("values", HIDDEN)]
    ):
        x = image(rng, 2, 3, 4, 2)
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        question = case(f"zero_pad asymmetric {number}", "zero_pad", group, visibility, 4.0, x, 1)
        cases.append(answered(question, padded, padded))
    return FunctionResult(
        "zero_pad", Status.CORRECT, 20.0, 20.0, tuple(cases), definition=defined("zero_pad", 2, ZERO_PAD)
    )


def single_step_result(rng: np.random.Generator) -> FunctionResult:
    cases = []
    for number, visibility in enumerate([PUBLIC, PUBLIC, HIDDEN, HIDDEN, HIDDEN]):
        window, kernel, bias = image(rng, 2, 3, 2), image(rng, 2, 3, 2), np.array([[[float(number)]]])
        question = case(
            f"single step, bias {number}",
            "conv_single_step",
            "zero bias" if number == 0 else "bias",
            visibility,
            4.0,
            window,
            kernel,
            bias,
            meaning="a window, a kernel and a bias that is not zero" if number else "a bias of zero",
        )
        right = float(np.sum(window * kernel) + number)
        got = float(np.sum(window * kernel + number))
        wrong = Difference(
            "values", f"Z is {got:g}, expected {right:g}", index=(), output="Z", count=1, size=1
        )
        cases.append(answered(question, got, right, wrong if number else None, printed="debug 1\n"))
    return FunctionResult(
        "conv_single_step",
        Status.PARTIAL,
        4.0,
        20.0,
        tuple(cases),
        (BIAS,),
        findings=(Note(Level.INFO, "b is added inside the product", Place(4, 3), "conv_single_step"),),
        definition=defined("conv_single_step", 4, SINGLE_STEP),
        detail=BIAS.summary,
    )


def forward_result(rng: np.random.Generator) -> FunctionResult:
    cases = []
    for number in range(10):
        visibility = PUBLIC if number < 4 else HIDDEN
        group = ("shape", "values", "stride", "padding", "speed")[number % 5]
        inputs = (
            image(rng, 2, 5, 7, 3),
            image(rng, 3, 3, 3, 4),
            image(rng, 1, 1, 1, 4),
            {"stride": 2, "pad": 1},
        )
        question = case(f"forward 5x7 number {number}", "conv_forward", group, visibility, 3.0, *inputs)
        right = image(rng, 2, 3, 4, 4)
        got = right.copy()
        got[0, 1, :, 2] += 1.5
        got[1, 2, 3, 0] = -40.0
        if group == "speed":
            slow = NoValue(Outcome.TIMED_OUT, "stopped after 2 s", 2.0)
            cases.append(failed(question, slow, (right, None)))
        elif group in ("values", "stride"):
            wrong = Difference(
                "values",
                f"Z[0, 1, 0, 2] is {got[0, 1, 0, 2]:g}, expected {right[0, 1, 0, 2]:g}"
                " (5 of 96 entries differ)",
                index=(0, 1, 0, 2),
                output="Z",
                count=5,
                size=96,
            )
            cases.append(answered(question, (got, None), (right, None), wrong))
        else:
            cases.append(answered(question, (right, None), (right, None)))
    return FunctionResult(
        "conv_forward",
        Status.PARTIAL,
        12.0,
        30.0,
        tuple(cases),
        (FLIPPED,),
        definition=defined("conv_forward", 5, FORWARD, ("zero_pad", "conv_single_step")),
        detail="Z[0, 1, 0, 2] differs",
    )


def backward_result(rng: np.random.Generator) -> FunctionResult:
    cases = []
    for number in range(10):
        visibility = PUBLIC if number < 3 else HIDDEN
        question = case(
            f"backward number {number}", "conv_backward", "gradients", visibility, 3.0, image(rng, 1, 2, 2, 2)
        )
        raised = Raised(
            "IndexError",
            f"index {number + 2} is out of bounds for axis 3 with size 2",
            lines=(3, 12),
            places=(Place(6, 12),),
        )
        detail = f"raised IndexError: {raised.message}"
        cases.append(failed(question, NoValue(Outcome.RAISED, detail, 0.001, raised)))
    return FunctionResult(
        "conv_backward",
        Status.INCORRECT,
        0.0,
        30.0,
        tuple(cases),
        definition=defined("conv_backward", 6, BACKWARD, ("zero_pad",)),
        detail="conv_backward raises IndexError",
    )


def rich(**changes: Any) -> Report:
    """Thirty cases over four functions, 36 of 100 points."""
    rng = np.random.default_rng(7)
    report = Report(
        assignment="conv_step_by_step",
        title="Convolution model, step by step",
        submission=alice(),
        functions=(
            zero_pad_result(rng),
            single_step_result(rng),
            forward_result(rng),
            backward_result(rng),
        ),
        notes=(
            Note(Level.WARNING, "h5py is not available here; the import was left out.", Place(1, 2)),
            Note(Level.INFO, "%matplotlib inline is ignored when grading.", Place(1, 3)),
        ),
        environment=Environment(
            python="3.11.7",
            numpy="2.2.6",
            sandbox="strict",
            mechanisms=("namespaces", "seccomp", "rlimits"),
            cases="sha256:1f0c",
            pack="sha256:77aa",
            platform="Linux x86_64",
        ),
        grader_version="0.1.0",
    )
    return replace(report, **changes)


def all_right() -> Report:
    """Full marks."""
    report = rich()
    functions = tuple(
        replace(
            f,
            status=Status.CORRECT,
            score=f.max_score,
            diagnoses=(),
            findings=(),
            detail="",
            cases=tuple(
                replace(r, outcome=Outcome.CORRECT, score=r.case.points, detail="", difference=None)
                for r in f.cases
            ),
        )
        for f in report.functions
    )
    return replace(report, functions=functions, notes=())


def followed_through() -> Report:
    """conv_forward earns its points with a right helper in place of the student's wrong one."""
    report = rich()
    forward = report.functions[2]
    forward = replace(
        forward,
        status=Status.CORRECT,
        score=30.0,
        follow_through=True,
        blamed=("conv_single_step",),
        diagnoses=(),
        cases=tuple(
            replace(
                r, outcome=Outcome.CORRECT, score=3.0, detail="", difference=None, follow_through=i % 2 == 0
            )
            for i, r in enumerate(forward.cases)
        ),
    )
    return replace(report, functions=(*report.functions[:2], forward, report.functions[3]))


def unfinished() -> Report:
    """One function blank, one missing, one that the grader failed on."""
    report = rich()
    pad, step, forward, backward = report.functions

    def without_answers(f: FunctionResult, outcome: Outcome) -> tuple[CaseResult, ...]:
        return tuple(CaseResult(r.case, outcome, "no answer") for r in f.cases)

    blank = replace(
        step, status=Status.BLANK, score=0.0, cases=without_answers(step, Outcome.NOT_RUN), diagnoses=()
    )
    missing = replace(
        forward,
        status=Status.MISSING,
        score=0.0,
        cases=without_answers(forward, Outcome.MISSING),
        diagnoses=(),
        definition=Definition(
            "conv_forward", DefinitionState.MISSING, detail="There is conv_foward in cell 5."
        ),
    )
    ungraded = replace(backward, status=Status.NOT_GRADED, cases=without_answers(backward, Outcome.UNGRADED))
    return replace(report, functions=(pad, blank, missing, ungraded))


def not_graded() -> Report:
    """Our own failure: never 0 and never full marks."""
    return rich(
        functions=(),
        status="not_graded",
        reason="PackError: the reference failed on case 'forward 5x7 number 7': [7919.0]",
    )


def replies_of(report: Report) -> list[Reply]:
    return [reply for f in report.functions for r in f.cases for reply in r.replies]
