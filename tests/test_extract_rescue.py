"""Right hand-ins whose surroundings would take something away from them: the slice keeps it all the same."""

from __future__ import annotations

import pytest

from grader.model import Status
from tests.conftest import Grade

BODY = """
def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode=MODE)
def conv_single_step(a, W, b):
    return sum((a * W).ravel()) + float(b)
"""
NUMPY, MODE = "import numpy as np\n", "MODE = 'constant'\n"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            f"try:\n    import h5py\n    {NUMPY}except ImportError as e:\n    print(e)\n{MODE}{BODY}",
            id="a failing import before NumPy's in a try",
        ),
        pytest.param(
            f"if True:\n    import h5py\n    {NUMPY}{MODE}{BODY}",
            id="a failing import before NumPy's in an if",
        ),
        pytest.param(
            f"try:\n    import cupy as np\nexcept ImportError:\n    {NUMPY}{MODE}{BODY}",
            id="NumPy as the second choice",
        ),
        pytest.param(f"{MODE}{BODY}", id="NumPy imported nowhere"),
        pytest.param(
            f"{NUMPY}{MODE}{BODY}sum = 0\nfor k in range(9): sum += k\n", id="a builtin's name taken later"
        ),
        pytest.param(
            f"{NUMPY}{MODE}{BODY}for np in range(3): print(np)\n", id="a module's name taken by a loop later"
        ),
        pytest.param(f"{NUMPY}{MODE}{BODY}zero_pad = 3\n", id="a function's own name taken later"),
        pytest.param(
            f"{NUMPY}rng = np.random.default_rng(0)\n{MODE}{BODY}", id="a generator made beside a constant"
        ),
        pytest.param(
            f"{NUMPY}from tqdm import tqdm\n{MODE}{BODY}".replace("sum((", "sum(tqdm((").replace(
                ".ravel())", ".ravel()))"
            ),
            id="a progress bar round the loop",
        ),
        pytest.param(
            f"{NUMPY}from numba import njit\n{MODE}{BODY}".replace("def zero", "@njit\ndef zero"),
            id="a compiler as a decorator",
        ),
        pytest.param(
            f"{NUMPY}{MODE}T = {{}}\ndef op(f):\n    T[f.__name__] = f\n    return f\n@op\ndef mul(a, b):\n"
            f"    return a * b\n@op\ndef add(a, b):\n    return a + b\n{BODY}".replace(
                "a * W", "T['mul'](a, W)"
            ),
            id="functions in a table, put there by a decorator",
        ),
        pytest.param(
            f"{NUMPY}{MODE}from functools import singledispatch\n@singledispatch\ndef total(x): return 0\n"
            f"@total.register(np.ndarray)\ndef _(x): return x.sum()\n@total.register(int)\ndef _(x): return x\n"
            f"{BODY}".replace("sum((a * W).ravel())", "total(a * W)"),
            id="a function for each type",
        ),
        pytest.param(
            f"{NUMPY}{MODE}T = {{}}\ndef put(k, f):\n    T[k] = f\nput('mul', np.multiply)\n{BODY}".replace(
                "a * W", "T['mul'](a, W)"
            ),
            id="a function in a table, put there by a call",
        ),
        pytest.param(
            f"{NUMPY}{MODE}T = {{}}\ndef named(k):\n    def put(f):\n        T[k] = f\n        return f\n    return put\n"
            f"@named('mul')\ndef _(a, b): return a * b\n{BODY}".replace("a * W", "T['mul'](a, W)"),
            id="the decorator made by a function",
        ),
        pytest.param(
            f"{NUMPY}{MODE}{BODY}from functools import partial\nmul = partial(np.multiply)\n"
            "x = np.random.randn(1, 2, 2, 1)\nprint(zero_pad(x, 2))\n".replace("a * W", "mul(a, W)"),
            id="a partial among trials",
        ),
        pytest.param(
            f"{NUMPY}{MODE}{BODY}class L:\n    pad = staticmethod(zero_pad)\nlayer = L()\nzero_pad = layer.pad\n"
            "x = np.random.randn(1, 2, 2, 1)\nprint(zero_pad(x, 2))\n",
            id="a function taken from an object among trials",
        ),
        pytest.param(
            f"{NUMPY}EPS = 0.0\nverbose = False\nx = np.random.randn(3)\n{MODE}{BODY}".replace(
                "a * W", "a * W + EPS * verbose"
            ),
            id="settings beside random numbers",
        ),
        pytest.param(
            f"{NUMPY}{MODE}from tqdm import tqdm\nimport time\nT0 = time.time()\n{BODY}".replace(
                "    return sum",
                "    bar = tqdm(total=3)\n    bar.update(1)\n    print(time.time() - T0)\n    return sum",
            ),
            id="a bar that is moved by hand, and a clock",
        ),
        pytest.param(
            f"{NUMPY}{MODE}from numba import njit, float64\n{BODY}".replace(
                "def zero", "@njit(float64[:](float64))\ndef zero"
            ),
            id="a compiler with a signature",
        ),
        pytest.param(
            f"{NUMPY}{MODE}import functools\n{BODY}".replace(
                "def conv", "@(\n    functools.wraps(len)\n)\ndef conv"
            ),
            id="a decorator below its sign",
        ),
        pytest.param(
            f"%pylab inline\n{MODE}{BODY}".replace("np.pad", "pad_").replace("pad_(", "np.pad("), id="%pylab"
        ),
        pytest.param(
            f"%pylab inline\n{MODE}{BODY}".replace("sum(", "float(max(0, 1)) * sum("),
            id="%pylab does not hide max",
        ),
        pytest.param(
            f"from pylab import *\n{MODE}{BODY}".replace("a * W", "multiply(a, W)"), id="everything of pylab"
        ),
        pytest.param(
            f"{NUMPY}from matplotlib.pylab import figure, multiply as mul\n{MODE}{BODY}".replace(
                "a * W", "mul(a, W)"
            ),
            id="a name of NumPy's from pylab",
        ),
        pytest.param(f"import pylab as np\n{MODE}{BODY}", id="pylab as np"),
        pytest.param(
            f"%pylab inline\n{MODE}{BODY}".replace(
                "    return sum",
                "    figure(figsize=(4, 4)); imshow(a); plt.show(); plt.close('all')\n    return sum",
            ),
            id="a picture inside, with %pylab",
        ),
        pytest.param(
            f"{NUMPY}from pylab import figure, imshow as draw\n{MODE}{BODY}".replace(
                "    return sum", "    figure()\n    draw(a)\n    return sum"
            ),
            id="a picture inside, with names of pylab",
        ),
        pytest.param(
            f"import importlib\nnp = importlib.import_module('numpy')\n{MODE}{BODY}", id="NumPy by a call"
        ),
        pytest.param(
            f"{NUMPY}{MODE}def table(n):\n    return [0] * n\n%time ZEROS = table(9)\n{BODY}".replace(
                "float(b)", "float(b) + ZEROS[0]"
            ),
            id="a value made under %time",
        ),
        pytest.param(
            f"{NUMPY}{MODE}get_ipython().run_line_magic('time', 'ZEROS = [0] * 9')\n{BODY}".replace(
                "float(b)", "float(b) + ZEROS[0]"
            ),
            id="a value made under an exported %time",
        ),
        pytest.param(
            f"{NUMPY}{MODE}try:\n    get_ipython()\n    HERE = 1.0\nexcept NameError:\n    HERE = 1.0\n{BODY}".replace(
                "float(b)", "float(b) * HERE"
            ),
            id="is this a notebook?",
        ),
        pytest.param(
            f"{NUMPY}{MODE}IN_COLAB = 'google.colab' in str(get_ipython())\n{BODY}".replace(
                "float(b)", "float(b) + IN_COLAB"
            ),
            id="is this Colab?",
        ),
        pytest.param(
            f"{NUMPY}{MODE}import sys\nsys.setrecursionlimit(5000)\ndef deep(n):\n    return n and deep(n - 1)\n"
            f"{BODY}".replace("float(b)", "float(b) + deep(3000)"),
            id="a deeper recursion",
        ),
        pytest.param(
            f"{NUMPY}{MODE}x = np.random.randn(3)\ncalls = 0\n{BODY}x = zero_pad(x, calls)\n".replace(
                "    return sum", "    global calls\n    calls += 1\n    return sum"
            ),
            id="a counter among trials",
        ),
        pytest.param(
            f"{NUMPY}{MODE}class Op:\n    known = {{}}\n    def __init_subclass__(cls, name=''):\n"
            "        Op.known[name] = cls\nclass Mul(Op, name='mul'):\n    def __call__(self, a, b): return a * b\n"
            f"class Add(Op, name='add'):\n    pass\n{BODY}".replace("a * W", "Op.known['mul']()(a, W)"),
            id="subclasses that register themselves",
        ),
        pytest.param(
            f"{NUMPY}{MODE}KNOWN = {{}}\nclass Meta(type):\n    def __new__(m, name, bases, d):\n"
            "        KNOWN[name] = c = super().__new__(m, name, bases, d)\n        return c\n"
            "class Op(metaclass=Meta): pass\nclass Mul(Op):\n    def __call__(self, a, b): return a * b\n"
            f"{BODY}".replace("a * W", "KNOWN['Mul']()(a, W)"),
            id="a metaclass that fills a table",
        ),
        pytest.param(
            f"{NUMPY}{MODE}class Op: pass\nclass Two(Op): pass\nclass Mul(Two):\n"
            f"    def __call__(self, a, b): return a * b\n{BODY}".replace(
                "a * W", "Op.__subclasses__()[0].__subclasses__()[0]()(a, W)"
            ),
            id="subclasses that are asked for",
        ),
        pytest.param(
            f"{NUMPY}{MODE}def op_mul(a, b): return a * b\n{BODY}".replace(
                "a * W", "globals()['op_' + 'mul'](a, W)"
            ),
            id="a function by its name's text",
        ),
        pytest.param(
            f"{NUMPY}{MODE}def op_mul(a, b): return a * b\n{BODY}".replace(
                "a * W", "eval('op_' + 'mul')(a, W)"
            ),
            id="a function by eval",
        ),
        pytest.param(
            f"{NUMPY}{MODE}{BODY}(zero_pad := lambda X, pad: np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0))))\n"
            "x = np.random.randn(1, 2, 2, 1)\nprint(zero_pad(x, 2))\n".replace("def zero_pad", "def unused"),
            id="a function bound by := among trials",
        ),
        pytest.param(
            f"# %%\n{NUMPY}{MODE}{BODY}# %%\nlog = []\nx = np.random.randn(1, 2, 2, 1)\nprint(zero_pad(x, 1))\n"
            "# %%\nimport collections\ncalls = collections.defaultdict(int)\nprint(zero_pad(x, 1))\n".replace(
                "    return sum", "    log.append(a)\n    calls[0] += 1\n    return sum"
            ),
            id="empty containers among trials",
        ),
        pytest.param(
            f"{NUMPY}from joblib import Parallel, delayed\n{MODE}{BODY}".replace(
                "a * W", "np.array(Parallel(n_jobs=2)(delayed(np.multiply)(x, y) for x, y in zip(a, W)))"
            ),
            id="work for joblib",
        ),
        pytest.param(
            f"{NUMPY}import matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = 5, 4\n{MODE}{BODY}".replace(
                "    return sum",
                "    fig, ax = plt.subplots(1, 2)\n    ax[0].imshow(a[0])\n    _, ((c, d), (e, f)) = plt.subplots(2, 2)\n"
                "    for one in plt.subplots(ncols=3)[1].flat:\n        one.set_title('t')\n"
                "    _, one = plt.subplots()\n    one.plot([1, 2])\n    plt.figure(figsize=(3, 4))\n    plt.rcParams['image.cmap'] = 'gray'\n    plt.show()\n"
                "    return sum",
            ),
            id="a picture inside",
        ),
        pytest.param(
            f"{NUMPY}import tensorflow as tf, memory_profiler\n{MODE}{BODY}".replace(
                "def zero", "@tf.function(\n    autograph=False\n)\n@memory_profiler.profile\ndef zero"
            ),
            id="decorators of modules that are not there",
        ),
        pytest.param(
            f"import marimo\napp = marimo.App()\n@app.cell\ndef _():\n    {NUMPY}    return (np,)\n{MODE}{BODY}".replace(
                "def zero", "@app.function\ndef zero"
            ),
            id="a decorator made by such a module",
        ),
        pytest.param(
            f"{NUMPY}{MODE}import sys, logging\nlog = logging.getLogger(__name__)\n{BODY}".replace(
                "    return sum",
                "    log.debug('x')\n    sys.stdout.write('y')\n    display(a)\n    return sum",
            ),
            id="a log, a display, a text written out",
        ),
        pytest.param(
            f"{NUMPY}{MODE}{BODY}".replace("a * W", "größe").replace(
                "    return sum", "    größe = a * W\n    return sum"
            ),
            id="a name beyond ASCII",
        ),
    ],
)
def test_a_right_function_keeps_its_points(grade_source: Grade, source: str) -> None:
    report = grade_source(source)
    assert [f.status for f in report.functions[:2]] == [Status.CORRECT] * 2, [
        f.detail for f in report.functions
    ]


def test_a_later_function_of_the_same_name_still_wins(grade_source: Grade) -> None:
    report = grade_source(NUMPY + MODE + BODY + "zero_pad = conv_single_step\n")
    assert report.functions[0].status is Status.INCORRECT


def test_numpy_that_was_added_is_mentioned(grade_source: Grade) -> None:
    report = grade_source(MODE + BODY)
    assert any("`import numpy as np` was added" in note.message for note in report.notes)
