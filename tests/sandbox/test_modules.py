"""Which modules are loaded before a program is locked in: found by words, chosen by students, so bounded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.model import Program, Returned
from grader.sandbox import HARMLESS_IMPORTS, Runner, modules, open_runner
from grader.sandbox.modules import MOST, needed

from .conftest import LIMITS, virtual_environment

ALLOWED = ("numpy", "scipy", "xml.dom", *HARMLESS_IMPORTS)

FOUND = [
    pytest.param("import math", ["math"], id="a module"),
    pytest.param("import math, itertools as it; import copy", ["math", "itertools", "copy"], id="several"),
    pytest.param("    import math # os", ["math"], id="inside a function, with a remark"),
    pytest.param("from scipy import signal", ["scipy", "scipy.signal"], id="a part by from"),
    pytest.param(
        "from scipy import (signal,\n  ndimage as nd)", ["scipy", "scipy.signal", "scipy.ndimage"], id="lines"
    ),
    pytest.param("x = __import__('fractions')", ["fractions"], id="by a call"),
    pytest.param("import xml.dom.minidom", ["xml.dom.minidom"], id="below an allowed part"),
    pytest.param("np.random.rand()", ["numpy.random"], id="a part of NumPy that is loaded late"),
    pytest.param("np.percentile(x, 3)", ["numpy.ma"], id="a function that needs one"),
    pytest.param("größe = 1", ["unicodedata"], id="a name beyond ASCII"),
    pytest.param("import numpy.linalg", [], id="a part of NumPy that is there"),
    pytest.param("import os, sys, h5py", [], id="nothing that is not allowed"),
    pytest.param("import xml.sax", [], id="nothing beside an allowed part"),
    pytest.param("import numpy.f2py, numpy.distutils", [], id="no compiler"),
    pytest.param("import scipy.signal.tests.test_wavelets", [], id="no tests, which may start threads"),
    pytest.param("import scipy._lib, scipy.conftest, scipy.__main__", [], id="nothing private"),
    pytest.param("random_state = grandom", [], id="no part of a word"),
]


@pytest.mark.parametrize(("source", "expected"), FOUND)
def test_the_modules_of_a_source(source: str, expected: list[str]) -> None:
    assert needed(source + "\n", ALLOWED) == expected


def test_the_list_is_bounded() -> None:
    source = "\n".join(f"import scipy.part{k}" for k in range(5000)) + "\nimport scipy." + "x" * 1000
    assert len(needed(source, ALLOWED)) == MOST


@pytest.mark.parametrize(
    "pattern", [modules._PLAIN, modules._FROM, modules._CALLED], ids=["plain", "from", "call"]
)
def test_no_source_makes_the_search_slow(pattern: re.Pattern[str]) -> None:
    """18,000 times ``from a import (`` would each be read to the end: nothing may repeat without a bound."""
    assert not set("*+") & set(pattern.pattern)


HOSTILE = {
    "threads.py": "import threading as t, time\nt.Thread(target=time.sleep, args=(9,), daemon=1).start()\n",
    "leaves.py": "import os\nos._exit(0)\n",
    "exits.py": "raise SystemExit\n",
    "fails.py": "1 / 0\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_module_that_cannot_be_loaded_safely_costs_its_importer_only(name: str, tmp_path: Path) -> None:
    """A student can choose which part of an allowed package is loaded: that must never end as ungraded."""
    python = virtual_environment(tmp_path, {f"package/{file}": text for file, text in HOSTILE.items()})
    module = f"package.{Path(name).stem}"
    source = f"import {module}\ndef f():\n    return 1\n"
    with open_runner("standard", python=python) as runner:
        for _ in range(2):
            with runner.open(Program(source, ("f",), LIMITS, ("numpy", "package"))) as session:
                assert len(session.load_errors) == 1
                reply = session.call("f", (), 20.0)
            assert isinstance(reply, Returned), reply
            assert reply.value == 1


def test_what_one_program_asked_for_does_not_change_another(standard: Runner) -> None:
    with standard.open(Program("import statistics\ndef f():\n    return 1\n", ("f",), LIMITS)) as session:
        assert session.load_errors == ()
    other = Program("def f():\n    return statistics\n", ("f",), LIMITS)
    with standard.open(other) as session:
        reply = session.call("f", (), 20.0)
    assert "NameError" in reply.detail  # type: ignore[union-attr]
