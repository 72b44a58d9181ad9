"""Modules that a cell writes with ``%%writefile``: their functions are found where another cell imports them."""

from __future__ import annotations

import time

import pytest

from grader.model import DefinitionState, Place
from tests.test_extract import NUMPY, PAD, run, said, sliced, state

FILE = f"%%writefile layers.py\n{NUMPY}\nFILL = 0\n{PAD}\ndef twice(x):\n    return 2 * x"
READER = "def conv_forward(A, W, b, h):\n    return {}(A)"

IMPORTED = [
    pytest.param("from layers import zero_pad, twice", "twice", id="names"),
    pytest.param("from layers import *", "twice", id="everything"),
    pytest.param("from layers import zero_pad, twice as t", "t", id="another name"),
    pytest.param("import layers\nzero_pad = layers.zero_pad", "layers.twice", id="the module"),
    pytest.param(
        "import layers as L, math\nzero_pad = L.zero_pad", "L.twice", id="the module by another name"
    ),
    pytest.param("import math; from layers import *; x = 1", "twice", id="on a line with others"),
    pytest.param("%run layers.py", "twice", id="run as a program"),
    pytest.param("%run -i ./layers", "twice", id="run inside the notebook"),
]


@pytest.mark.parametrize(
    "file", [FILE, FILE.replace("%%writefile ", "# mine\n%%file ./")], ids=["plain", "odd"]
)
@pytest.mark.parametrize(("cell", "name"), IMPORTED)
def test_an_imported_function_is_found(cell: str, name: str, file: str) -> None:
    extracted = sliced(file, cell, READER.format(name))
    assert extracted.dropped == ()
    assert extracted.notes == ()
    names = run(extracted)
    assert names["zero_pad"]([1], 1).tolist() == [0, 1, 0]
    assert names["conv_forward"](3, 0, 0, 0) == 6


def test_the_module_is_read_where_it_is_imported() -> None:
    earlier = PAD.replace("np.pad(X, pad)", "'mine'")
    extracted = sliced(FILE, earlier, "from layers import zero_pad")
    assert run(extracted)["zero_pad"]([1], 1).tolist() == [0, 1, 0]
    assert extracted.definitions["zero_pad"].place == Place(1, 4)
    again = sliced(FILE, "from layers import zero_pad", earlier)
    assert run(again)["zero_pad"]([1], 1) == "mine"


def test_the_last_text_counts_and_more_may_be_added() -> None:
    wrong = FILE.replace("2 * x", "3 * x")
    extracted = sliced(wrong, FILE, "from layers import *", READER.format("twice"))
    assert run(extracted)["conv_forward"](3, 0, 0, 0) == 6
    assert [d.place for d in extracted.dropped] == [Place(1, 1)]
    added = "%%writefile -a layers.py\ndef twice(x):\n    return 4 * x"
    extracted = sliced(FILE, added, "from layers import *", READER.format("twice"))
    assert run(extracted)["conv_forward"](3, 0, 0, 0) == 12


def test_a_module_may_import_another_one() -> None:
    inner = "%%writefile utils.py\ndef twice(x):\n    return 2 * x"
    outer = f"%%writefile layers.py\nfrom utils import twice\n{READER.format('twice')}"
    extracted = sliced(outer, inner, "from layers import conv_forward")
    assert run(extracted)["conv_forward"](3, 0, 0, 0) == 6


def test_a_module_in_a_folder_and_one_imported_in_try() -> None:
    file = FILE.replace("layers", "nn/layers")
    assert run(sliced(file, "from nn.layers import zero_pad"))["zero_pad"]([1], 1).size == 3
    assert (
        run(sliced(file, "from nn import layers\nzero_pad = layers.zero_pad"))["zero_pad"]([1], 1).size == 3
    )
    tried = "try:\n    from layers import *\nexcept ImportError:\n    pass"
    assert run(sliced(FILE, tried))["zero_pad"]([1], 1).size == 3


def test_a_module_that_nothing_imports_stays_out_and_is_listed() -> None:
    extracted = sliced(FILE, NUMPY)
    assert state(extracted) is DefinitionState.MISSING
    assert [(d.place, "%%writefile" in d.reason) for d in extracted.dropped] == [(Place(1, 1), True)]


def test_trials_under_the_main_guard_of_a_module_do_not_run_when_it_is_imported() -> None:
    file = f"{FILE}\nif __name__ == '__main__':\n    stride = 2"
    extracted = sliced(file, "from layers import *", READER.format("stride or twice"))
    assert "stride" in said(extracted)


NAMESAKES = [
    pytest.param("from layers import twice\ntwice(zero_pad)", id="another name of it is imported"),
    pytest.param("import layers\nlayers.zero_pad([1], 1)", id="it is imported as a whole"),
]


@pytest.mark.parametrize("cell", NAMESAKES)
def test_what_a_module_has_for_itself_does_not_replace_what_the_notebook_has(cell: str) -> None:
    stale = FILE.replace("np.pad(X, pad)", "'stale'")
    extracted = sliced(NUMPY, PAD, stale, cell)
    assert run(extracted)["zero_pad"]([1], 1).tolist() == [0, 1, 0]
    assert extracted.notes == ()


def test_modules_that_import_one_another_end_somewhere() -> None:
    files = [f"%%writefile m{k}.py\nfrom m{k + 1} import *\nimport m{k}" for k in range(1_500)]
    extracted = sliced(*files, "from m0 import *", NUMPY, PAD)
    assert run(extracted)["zero_pad"]([1], 1).tolist() == [0, 1, 0]


def test_a_module_of_a_thousand_pieces_is_read_quickly() -> None:
    pieces = [f"%%writefile -a layers.py\ndef g{k}(): pass" for k in range(3_000)]
    start = time.process_time()
    sliced(*pieces, "import layers\n" * 50, NUMPY, PAD)
    assert time.process_time() - start < 10
