"""The dependency slice: what enters it, what stays out, and what is said about it."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from grader.extract import extract
from grader.model import DefinitionState, ExtractedSource, Level, Place
from grader.notebook import parse_submission

WANTED = ("zero_pad", "conv_single_step", "conv_forward", "conv_backward")
ALLOWED = ("numpy", "math", "functools")


def notebook(*cells: str) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": c} for c in cells], "nbformat": 4}).encode()


def sliced(*cells: str, allowed: Sequence[str] = ALLOWED, compat: Sequence[str] = ()) -> ExtractedSource:
    """The slice of a notebook with these code cells."""
    submission = parse_submission("hand-in.ipynb", notebook(*cells))
    return extract(submission, WANTED, allowed_imports=allowed, compat=compat)


def script(text: str) -> ExtractedSource:
    """The slice of a plain .py file."""
    return extract(parse_submission("hand-in.py", text.encode()), WANTED, allowed_imports=ALLOWED)


def run(extracted: ExtractedSource) -> dict[str, Any]:
    """The names that the slice leaves behind. The sources are those of this file, so they may run here."""
    names: dict[str, Any] = {"__name__": "submission"}
    exec(compile(extracted.source, "<slice>", "exec", dont_inherit=True), names)
    return names


def state(extracted: ExtractedSource, name: str = "zero_pad") -> DefinitionState:
    return extracted.definitions[name].state


def said(extracted: ExtractedSource) -> str:
    return "\n".join(note.message for note in extracted.notes)


NUMPY = "import numpy as np"
PAD = "def zero_pad(X, pad):\n    return np.pad(X, pad)"
TRIAL = "np.random.seed(1)\nx = np.random.randn(4, 3)\nx_pad = zero_pad(x, 2)\nprint(x_pad)"


# --------------------------------------------------------------------------- what stays out


def test_a_typical_notebook_leaves_only_what_the_functions_need() -> None:
    setup = "import numpy as np\nimport h5py\nimport matplotlib.pyplot as plt\nfrom public_tests import *\n"
    setup += "%matplotlib inline\nplt.rcParams['figure.figsize'] = (5.0, 4.0)\nnp.random.seed(1)"
    extracted = sliced(setup, PAD, TRIAL, "plt.imshow(x_pad[0])\nplt.show()")
    assert extracted.source == f"{NUMPY}\n{PAD}\n"
    assert extracted.imports == ("numpy",)
    assert extracted.dropped == ()
    assert extracted.notes == ()
    assert state(extracted) is DefinitionState.DEFINED


LEFTOVERS = [
    pytest.param("x = np.random.randn(3)\nzero_pad(x, 1)", "x", id="random data"),
    pytest.param(
        "rng = np.random.default_rng(0)\nx = rng.normal(size=3)", "x", id="data of a random generator"
    ),
    pytest.param(
        "np.random.seed(0)\nstride = 2\nx = np.random.rand(3)", "stride", id="a number beside random data"
    ),
    pytest.param(
        "hparameters = {'pad': 1}\nZ = zero_pad(1, 1)", "hparameters", id="a dictionary beside a call"
    ),
    pytest.param("stride = 2\nzero_pad_test(zero_pad)", "stride", id="a number beside the course's own test"),
    pytest.param("stride = 2\nassert zero_pad(1, 2) == 3", "stride", id="a number beside an assertion"),
    pytest.param("Z, cache = zero_pad(1, 2), 3", "cache", id="the result of a graded function"),
    pytest.param("x = np.random.randn(2)\n(m, n) = x.shape", "m", id="the shape of random data"),
    pytest.param("data = np.load('cats.npy')", "data", id="data of a file"),
    pytest.param("data = open('x').read()", "data", id="the text of a file"),
    pytest.param("f = h5py.File('x')", "f", id="data of a module that is not available"),
    pytest.param("answer = input()", "answer", id="what the user types"),
    pytest.param("for i in range(3):\n    out = zero_pad(i, 1)", "out", id="a result made in a loop"),
    pytest.param("if __name__ == '__main__':\n    stride = 2", "stride", id="under the main guard"),
    pytest.param("with open('x') as f:\n    text = f.read()", "text", id="a file in a with statement"),
    pytest.param(
        "stride = 2\nfor i in range(3):\n    zero_pad(i, stride)",
        "stride",
        id="a number used in a loop of trials",
    ),
    pytest.param("def make():\n    return np.random.rand(3)\nx = make()", "x", id="random data of a helper"),
    pytest.param("x = np.random.rand(3)\ndel x\nx = zero_pad(1, 1)", "x", id="bound twice, both in trials"),
]


@pytest.mark.parametrize(("trial", "name"), LEFTOVERS)
def test_a_name_of_a_test_cell_is_not_there_and_the_note_says_whose_it_is(trial: str, name: str) -> None:
    reader = f"def zero_pad(X, pad):\n    return np.pad(X, pad) + {name}"
    extracted = sliced(f"{NUMPY}\nimport h5py", reader, trial)
    with pytest.raises(NameError, match=name):
        run(extracted)["zero_pad"](np.zeros(2), 1)
    assert extracted.definitions["zero_pad"].undefined == (name,)
    assert f"`zero_pad` reads `{name}`, which " in said(extracted)
    assert "cell 3" in said(extracted)
    (note,) = [note for note in extracted.notes if f"`{name}`" in note.message]
    assert (note.level, note.place, note.function) == (Level.WARNING, Place(2, 2), "zero_pad")


def test_a_value_of_a_module_that_is_not_there_is_explained_as_such() -> None:
    extracted = sliced(
        "import torch", "device = torch.device('cpu')", "def zero_pad(X, pad):\n    return X * device"
    )
    assert "`zero_pad` reads `device`, which was left out because it uses `torch`" in said(extracted)
    assert "(cell 2, line 1)" in said(extracted)


def test_a_source_of_random_numbers_alone_makes_no_trial_but_drawing_from_it_does() -> None:
    reader = "def zero_pad(X, pad):\n    return X + limit"
    made = "rng = np.random.default_rng(3)\nlimit = 4"
    assert sliced(NUMPY, made, reader).definitions["zero_pad"].undefined == ()
    drawn = f"{made}\nx = rng.normal(size=3)"
    assert sliced(NUMPY, drawn, reader).definitions["zero_pad"].undefined == ("limit",)


def test_the_note_names_every_cell_up_to_three() -> None:
    reader = "def zero_pad(X, pad):\n    return X + cache"
    one = "cache = zero_pad(1, 1)"
    assert "which only cell 2 (a test cell) defines" in said(sliced(reader, one))
    assert "which only cell 2 (a test cell) and cell 3 (a test cell) define" in said(sliced(reader, one, one))
    assert "cell 2 (a test cell), cell 3 (a test cell) and 2 others" in said(
        sliced(reader, one, one, one, one)
    )


def test_a_name_that_nothing_defines_is_said_to_be_nowhere() -> None:
    extracted = sliced("def zero_pad(X, pad):\n    return Xpad")
    assert extracted.definitions["zero_pad"].undefined == ("Xpad",)
    extracted = sliced("def zero_pad(X, pad):\n    y = len(X)\n    return y + Xpad")
    assert "`zero_pad` reads `Xpad`, which is defined nowhere." in said(extracted)


def test_a_name_that_only_a_broken_cell_defines_is_explained() -> None:
    extracted = sliced("def half(x):\n    return x +", "def zero_pad(X, pad):\n    return half(X) + 1")
    assert "`zero_pad` reads `half`, whose definition cannot be parsed (cell 1, line 2" in said(extracted)


def test_a_name_that_another_call_would_make_global_is_explained() -> None:
    extracted = sliced(
        "def init():\n    global eps\n    eps = 1", "def zero_pad(X, pad):\n    return X + eps"
    )
    assert "exists only after another function has been called" in said(extracted)


GUARDED = [
    pytest.param(f"    {NUMPY}\n    def zero_pad(X, pad):\n        return np.pad(X, pad)", id="a function"),
    pytest.param(
        f"    {NUMPY}\n    @(\n        staticmethod\n    )\n    def zero_pad(X, pad):\n"
        "        '''\nflush left\n        '''\n        return np.pad(X, pad)\n    print(zero_pad(3, 1))",
        id="a decorated function with a text, and a trial",
    ),
    pytest.param(
        f"    {NUMPY}; FILL = 0\n    MODE = (\n        'constant'\n    )\n    zero_pad = lambda X, pad: "
        "np.pad(X, pad, mode=MODE, constant_values=FILL)",
        id="constants and a lambda",
    ),
    pytest.param(f" {NUMPY}; zero_pad = lambda X, pad: np.pad(X, pad)", id="on one line"),
]


@pytest.mark.parametrize("body", GUARDED)
def test_a_notebook_is_the_main_program(body: str) -> None:
    between = "" if body.startswith(" i") else "\n"
    guard = f"if __name__ == '__main__':{between}{body}"
    extracted = sliced(guard, "stride = 2")
    assert run(extracted)["zero_pad"]([1], 1).tolist() == [0, 1, 0]
    assert len(extracted.line_map) == len(extracted.source.splitlines())
    assert "np.pad" in guard.split("\n")[extracted.line_map[-1].line - 1]
    assert state(script(guard)) is DefinitionState.MISSING


@pytest.mark.parametrize("trial", ["", "\n    print(zero_pad(3, stride))"], ids=["alone", "with its trial"])
def test_a_plain_value_under_the_main_guard_is_not_the_programs(trial: str) -> None:
    guard = f"{PAD}\nif __name__ == '__main__':\n    stride = 2{trial}"
    extracted = sliced(NUMPY, guard, "def conv_forward(A, W, b, h):\n    return A[::stride]")
    assert extracted.definitions["conv_forward"].undefined == ("stride",)


def test_a_container_that_a_trial_fills_is_not_the_programs() -> None:
    trial = "h = {}\nh['stride'] = 2\nZ = zero_pad(h, 2)"
    for cells in ([PAD, trial], [f"{PAD}\n{trial}"]):
        extracted = sliced(NUMPY, *cells, "def conv_forward(A, W, b, p):\n    return A + h['stride']")
        assert extracted.definitions["conv_forward"].undefined == ("h",)


def test_a_decorator_of_a_module_that_is_not_there_is_taken_off_and_listed() -> None:
    text = "import torch\n@torch.no_grad()\n@functools.cache\ndef zero_pad(X, pad):\n    return X + pad"
    extracted = sliced("import functools", text)
    assert run(extracted)["zero_pad"](1, 2) == 3
    assert "torch" not in extracted.source
    assert "@functools.cache" in extracted.source
    (dropped,) = extracted.dropped
    assert (dropped.place, "decorator" in dropped.reason) == (Place(2, 2), True)


def test_a_constant_that_the_cell_of_a_function_sets_again_counts() -> None:
    extracted = sliced(
        "import numpy as np\nMODE = 'edge'",
        "def zero_pad(X, pad):\n    return np.pad(X, pad, MODE)\nMODE = 'constant'\nx = np.random.randn(3)\n"
        "print(zero_pad(x, 2))",
    )
    assert "MODE = 'constant'" in extracted.source


def test_a_call_that_makes_a_name_global_is_kept() -> None:
    extracted = sliced(
        "def init():\n    global eps\n    eps = 1\ninit()", "def zero_pad(X, pad):\n    return X + eps"
    )
    assert "\ninit()\n" in extracted.source
    assert not said(extracted)


def test_what_a_helper_reads_counts_for_the_function_that_calls_it() -> None:
    extracted = sliced(
        "def helper(x):\n    return x + A",
        "def zero_pad(X, pad):\n    return helper(X)",
        "A = zero_pad(1, 1)",
    )
    assert extracted.definitions["zero_pad"].undefined == ("A",)


def test_what_another_wanted_function_reads_counts_for_that_one_only() -> None:
    step = "def conv_single_step(a, W, b):\n    return a * A"
    forward = "def conv_forward(A_prev, W, b, h):\n    return conv_single_step(A_prev, W, b)"
    extracted = sliced(step, forward, "A = conv_single_step(1, 2, 3)")
    assert extracted.definitions["conv_single_step"].undefined == ("A",)
    assert extracted.definitions["conv_forward"].undefined == ()
    assert extracted.definitions["conv_forward"].uses == ("conv_single_step",)


# --------------------------------------------------------------------------- what enters


ENTERS = [
    pytest.param(["EPS = 1e-8"], "EPS", id="a number"),
    pytest.param(["EPS = -1e-8 * 2 + 1"], "EPS", id="an expression of numbers"),
    pytest.param(["MODE: str = 'constant'"], "MODE", id="an annotated text"),
    pytest.param(["a = b = 2"], "b", id="one of two targets"),
    pytest.param(["a, (b, *c) = 1, (2, 3, 4)"], "c", id="unpacked with a star"),
    pytest.param(["print(k := 3)"], "k", id="bound by := in an expression"),
    pytest.param(["n = 1\nn += 1"], "n", id="an updated number"),
    pytest.param(["n = 1", "n += 1", "n *= 3"], "n", id="updated in other cells"),
    pytest.param(["K = np.array([[1, 0], [0, 1]])"], "K", id="a constant array"),
    pytest.param(["EPS = np.finfo(float).eps"], "EPS", id="a constant of NumPy"),
    pytest.param(["K = np.ones((3, 3)).reshape(9).astype(float)"], "K", id="a constant array in steps"),
    pytest.param(["T = {'a': [1, 2], 'b': (3,)}"], "T", id="a constant table"),
    pytest.param(["T = {}", "T['mode'] = 'constant'"], "T", id="a table filled elsewhere"),
    pytest.param(["T = {}\nT['a'] = {}\nT['a']['b'] = 1"], "T", id="a table filled in depth"),
    pytest.param(["L = []", "def h(x):\n    return x\nL.append(h)"], "L", id="a list of helpers"),
    pytest.param(["L = []\nfor i in range(3):\n    L.append(i)"], "L", id="a list filled in a loop"),
    pytest.param(["T = {}\nfor i in range(3):\n    T[i] = i"], "T", id="a table filled in a loop"),
    pytest.param(["sq = [i * i for i in range(4)]"], "sq", id="a list made by a comprehension"),
    pytest.param(["stride = 2\nprint(stride)"], "stride", id="a number that is printed, with no trial near"),
    pytest.param(["h = lambda x: x"], "h", id="a lambda"),
    pytest.param(["dot = np.dot"], "dot", id="another name for a function of NumPy"),
    pytest.param(["def h(x):\n    return x", "g = h", "f = g"], "f", id="an alias of an alias"),
    pytest.param(
        ["class C:\n    k = 3\n    def step(self):\n        return self.k", "c = C()"], "c", id="an instance"
    ),
    pytest.param(["class A:\n    pass", "class B(A):\n    pass"], "B", id="a class with its base"),
    pytest.param(
        ["class C:\n    pass\ndef f():\n    return 1\nC.f = f"], "C", id="a class that gets a method later"
    ),
    pytest.param(
        ["class C:\n    pass\nsetattr(C, 'k', 1)"], "C", id="a class that gets an attribute by setattr"
    ),
    pytest.param(
        ["from functools import partial\np = partial(np.pad, mode='constant')"], "p", id="a partial function"
    ),
    pytest.param(["def size(n):\n    return n + 1\nK = size(3)"], "K", id="a number worked out by a helper"),
    pytest.param(["try:\n    K = 3\nexcept Exception:\n    K = 4"], "K", id="bound in try"),
    pytest.param(["if np.__version__ > '1':\n    K = 3\nelse:\n    K = 4"], "K", id="bound in if and else"),
    pytest.param(["for K in range(5):\n    pass"], "K", id="the variable of a loop"),
    pytest.param(["with np.errstate(all='ignore'):\n    K = 3"], "K", id="bound in with"),
    pytest.param(["match 3:\n    case K:\n        pass"], "K", id="bound by a pattern"),
    pytest.param(["from math import *"], "pi", id="a name of import *"),
    pytest.param(["import math as m, h5py"], "m", id="half of an import"),
    pytest.param(["import numpy.linalg\nimport numpy.fft"], "numpy", id="a package with parts"),
    pytest.param(
        ["def f():\n    global K\n    return 1\nK = 3"], "K", id="a constant some function calls global"
    ),
    pytest.param(["EPS = 1e-8\nprint('eps is', EPS)", TRIAL], "EPS", id="a printed constant before trials"),
]


@pytest.mark.parametrize(("cells", "name"), ENTERS)
def test_what_a_function_needs_is_there(cells: list[str], name: str) -> None:
    reader = f"def zero_pad(X, pad):\n    return {name}"
    extracted = sliced(NUMPY, *cells, reader)
    assert extracted.definitions["zero_pad"].undefined == ()
    assert run(extracted)["zero_pad"](1, 2) is not None


def test_another_name_for_a_module_counts_even_among_trials() -> None:
    setup = "import numpy\nnp = numpy\nx = np.random.randn(3)\nprint(np.sum(x))"
    assert run(sliced(setup, PAD))["zero_pad"](np.ones(1), 1).tolist() == [0, 1, 0]


def test_an_import_below_its_first_use_comes_first() -> None:
    cells = [
        "K = np.ones(2)",
        "def zero_pad(X, pad=math.pi):\n    return X + K",
        "import numpy as np\nimport math",
    ]
    extracted = sliced(*cells)
    assert extracted.source.startswith("import numpy as np\nimport math\nK = ")
    assert [place.cell for place in extracted.line_map] == [3, 3, 1, 2, 2]
    assert extracted.definitions["zero_pad"].undefined == ()


def test_a_constant_below_its_first_use_is_missing_as_it_is_in_a_fresh_notebook() -> None:
    extracted = sliced("def zero_pad(X, pad=EPS):\n    return X", "EPS = 1")
    assert extracted.definitions["zero_pad"].undefined == ("EPS",)
    assert "`zero_pad` reads `EPS`, which is defined only after it is needed." in said(extracted)


def test_a_value_is_that_of_the_last_statement_that_counts() -> None:
    cells = ["n = 1\nn += 1", "T = {'a': 1}\nT['a'] += n\nT['b'] = n", "n *= 5"]
    extracted = sliced(*cells, "def zero_pad(X, pad):\n    return n, T")
    assert run(extracted)["zero_pad"](1, 2) == (10, {"a": 3, "b": 2})


def test_a_constant_of_a_test_cell_does_not_replace_the_one_of_the_program() -> None:
    extracted = sliced("EPS = 1", "def zero_pad(X, pad):\n    return EPS", "EPS = 2\nzero_pad(1, EPS)")
    assert run(extracted)["zero_pad"](1, 1) == 1


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        pytest.param("n = 'five'\nprint(n)", 1, id="a cell that prints a text"),
        pytest.param(
            "import pandas as pd\nfig, n = [], [3]\nn[0].imshow(X)", 1, id="a cell that draws with it"
        ),
        pytest.param("n = {}\nn['lr'] = 0.1\nprint(n)", 1, id="a cell that fills it"),
        pytest.param("for k, n in enumerate('ab'):\n    print(k)", 1, id="a cell that counts with it"),
        pytest.param("n = 5", 5, id="a cell that only sets it"),
        pytest.param("n = 5\nprint(n)", 5, id="a cell that corrects it"),
        pytest.param("n = 10 // 2\nprint(n)", 5, id="a cell that works it out"),
        pytest.param("n += 4\nprint(n)", 5, id="a cell that goes on with it"),
        pytest.param("n = '5'\ndef other():\n    return n\nprint(n)", "5", id="a cell with another function"),
    ],
)
def test_a_value_that_a_later_cell_uses_up_does_not_replace_one_of_another_kind(
    cell: str, value: object
) -> None:
    extracted = sliced("n = 1", "def zero_pad(X, pad):\n    return n", cell)
    assert run(extracted)["zero_pad"](1, 1) == value


@pytest.mark.parametrize("value", ["None", "{}", "[]"])
def test_a_placeholder_above_a_function_is_replaced(value: str) -> None:
    extracted = sliced(f"n = {value}", "def zero_pad(X, pad):\n    return n", "n = 5\nprint(n)")
    assert run(extracted)["zero_pad"](1, 1) == 5


def test_accidental_rebinding_of_a_function_in_a_test_cell_is_ignored() -> None:
    extracted = sliced(NUMPY, PAD, "zero_pad = zero_pad(np.ones(3), 1)")
    assert run(extracted)["zero_pad"](np.ones(1), 1).tolist() == [0, 1, 0]


def test_numpy_patched_by_the_student_stays_patched() -> None:
    extracted = sliced(NUMPY, "np.long_gone = float", "def zero_pad(X, pad):\n    return np.long_gone(X)")
    assert "np.long_gone = float" in extracted.source


def test_unneeded_definitions_stay_out() -> None:
    extracted = sliced(
        NUMPY, PAD, "def pool_forward(A):\n    return np.max(A)\nclass Net:\n    pass\nLR = 0.1"
    )
    assert extracted.source == f"{NUMPY}\n{PAD}\n"


def test_statements_keep_the_order_of_the_submission() -> None:
    extracted = sliced("def zero_pad(X, pad):\n    return B + A", "B = 1", "A = B + 1\nB = 10")
    assert run(extracted)["zero_pad"](0, 0) == 12


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def zero_pad(X, pad=EPS):\n    return X", id="a default value"),
        pytest.param("@wraps\ndef zero_pad(X, pad):\n    return X", id="a decorator"),
        pytest.param("class C(Base):\n    pass\ndef zero_pad(X, pad):\n    return C", id="a base class"),
    ],
)
def test_what_is_read_at_definition_time_is_needed_too(source: str) -> None:
    before = "EPS = 2\nBase = dict\ndef wraps(f):\n    return f"
    assert "zero_pad" in run(sliced(before, source))


# --------------------------------------------------------------------------- ways to define a function


WAYS = [
    pytest.param(["def zero_pad(X, pad):\n    return 7"], id="def"),
    pytest.param(
        ["async def helper():\n    pass", "def zero_pad(X, pad):\n    return 7"], id="beside async def"
    ),
    pytest.param(["zero_pad = lambda X, pad: 7"], id="lambda"),
    pytest.param(
        ["if True:\n    def zero_pad(X, pad):\n        return 7\nelse:\n    zero_pad = None"],
        id="def inside if",
    ),
    pytest.param(
        ["if False:\n    pass\nelse:\n    def zero_pad(X, pad):\n        return 7"], id="def inside else"
    ),
    pytest.param(
        [
            "try:\n    import cupy\n    def zero_pad(X, pad):\n        return 0\nexcept ImportError:\n"
            "    def zero_pad(X, pad):\n        return 7"
        ],
        id="def inside except",
    ),
    pytest.param(
        ["def f(n, X, pad):\n    return n", "from functools import partial\nzero_pad = partial(f, 7)"],
        id="partial",
    ),
    pytest.param(
        [
            "def twice(f):\n    def g(*a):\n        return f(*a) * 2\n    return g",
            "@twice\ndef zero_pad(X, pad):\n    return 3.5",
        ],
        id="a decorator of one's own",
    ),
    pytest.param(
        [
            "import time\ndef timed(f):\n    def g(*a):\n        time.time()\n        return f(*a)\n"
            "    return g",
            "def zero_pad(X, pad):\n    return 7",
            "zero_pad = timed(zero_pad)",
        ],
        id="wrapped afterwards",
    ),
    pytest.param(
        [
            "def zero_pad(X, pad):\n    return 3",
            "old = zero_pad\ndef zero_pad(X, pad):\n    return old(X, pad) + 4",
        ],
        id="built on an earlier self",
    ),
    pytest.param(
        ["class Conv:\n    @staticmethod\n    def pad(X, pad):\n        return 7", "zero_pad = Conv.pad"],
        id="static method",
    ),
    pytest.param(
        ["class Conv:\n    def pad(self, X, pad):\n        return 7", "zero_pad = Conv().pad"],
        id="bound method",
    ),
    pytest.param(
        ["class Conv:\n    def __call__(self, X, pad):\n        return 7", "zero_pad = Conv()"],
        id="callable object",
    ),
    pytest.param(["def my_pad(X, pad):\n    return 7\nzero_pad = my_pad"], id="alias"),
    pytest.param(
        ["def make(n):\n    def f(X, pad):\n        return n\n    return f", "zero_pad = make(7)"],
        id="made by a function",
    ),
    pytest.param(["zero_pad, other = (lambda X, pad: 7), 1"], id="unpacked"),
    pytest.param(["def zero_pad(X, pad): return 7"], id="on one line"),
    pytest.param(["a = 1; zero_pad = lambda X, pad: 6 + a; print(a)"], id="between semicolons"),
    pytest.param(["for n in (3, 7):\n    def zero_pad(X, pad):\n        return n"], id="def inside a loop"),
    pytest.param(["    def zero_pad(X, pad):\n        return 7\n    x = 1"], id="a cell indented as a whole"),
    pytest.param(["%%time\ndef zero_pad(X, pad):\n    return 7"], id="under %%time"),
    pytest.param(["@staticmethod\ndef zero_pad(X, pad):\n    return 7"], id="a stray @staticmethod"),
    pytest.param(['exec("""def zero_pad(X, pad):\n    return 7""")'], id="a text that is executed"),
    pytest.param(
        ["code = 'def zero_pad(X, pad):\\n    return 7'", "exec(compile(code, '<cell>', 'exec'), globals())"],
        id="a text with a name, compiled first",
    ),
    pytest.param(
        [
            "import textwrap",
            'exec(textwrap.dedent("""\n    def zero_pad(X, pad):\n        return 7\n"""))',
        ],
        id="an indented text",
    ),
    pytest.param(['globals()["zero_pad"] = lambda X, pad: 7'], id="an entry of globals()"),
    pytest.param(
        ["def pad_7(X, pad):\n    return 7", "globals().update(zero_pad=pad_7)\nvars()['a'] = 1"],
        id="an update of globals()",
    ),
    pytest.param(
        ["def pad_7(X, pad):\n    return 7", "globals().update({'zero_pad': pad_7})"],
        id="an update of globals() by a dict",
    ),
    pytest.param(
        ["def install(f):\n    globals()['zero_pad'] = f", "install(lambda X, pad: 7)"],
        id="an entry of globals() that a function makes",
    ),
]


@pytest.mark.parametrize("cells", WAYS)
def test_every_way_to_define_a_function_works(cells: list[str]) -> None:
    extracted = sliced(NUMPY, *cells, TRIAL)
    assert state(extracted) is DefinitionState.DEFINED
    assert run(extracted)["zero_pad"](1, 2) == 7
    assert extracted.definitions["zero_pad"].undefined == ()


def test_a_text_that_is_executed_says_where_it_stands() -> None:
    extracted = sliced(
        "code = 1\ncode = '''\nimport numpy as np\ndef zero_pad(X, pad):\n    pass'''", "exec(code)"
    )
    assert extracted.definitions["zero_pad"].place == Place(1, 4)


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["exec('def zero_pad(X, pad):\\n    return 7', {})"], id="in a namespace of its own"),
        pytest.param(["c = 'def zero_pad(X, pad): return 7'\nc = input()\nexec(c)"], id="a name bound again"),
        pytest.param(["a = 'exec(a)'\nexec(a)"], id="a text that executes itself"),
        pytest.param(
            ["a = 'exec(b);' * 9\nb = 'exec(c);exec(c)'\nc = 'exec(b);exec(b)'\nexec(b)"], id="two in turn"
        ),
        pytest.param(["def f():\n    locals()['zero_pad'] = abs\nf()"], id="locals() of a function"),
        pytest.param(["d = {}\nd['zero_pad'] = abs\nd.update(zero_pad=abs)"], id="an entry of another dict"),
    ],
)
def test_what_only_looks_like_such_a_definition_is_none(cells: list[str]) -> None:
    assert state(sliced(NUMPY, *cells)) is DefinitionState.MISSING


def test_the_last_definition_wins_and_a_note_says_so() -> None:
    extracted = sliced("def zero_pad(X, pad):\n    return 1", "x = 1", "def zero_pad(X, pad):\n    return 2")
    assert run(extracted)["zero_pad"](0, 0) == 2
    assert "return 1" not in extracted.source
    assert extracted.definitions["zero_pad"].place == Place(3, 1)
    assert "`zero_pad` is defined twice: the last one (cell 3, line 1) counts" in said(extracted)


def test_the_place_is_the_line_of_def_and_the_end_is_the_last_line() -> None:
    extracted = sliced("# comment\n@staticmethod\ndef zero_pad(X, pad):\n    # why\n    return X\n\n\ny = 1")
    definition = extracted.definitions["zero_pad"]
    assert (definition.place, definition.end_line) == (Place(1, 3), 5)


def test_the_place_of_an_alias_is_that_of_its_function() -> None:
    extracted = sliced("def my_pad(X, pad):\n    return X", "zero_pad = my_pad")
    assert extracted.definitions["zero_pad"].place == Place(1, 1)


def test_helpers_are_followed_to_other_wanted_functions() -> None:
    cells = [
        "def zero_pad(X, pad):\n    return X",
        "def helper(X):\n    return zero_pad(X, 1)",
        "class Layer:\n    def run(self, X):\n        return helper(X)",
        "def conv_forward(A, W, b, h):\n    return Layer().run(A)",
        "def conv_backward(dZ, cache):\n    return conv_forward(dZ, 1, 2, 3), conv_backward",
    ]
    definitions = sliced(*cells).definitions
    assert definitions["zero_pad"].uses == ()
    assert definitions["conv_forward"].uses == ("zero_pad",)
    assert definitions["conv_backward"].uses == ("zero_pad", "conv_forward")


# --------------------------------------------------------------------------- missing


MISSING = [
    pytest.param(
        "def zeros_pad(X, pad):\n    pass", "a `zeros_pad` (cell 1, line 1)", id="one letter too many"
    ),
    pytest.param("def zeroPad(X, pad):\n    pass", "a `zeroPad`", id="camel case"),
    pytest.param("def Zero_Pad(X, pad):\n    pass", "a `Zero_Pad`", id="capitals"),
    pytest.param("def zero_pad_(X, pad):\n    pass", "a `zero_pad_`", id="an underscore too many"),
    pytest.param("zero_padd = lambda X, pad: X", "a `zero_padd`", id="a lambda"),
    pytest.param(
        "class Conv:\n    x = 1\n    def zero_pad(self, X):\n        pass",
        "a method of the class `Conv` (cell 1, line 3)",
        id="a method",
    ),
    pytest.param(
        "def main():\n    def zero_pad(X, pad):\n        pass",
        "defined inside the function `main`",
        id="an inner function",
    ),
    pytest.param(
        "from helpers import zero_pad", "imported from `helpers` (cell 1, line 1)", id="from a module"
    ),
    pytest.param("from .helpers import zero_pad", "imported from `.helpers`", id="from a relative module"),
    pytest.param(
        "from zero_pad import *", "may come from `from zero_pad import *`", id="from a module of that name"
    ),
    pytest.param("zero_pad = 3", "bound to a plain value (cell 1, line 1)", id="a number"),
    pytest.param("zero_pad = None", "bound to a plain value", id="None"),
    pytest.param("zero_pad = np.random.rand(3)", "only bound at cell 1, line 1", id="random data"),
    pytest.param(
        "if __name__ != '__main__':\n    def zero_pad(X, pad):\n        return X",
        "only bound at",
        id="where the notebook is not the main program",
    ),
    pytest.param("# def zero_pad(X, pad):\n#     return X\nx = 1", "", id="commented out"),
    pytest.param("def pool_forward(A):\n    pass", "", id="something else altogether"),
    pytest.param("from public_tests import *", "", id="nothing but a test module"),
]


@pytest.mark.parametrize(("cell", "detail"), MISSING)
def test_a_missing_function_is_explained(cell: str, detail: str) -> None:
    extracted = sliced(cell, NUMPY)
    definition = extracted.definitions["zero_pad"]
    assert definition.state is DefinitionState.MISSING
    assert definition.place is None
    assert detail in definition.detail if detail else definition.detail == ""


def test_a_wanted_function_is_no_near_miss_of_another() -> None:
    extracted = sliced("def conv_forward(A, W, b, h):\n    return A")
    assert extracted.definitions["conv_backward"].detail == ""


# --------------------------------------------------------------------------- imports


def test_an_unavailable_import_matters_only_where_it_is_needed() -> None:
    extracted = sliced(
        "import numpy as np, h5py\nimport torch",
        PAD,
        "def conv_forward(A, W, b, h):\n    return torch.ones(3)",
    )
    assert extracted.source.startswith("import numpy as np\ndef zero_pad")
    assert "h5py" not in said(extracted)
    assert "The import of `torch` was left out" in said(extracted)
    assert "`conv_forward` would need `torch`" in said(extracted)
    (note,) = extracted.notes
    assert note.place == Place(1, 2)


def test_a_helper_of_a_module_that_was_not_handed_in_is_missing_and_the_rest_works() -> None:
    extracted = script(
        "from zero_pad import zero_pad\n\ndef conv_forward(A, W, b, h):\n    return zero_pad(A, 1)\n"
    )
    assert state(extracted, "zero_pad") is DefinitionState.MISSING
    assert extracted.definitions["conv_forward"].uses == ("zero_pad",)
    names = run(extracted)
    names["zero_pad"] = lambda X, pad: X + pad
    assert names["conv_forward"](1, 0, 0, {}) == 2


def test_an_import_that_expects_to_fail_stays_and_needs_no_note() -> None:
    guarded = "try:\n    from numba import njit\nexcept ImportError:\n    def njit(f):\n        return f"
    extracted = sliced(guarded, "@njit\ndef zero_pad(X, pad):\n    return X + pad")
    assert run(extracted)["zero_pad"](1, 2) == 3
    assert extracted.notes == ()


def test_an_import_inside_a_function_is_reported_where_it_stands() -> None:
    extracted = sliced(
        "def zero_pad(X, pad):\n    import math\n    from scipy.signal import correlate\n    return X"
    )
    assert extracted.imports == ("math", "scipy.signal")
    (note,) = extracted.notes
    assert "`scipy.signal` is imported here" in note.message
    assert note.place == Place(1, 3)


def test_a_module_that_the_pack_allows_is_available() -> None:
    cells = ["from scipy.signal import convolve2d", "def zero_pad(X, pad):\n    return convolve2d(X, pad)"]
    assert "from scipy.signal import convolve2d" in sliced(*cells, allowed=("numpy", "scipy")).source
    assert "from scipy.signal import convolve2d" in sliced(*cells, allowed=("numpy", "scipy.signal")).source
    assert "convolve2d\n" not in sliced(*cells, allowed=("numpy", "scipy.sparse")).source.replace(
        cells[1], ""
    )


def test_star_imports_of_numpy_shadow_builtins_as_they_do_in_the_notebook() -> None:
    extracted = sliced(
        "from numpy import *\nfrom public_tests import *", "def zero_pad(X, pad):\n    return sum(X), pad2(X)"
    )
    assert extracted.source.startswith("from numpy import *\ndef")
    assert extracted.definitions["zero_pad"].undefined == ("pad2",)


def test_an_import_under_another_name_is_kept_alone() -> None:
    cell = "from numpy import pad as p, zeros, sum as total\nimport os.path, math"
    extracted = sliced(cell, "def zero_pad(X, pad):\n    return total(p(X, pad)) + math.pi")
    assert extracted.source.splitlines()[:3] == [
        "from numpy import pad as p",
        "from numpy import sum as total",
        "import math",
    ]


def test_a_graded_function_may_be_an_import_from_an_available_module() -> None:
    extracted = sliced("from numpy import pad as zero_pad")
    assert state(extracted) is DefinitionState.DEFINED


def test_future_imports_come_first_and_nothing_is_read_for_annotations() -> None:
    extracted = sliced(
        NUMPY,
        "from __future__ import annotations\ndef zero_pad(X: Tensor, pad: int) -> Tensor:\n    return X",
    )
    assert extracted.source.startswith("from __future__ import annotations\n")
    assert extracted.definitions["zero_pad"].undefined == ()
    assert run(extracted)["zero_pad"](3, 1) == 3


def test_an_annotation_alone_does_not_need_a_module_that_is_not_there() -> None:
    extracted = sliced(
        "import torch", "def zero_pad(X: torch.Tensor, pad: int) -> torch.Tensor:\n    return X"
    )
    assert run(extracted)["zero_pad"](3, 1) == 3
    assert extracted.notes == ()
    assert extracted.line_map[0] == Place(2, 1)


# --------------------------------------------------------------------------- one-cell files


ONE_FILE = """import numpy as np
np.random.seed(1)
MODE = 'constant'

def zero_pad(X, pad):
    return np.pad(X, pad, MODE) * scale

scale = 2

def conv_single_step(a, W, b):
    return np.sum(a * W) + offset + stride

np.random.seed(1)
stride = 2
hparameters = {'stride': stride}
a = np.random.randn(3)
print(conv_single_step(a, a, stride))
offset = 1

def conv_forward(A, W, b, h):
    return hparameters['stride'] + UNITS + limit

UNITS = 3
limit = 4
x = np.random.randn(3)
assert conv_forward(x, 1, 2, UNITS) < 3
"""


def test_in_a_one_cell_file_constants_among_definitions_are_in_and_those_of_trials_are_out() -> None:
    definitions = script(ONE_FILE).definitions
    assert definitions["zero_pad"].undefined == ()
    assert definitions["conv_single_step"].undefined == ("offset", "stride")
    assert definitions["conv_forward"].undefined == ("hparameters", "limit")


def test_a_constant_that_stands_before_the_functions_is_in_even_beside_random_data() -> None:
    reader = "def zero_pad(X, pad):\n    return X + eps\n"
    text = f"import numpy as np\nx = np.random.randn(3)\neps = 1e-8\n\n{reader}"
    assert script(text).definitions["zero_pad"].undefined == ()


def test_a_definition_cell_that_ends_with_a_trial_keeps_its_constants() -> None:
    cell = (
        "mode = 'constant'\ndef zero_pad(X, pad):\n    return np.pad(X, pad, mode)\n\nzero_pad(np.ones(3), 2)"
    )
    assert run(sliced(NUMPY, cell))["zero_pad"](np.ones(1), 1).tolist() == [0, 1, 0]


# --------------------------------------------------------------------------- text and places


def test_every_line_of_the_slice_knows_where_it_came_from() -> None:
    cells = [
        "\n\nimport numpy as np\nimport h5py",
        "x = 1\n# a comment\ndef zero_pad(X, pad):\n    # why\n\n    return np.pad(X, pad)  # so\n",
    ]
    extracted = sliced(*cells)
    assert len(extracted.line_map) == extracted.source.count("\n")
    for line, place in zip(extracted.source.splitlines(), extracted.line_map, strict=True):
        assert place.cell is not None
        assert cells[place.cell - 1].split("\n")[place.line - 1] == line
    assert extracted.place(2) == Place(2, 3)


def test_lines_of_a_script_are_those_of_the_file() -> None:
    extracted = script(
        "# In[1]:\n\nimport numpy as np\n\n# In[2]:\n\ndef zero_pad(X, pad):\n    return np.pad(X, pad)\n"
    )
    assert [str(place) for place in extracted.line_map] == ["line 3", "line 7", "line 8"]


def test_text_with_lines_that_only_look_like_line_ends_is_kept() -> None:
    text = "def zero_pad(X, pad):\n    '''page\x0cbreak \x85 \u2028 here'''\n    return X\n"
    assert sliced(text).source == text


def test_the_slice_is_python_whatever_stood_around_it() -> None:
    extracted = sliced(NUMPY, "%%bash\nls", "!pip install x", PAD + "\n\n\n%time zero_pad(1, 2)", "x = = 2")
    assert isinstance(ast.parse(extracted.source), ast.Module)


# --------------------------------------------------------------------------- old NumPy


def test_removed_names_that_the_pack_keeps_are_noted_once_a_place() -> None:
    step = "def conv_single_step(a, W, b):\n    Z = a\n    return np.float(Z) + np.asscalar(b) + np.float(1)"
    extracted = sliced(NUMPY, step, compat=("np.float", "np.asscalar"))
    assert [(n.level, str(n.place), n.function) for n in extracted.notes] == [
        (Level.INFO, "cell 2, line 3", "conv_single_step"),
        (Level.INFO, "cell 2, line 3", "conv_single_step"),
    ]
    assert "`np.float` was removed from NumPy and is kept working here; today it is `float`." in said(
        extracted
    )
    assert "`np.asscalar`" in said(extracted)


def test_removed_names_that_the_pack_does_not_keep_are_warned_of() -> None:
    extracted = sliced("import numpy", "def zero_pad(X, pad):\n    return numpy.int(pad)")
    (note,) = extracted.notes
    assert note.level is Level.WARNING
    assert "`numpy.int` was removed from NumPy; today it is `int`." in note.message


def test_names_that_only_look_old_are_no_matter() -> None:
    extracted = sliced(
        NUMPY, "class C:\n    float = 1\nc = C()\ndef zero_pad(X, pad):\n    return c.float + np.float64(1)"
    )
    assert extracted.notes == ()
