"""What an attack on the marks found: wrong functions that once kept full marks, one line each.

Every program is an ordinary right hand-in with one line changed; the conditions under which it shows were
missing from the cases, and each id says which.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from functools import cache
from typing import Any

import pytest

from grader import score
from grader.audit.answers import answers
from grader.cases import CaseSet, prepare
from grader.pack import Pack, load_pack
from tests.conftest import SECRET
from tests.faults.bank import SUBMISSIONS

RIGHT = (SUBMISSIONS / "right" / "course_style.py").read_text(encoding="utf-8")
Change = tuple[str, str]

CACHE = "    cache = (A_prev, W, b, hparameters)\n"
N_H = "int((n_H_prev - f + 2 * pad) / stride) + 1"
N_W = "int((n_W_prev - f + 2 * pad) / stride) + 1"
RETURN = "    return dA_prev, dW, db"
PADDED = "'constant', constant_values=(0, 0))"
SINGLE = "    Z = Z + float(b)\n"
INNERMOST = "                    da_prev_pad[vert_start"
STORED = "Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:, :, :, c], b[:, :, :, c])"

WRONG: dict[str, tuple[str, Change]] = {
    "zero_pad rounds to two decimals": ("zero_pad", (PADDED, f"{PADDED}.round(2)")),
    "zero_pad keeps three digits": ("zero_pad", (PADDED, f"{PADDED}.astype('f2').astype(float)")),
    "one step rounds to four decimals": ("conv_single_step", (SINGLE, f"{SINGLE}    Z = round(Z, 4)\n")),
    "one step rounds the bias": ("conv_single_step", ("float(b)", "round(float(b), 2)")),
    "one step takes the first four rows of a filter": (
        "conv_single_step",
        ("np.multiply(a_slice_prev, W)", "np.multiply(a_slice_prev[:4], W[:4])"),
    ),
    "zero_pad takes four rows at most": ("zero_pad", ("np.pad(X,", "np.pad(X[:, :4],")),
    "one step keeps three digits of the weights": (
        "conv_single_step",
        ("np.multiply(a_slice_prev, W)", "np.multiply(a_slice_prev, W.astype('f2').astype(float))"),
    ),
    "three digits of the weights are kept": (
        "conv_forward",
        ("W[:, :, :, c], b", "W[:, :, :, c].astype('f2').astype(float), b"),
    ),
    "dA is made of three digits of the weights": (
        "conv_backward",
        ("+= W[:, :, :, c] *", "+= W[:, :, :, c].astype('f2').astype(float) *"),
    ),
    "three digits of dZ are kept": (
        "conv_backward",
        ("cache\n", "cache\n    dZ = dZ.astype('f2').astype(float)\n"),
    ),
    "Z is rounded to four decimals": ("conv_forward", (CACHE, f"    Z = np.round(Z, 4)\n{CACHE}")),
    "Z is rounded to six decimals": ("conv_forward", (CACHE, f"    Z = np.round(Z, 6)\n{CACHE}")),
    "small entries of Z become zero": ("conv_forward", (CACHE, f"    Z[abs(Z) < 1e-2] = 0\n{CACHE}")),
    "only the height is rounded up": ("conv_forward", (N_H, f"round{N_H[3:]}")),
    "only the width is rounded up": ("conv_forward", (N_W, f"round{N_W[3:]}")),
    "the pads of the height are divided apart": (
        "conv_forward",
        (N_H, "(n_H_prev - f) // stride + 2 * pad // stride + 1"),
    ),
    "the pads of the width are divided apart": (
        "conv_forward",
        (N_W, "(n_W_prev - f) // stride + 2 * pad // stride + 1"),
    ),
    "four filters at most": ("conv_forward", ("in range(n_C)", "in range(min(n_C, 4))")),
    "three images at most": ("conv_forward", ("A_prev_pad[i]", "A_prev_pad[min(i, 2)]")),
    "a stride of three at most": ("conv_forward", ("hparameters['stride']", "min(3, hparameters['stride'])")),
    "a pad no wider than the filter": ("conv_forward", ("hparameters['pad']", "min(f, hparameters['pad'])")),
    "filters are turned from 4x4 on": (
        "conv_forward",
        ("W[:, :, :, c], b", "(W if f < 4 else W[::-1, ::-1])[:, :, :, c], b"),
    ),
    "filters of one pixel are refused": ("conv_forward", (CACHE, f"    assert f > 1\n{CACHE}")),
    "filters larger than the image are refused": (
        "conv_forward",
        (CACHE, f"    assert f <= min(n_H_prev, n_W_prev)\n{CACHE}"),
    ),
    "filters of four pixels are turned": (
        "conv_forward",
        ("W[:, :, :, c], b", "(W if f != 4 else W[::-1, ::-1])[:, :, :, c], b"),
    ),
    "an image of one column is refused": ("conv_forward", (CACHE, f"    assert n_W_prev > 1\n{CACHE}")),
    "a stride larger than the image is refused": (
        "conv_forward",
        (CACHE, f"    assert stride <= min(n_H_prev, n_W_prev)\n{CACHE}"),
    ),
    "one input channel has one filter only": (
        "conv_forward",
        (CACHE, f"    Z[..., 1:] *= n_C_prev > 1\n{CACHE}"),
    ),
    "A_prev is cleared where nothing is padded": (
        "conv_forward",
        (CACHE, f"    A_prev[...] = A_prev if pad else 0\n{CACHE}"),
    ),
    "the cache is wrong for a single image": (
        "conv_forward",
        (CACHE, f"{CACHE}    cache = cache if m > 1 else (W, A_prev, b, hparameters)\n"),
    ),
    "gradients are rounded to four decimals": (
        "conv_backward",
        (RETURN, "    return dA_prev.round(4), dW.round(4), db.round(4)"),
    ),
    "db is rounded to two decimals": ("conv_backward", (RETURN, "    return dA_prev, dW, db.round(2)")),
    "a zero in dZ ends the loop over the filters": (
        "conv_backward",
        (INNERMOST, f"                    if dZ[i, h, w, c] == 0: break\n{INNERMOST}"),
    ),
    "no gradient where A_prev is zero": (
        "conv_backward",
        (RETURN, "    return dA_prev * (A_prev != 0), dW, db"),
    ),
    "small entries of dZ are skipped": (
        "conv_backward",
        (INNERMOST, f"                    if abs(dZ[i, h, w, c]) < 0.01: continue\n{INNERMOST}"),
    ),
    "three input channels at most have a dW": (
        "conv_backward",
        (RETURN, f"    dW[:, :, 3:] = 0\n{RETURN}"),
    ),
    "one input channel has a dW for one filter only": (
        "conv_backward",
        (RETURN, f"    dW[..., 1:] *= n_C_prev > 1\n{RETURN}"),
    ),
    "the dA of filters of four pixels is turned": (
        "conv_backward",
        ("+= W[:, :, :, c] * dZ", "+= (W if f != 4 else W[::-1, ::-1])[:, :, :, c] * dZ"),
    ),
    "the dA of filters from 4x4 on is turned": (
        "conv_backward",
        ("+= W[:, :, :, c] * dZ", "+= (W if f < 4 else W[::-1, ::-1])[:, :, :, c] * dZ"),
    ),
}

#: dA_prev by looking up turned filters in a spread-out dZ; what stands for REST is the number of rows and
#: columns behind the last window.
SPREAD = """
def conv_backward(dZ, cache):
    A, W, b, hparameters = cache
    s, p, f = hparameters['stride'], hparameters['pad'], W.shape[0]
    m, n_H, n_W, n_C = dZ.shape
    D = np.zeros((m, (n_H - 1) * s + 1, (n_W - 1) * s + 1, n_C))
    D[:, ::s, ::s] = dZ
    high, wide = (A.shape[k] + 2 * p - f + 1 - D.shape[k] for k in (1, 2))
    wide_field = np.pad(D, ((0, 0), (f - 1, f - 1 + HIGH), (f - 1, f - 1 + WIDE), (0, 0)))
    dA = np.zeros(A.shape)
    for y, x in np.ndindex(*A.shape[1:3]):
        field = wide_field[:, y + p:y + p + f, x + p:x + p + f]
        dA[:, y, x] = np.einsum('mijc,ijkc->mk', field, W[::-1, ::-1])
    P, dW = zero_pad(A, p), np.zeros(W.shape)
    for u, v in np.ndindex(f, f):
        dW[u, v] = np.tensordot(P[:, u:u + D.shape[1], v:v + D.shape[2]], D, ((0, 1, 2), (0, 1, 2)))
    return dA, dW, dZ.sum(axis=(0, 1, 2)).reshape(b.shape)
"""

#: The same for the other two packs: (pack, function, change).
OTHERS: dict[str, tuple[str, str, Change]] = {
    "one product takes three axes at most": ("dot", "hadamard_sum", ("(s)", "(s, axis=(0, 1, 2)[:s.ndim])")),
    "fifty entries are unrolled at most": ("dot", "flat_dot", ("(a, b)", "(a[:50], b[:50])")),
    "out is rounded to four decimals": ("dot", "correlate2d_valid", ("return out", "return out.round(4)")),
    "five rows of a kernel at most": (
        "dot",
        "correlate2d_valid",
        ("(window, kernel)", "(window[:5], kernel[:5])"),
    ),
    "four columns of a kernel at most": (
        "dot",
        "correlate2d_valid",
        ("(window, kernel)", "(window[:, :4], kernel[:, :4])"),
    ),
    "one column of weights is not turned": (
        "dot",
        "convolve2d_valid",
        ("np.rot90(kernel, 2)", "np.rot90(kernel, 2) if kernel.shape[1] > 1 else kernel"),
    ),
    "one column of weights is turned": (
        "dot",
        "correlate2d_same",
        ("(padded, kernel)", "(padded, kernel if f_W > 1 else kernel[::-1])"),
    ),
    "columns are rounded to three decimals": ("dot", "im2col", ("return columns", "return columns.round(3)")),
    "columns keep three digits": ("dot", "im2col", ("return columns", "return columns.astype('f2')")),
    "columns of windows from 4x4 on stay empty": (
        "dot",
        "im2col",
        ("return columns", "return columns * (f < 4)"),
    ),
    "columns stay empty for strides above three": (
        "dot",
        "im2col",
        ("return columns", "return columns * (stride < 4)"),
    ),
    "four channels at most": ("dot", "im2col", ("return columns", "return columns * (n_C < 5)")),
    "the product is rounded to four decimals": (
        "dot",
        "conv_as_matmul",
        ("return Z", "return Z.round(4)"),
    ),
    "four channels of a filter at most": ("dot", "conv_as_matmul", ("X_col)", "X_col) * (n_C < 5)")),
    "filters from 4x4 on are left out": ("dot", "conv_as_matmul", ("X_col)", "X_col) * (f < 4)")),
    "three images are pooled at most": ("pooling", "pool_forward", ("range(m)", "range(min(m, 3))")),
    "four channels are pooled at most": ("pooling", "pool_forward", ("n_C_prev\n\n", "min(n_C_prev, 4)\n\n")),
    "windows of 4x4 at most": ("pooling", "pool_forward", ('hparameters["f"]', 'min(hparameters["f"], 4)')),
    "the mean of a single channel is left out": (
        "pooling",
        "pool_forward",
        ("np.mean(a_prev_slice)", "np.mean(a_prev_slice) * (n_C > 1)"),
    ),
    "three images have a gradient at most": ("pooling", "pool_backward", ("range(m)", "range(min(m, 3))")),
    "four channels have a gradient at most": (
        "pooling",
        "pool_backward",
        ("range(n_C)", "range(min(n_C, 4))"),
    ),
    "a mask has four rows at most": (
        "pooling",
        "create_mask_from_window",
        ("return mask", "return mask[:4]"),
    ),
    "a mask of rounded numbers": (
        "pooling",
        "create_mask_from_window",
        ("(x == np.max(x))", "(x.round(4) == np.max(x).round(4))"),
    ),
}
FOLDERS = {"conv": "conv_step_by_step", "dot": "dot_or_convolution", "pooling": "pooling_step_by_step"}
STYLES = {"conv": "course_style", "dot": "loops_as_taught", "pooling": "course_style"}


def earned(source: str, function: str, pack: Pack, cases: CaseSet) -> float:
    """The points of one function; the programs are our own, so they run in this process."""
    namespace: dict[str, Any] = {}
    spec = pack.function(function)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, "program", "exec"), namespace)
        return score.points(spec, answers(namespace[function], cases.functions[function], spec))


@pytest.mark.parametrize(("function", "change"), WRONG.values(), ids=WRONG)
def test_a_fault_that_needs_an_unusual_layer_to_show_loses_points(
    function: str, change: Change, conv: Pack, conv_cases: CaseSet
) -> None:
    head, start, body = RIGHT.partition(f"def {function}(")
    assert change[0] in body
    full = conv.function(function).points
    assert earned(RIGHT, function, conv, conv_cases) == full
    wrong = head + start + body.replace(*change, 1)
    assert earned(wrong, function, conv, conv_cases) < full


@cache
def pack_and_cases(name: str) -> tuple[Pack, CaseSet]:
    """One of the other packs, its cases drawn once for all tests."""
    pack = load_pack(SUBMISSIONS.parents[1] / FOLDERS[name])
    return pack, prepare(pack, SECRET)


@pytest.mark.parametrize(("name", "function", "change"), OTHERS.values(), ids=OTHERS)
def test_a_fault_that_needs_an_unusual_call_to_show_loses_points(
    name: str, function: str, change: Change
) -> None:
    pack, cases = pack_and_cases(name)
    source = (pack.folder / "submissions" / "right" / f"{STYLES[name]}.py").read_text(encoding="utf-8")
    head, start, body = source.partition(f"def {function}(")
    assert change[0] in body
    full = pack.function(function).points
    assert earned(source, function, pack, cases) == full
    assert earned(head + start + body.replace(*change, 1), function, pack, cases) < full


#: A right function that looks its answer up where it believes to have seen the call: (pack, function, parameters,
#: what it takes for the whole call).
KEPT: dict[str, tuple[str, str, str, str]] = {
    "a border by the largest pixel": ("conv", "zero_pad", "X, pad", "X.shape, pad, X.max()"),
    "a border by the sum": ("conv", "zero_pad", "X, pad", "X.shape, pad, X.sum()"),
    "a border by the image": ("conv", "zero_pad", "X, pad", "X.tobytes()"),
    "one step by window and filter": ("conv", "conv_single_step", "a, W, b", "a.tobytes(), W.tobytes()"),
    "one step by window and bias": ("conv", "conv_single_step", "a, W, b", "a.tobytes(), b.item()"),
    "one step by filter and bias": ("conv", "conv_single_step", "a, W, b", "W.tobytes(), b.item()"),
    "Z by images and filters": ("conv", "conv_forward", "A, W, b, h", "A.tobytes(), W.tobytes(), *h.items()"),
    "Z by images and bias": ("conv", "conv_forward", "A, W, b, h", "A.tobytes(), b.tobytes(), *h.items()"),
    "Z by filters and bias": ("conv", "conv_forward", "A, W, b, h", "A.shape, W.tobytes(), *h.items()"),
    "Z by all but hparameters": (
        "conv",
        "conv_forward",
        "A, W, b, h",
        "A.tobytes(), W.tobytes(), b.tobytes()",
    ),
    "gradients by the cache": ("conv", "conv_backward", "dZ, c", "c[0].tobytes(), c[1].tobytes(), str(c[3])"),
    "gradients by dZ and filters": (
        "conv",
        "conv_backward",
        "dZ, c",
        "dZ.tobytes(), c[1].tobytes(), str(c[3])",
    ),
    "gradients by dZ and images": (
        "conv",
        "conv_backward",
        "dZ, c",
        "dZ.tobytes(), c[0].tobytes(), str(c[3])",
    ),
    "gradients by the arrays": (
        "conv",
        "conv_backward",
        "dZ, c",
        "dZ.tobytes(), c[0].tobytes(), c[1].tobytes()",
    ),
    "A by images and hparameters": ("pooling", "pool_forward", "A, h, mode", "A.tobytes(), str(h)"),
    "A by images and mode": ("pooling", "pool_forward", "A, h, mode", "A.tobytes(), mode"),
    "dA_prev by dA and mode": ("pooling", "pool_backward", "dA, c, mode", "dA.tobytes(), str(c[1]), mode"),
    "dA_prev by the cache": ("pooling", "pool_backward", "dA, c, mode", "c[0].tobytes(), str(c[1]), mode"),
    "dA_prev by dA and cache": ("pooling", "pool_backward", "dA, c, mode", "dA.tobytes(), c[0].tobytes()"),
    "one number by its first array": ("dot", "flat_dot", "A, B", "A.tobytes()"),
    "one number by its second array": ("dot", "hadamard_sum", "A, B", "B.shape, B.tobytes()"),
    "out by the image": ("dot", "correlate2d_valid", "image, kernel", "image.tobytes(), kernel.shape"),
    "out by the kernel": ("dot", "correlate2d_same", "image, kernel", "image.shape, kernel.tobytes()"),
    "columns by image and stride": ("dot", "im2col", "image, f, stride", "image.tobytes()"),
    "Z by the filters": ("dot", "conv_as_matmul", "X, W", "X.shape, W.tobytes()"),
}


@pytest.mark.parametrize(("name", "function", "parameters", "key"), KEPT.values(), ids=KEPT)
def test_an_answer_kept_by_a_part_of_the_call_loses_points(
    name: str, function: str, parameters: str, key: str
) -> None:
    pack, cases = pack_and_cases(name)
    source = (pack.folder / "submissions" / "right" / f"{STYLES[name]}.py").read_text(encoding="utf-8")
    kept = (
        f"{source}\n_right, _known = {function}, {{}}\n"
        f"def {function}({parameters}):\n    key = ({key},)\n"
        f"    if key not in _known:\n        _known[key] = _right({parameters})\n    return _known[key]\n"
    )
    full = pack.function(function).points
    assert earned(kept, function, pack, cases) < full - 0.1  # more than a public property that earns nothing


#: Right by chance where nothing is padded: (what the loop variable or the size is made of).
BARE: dict[str, tuple[Change, ...]] = {
    "a valid convolution has no stride": (
        (N_H, f"({N_H}) if pad else n_H_prev - f + 1"),
        (N_W, f"({N_W}) if pad else n_W_prev - f + 1"),
        ("stride = hparameters['stride']", "stride = hparameters['stride'] if hparameters['pad'] else 1"),
    ),
    "rows without a border are next to each other": (("h * stride", "h * (stride if pad else 1)"),),
    "columns without a border are next to each other": (("w * stride", "w * (stride if pad else 1)"),),
    "a single window leaves no axes": (
        (CACHE, f"    Z = Z.reshape(m, n_C) if n_H * n_W == 1 else Z\n{CACHE}"),
    ),
    "the cache has a pad of one at most": (
        (
            "cache = (A_prev, W, b, hparameters)",
            "cache = (A_prev, W, b, {**hparameters, 'pad': min(pad, 1)})",
        ),
    ),
}


@pytest.mark.parametrize("changes", BARE.values(), ids=BARE)
def test_a_fault_without_a_border_loses_points(
    changes: tuple[Change, ...], conv: Pack, conv_cases: CaseSet
) -> None:
    head, start, body = RIGHT.partition("def conv_forward(")
    for change in changes:
        assert change[0] in body
        body = body.replace(*change, 1)
    full = conv.function("conv_forward").points
    assert earned(head + start + body, "conv_forward", conv, conv_cases) < full - 0.1


@pytest.mark.parametrize(
    ("high", "wide", "right"),
    [
        pytest.param("high", "wide", True, id="as many as are left over"),
        pytest.param("0", "wide", False, id="no rows left over"),
        pytest.param("high", "0", False, id="no columns left over"),
        pytest.param("wide", "high", False, id="rows and columns exchanged"),
        pytest.param("high", "high", False, id="rows for columns"),
        pytest.param("high", "wide - 1", False, id="one column too few"),
    ],
)
def test_a_gradient_must_reach_pixels_behind_the_last_window(
    high: str, wide: str, right: bool, conv: Pack, conv_cases: CaseSet
) -> None:
    source = RIGHT + SPREAD.replace("HIGH", high).replace("WIDE", wide)
    full = conv.function("conv_backward").points
    assert (earned(source, "conv_backward", conv, conv_cases) == full) is right
