"""How a program is loaded: statement by statement where it must be, and what failed is listed."""

from __future__ import annotations

from types import FunctionType, ModuleType

import numpy as np
import pytest

from grader.errors import SandboxError
from grader.extract.imports import is_available
from grader.extract.slice import GIVEN
from grader.model import Limits, LoadError, NoValue, Outcome, Program, Returned
from grader.sandbox import Runner, worker
from grader.sandbox.modules import STOOD_IN_FOR

from .conftest import LIMITS, Call


def errors(runner: Runner, source: str, **options: object) -> tuple[LoadError, ...]:
    with runner.open(Program(source, ("f",), **{"limits": LIMITS, **options})) as session:  # type: ignore[arg-type]
        return session.load_errors


def test_a_failing_statement_costs_only_itself(any_tier: Runner) -> None:
    source = "import matplotlib\nK = 1 / 0\nM = 3\ndef f(x):\n    return x + M\nprint(undefined)\n"
    with any_tier.open(Program(source, ("f",), LIMITS)) as session:
        found = [(error.line, error.raised.type_name) for error in session.load_errors]
        reply = session.call("f", (1,), 20.0)
    assert found == [(1, "ModuleNotFoundError"), (2, "ZeroDivisionError"), (6, "NameError")]
    assert isinstance(reply, Returned)
    assert reply.value == 4


def test_a_statement_that_ends_the_program_is_a_load_error(any_tier: Runner) -> None:
    source = "def f():\n    return 1\nraise SystemExit\nX = 2\n"
    found = errors(any_tier, source)
    assert [(error.line, error.raised.type_name) for error in found] == [(3, "SystemExit")]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [("while True: pass", "timed_out"), ("os._exit(0)", "killed")],
    ids=["hangs", "exits"],
)
def test_a_statement_that_hangs_or_ends_the_process_is_left_out(
    any_tier: Runner, statement: str, kind: str
) -> None:
    source = f"import os\nA = 1\n{statement}\ndef f():\n    return A\n"
    limits = Limits(seconds_per_case=0.3)
    program = Program(source, ("f",), limits, allowed_imports=("numpy", "os"))
    with any_tier.open(program) as session:
        (error,) = session.load_errors
        reply = session.call("f", (), 20.0)
    assert (error.line, error.raised.type_name) == (3, kind)
    assert isinstance(reply, Returned)
    assert reply.value == 1


def test_a_decorator_that_hangs_costs_what_it_adorns(any_tier: Runner) -> None:
    source = "def hang(f):\n    while True: pass\n@hang\ndef g(): pass\ndef f():\n    return 1\n"
    with any_tier.open(Program(source, ("f",), Limits(seconds_per_case=0.3))) as session:
        assert [error.line for error in session.load_errors] == [4]
        assert session.call("f", (), 20.0).value == 1  # type: ignore[union-attr]


def test_a_program_that_hangs_again_and_again_is_given_up(standard: Runner) -> None:
    source = "while True: pass\n" * 9 + "def f():\n    return 1\n"
    with standard.open(Program(source, ("f",), Limits(seconds_per_case=0.1))) as session:
        replies = [session.call("f", (), 20.0) for _ in range(2)]
    assert replies[0] == replies[1] == NoValue(Outcome.TIMED_OUT, "stopped after 0.1 s while loading")


def test_a_future_import_holds_for_the_statements_after_a_failing_one(standard: Runner) -> None:
    source = "from __future__ import annotations\n1 / 0\ndef f(x: Nowhere):\n    return 1\n"
    with standard.open(Program(source, ("f",))) as session:
        assert [error.line for error in session.load_errors] == [2]
        assert session.call("f", (1,), 20.0).value == 1  # type: ignore[union-attr]


IMPORTS = [
    pytest.param("import math, itertools, functools", "", id="harmless standard library"),
    pytest.param("import numpy.linalg as LA, numpy as np", "", id="parts of an allowed package"),
    pytest.param("from numpy.fft import fft", "", id="a part that NumPy loads late"),
    pytest.param("from numpy import *", "", id="everything from NumPy"),
    pytest.param("import collections.abc", "", id="a part of a module"),
    pytest.param("import h5py", "module 'h5py' is not available", id="a package that is not allowed"),
    pytest.param("import matplotlib.pyplot as plt", "module 'matplotlib' is not", id="its part"),
    pytest.param("from os import system", "module 'os' is not available", id="a module of the system"),
    pytest.param(
        "import os\nfrom os.path import join, exists\nimport os.path as p\n"
        "assert p.splitext(join('a.b', 'c.npy')) == ('a.b/c', '.npy') and join('a', '/b') == '/b'\n"
        "assert not exists('/') and os.path.basename(p.abspath('/a/b')) == 'b' and p.dirname('/a') == '/'\n"
        "assert p.splitext('a/.b') == ('a/.b', '') and p.splitext('a.b/c') == ('a.b/c', '')",
        "",
        id="paths, with nothing behind them",
    ),
    pytest.param(
        "import queue\nfrom queue import LifoQueue, PriorityQueue as P\nq = queue.Queue(maxsize=3)\np, s = P(), LifoQueue()\n"
        "for k in (2, 1, 3):\n    q.put(k); p.put((k, 'a')); s.put_nowait(k)\n"
        "assert (q.get(), p.get()[0], s.get_nowait()) == (2, 1, 3) and q.qsize() == 2 and not q.full()\n"
        "q.put(0)\ntry:\n    q.put(0)\nexcept queue.Full:\n    q.task_done()\n"
        "try:\n    queue.Queue().get_nowait()\nexcept queue.Empty:\n    q.join()",
        "",
        id="queues",
    ),
    pytest.param(
        "import inspect\nfrom inspect import signature, Parameter\ndef g(a, b=2): pass\n"
        "assert signature(g).bind(1).arguments == {'a': 1} and inspect.isfunction(g)\n"
        "assert signature(g).parameters['a'].default is Parameter.empty",
        "",
        id="the parameters of a function",
    ),
    pytest.param("import inspect\ninspect.stack()", "inspect.stack is not available", id="no frames"),
    pytest.param("from inspect import currentframe", "module 'inspect' is not available", id="no frame"),
    pytest.param(
        "import cProfile, pstats, tracemalloc, platform\ntracemalloc.start()\npr = cProfile.Profile()\npr.enable()\n"
        "with cProfile.Profile() as p:\n    assert p.runcall(abs, -1) == 1\npr.disable()\n"
        "pstats.Stats(pr).sort_stats('cumtime').print_stats(5)\nnow, peak = tracemalloc.get_traced_memory()\n"
        "assert not tracemalloc.is_tracing() and platform.python_version()[0] == '3' and not platform.system()",
        "",
        id="measuring",
    ),
    pytest.param("import subprocess", "module 'subprocess' is not available", id="processes"),
    pytest.param(
        "import sys\nsys.setrecursionlimit(9999)\nsys.stdout.flush()", "", id="the harmless part of sys"
    ),
    pytest.param(
        "import gc, logging\nlogging.getLogger(__name__).setLevel(logging.INFO)\ngc.collect()", "", id="a log"
    ),
    pytest.param("from IPython.display import display, HTML\ndisplay(HTML('a'))", "", id="a display"),
    pytest.param("display(1)", "", id="the display that a notebook has"),
    pytest.param(
        "import os\nDEBUG = bool(int(os.environ.get('DEBUG', '0')))\nos.environ['A'] = os.getenv('B', '')",
        "",
        id="a setting of the machine",
    ),
    pytest.param("import os\nos.listdir('.')", "os.listdir is not available in the grader", id="no files"),
    pytest.param("import ctypes", "module 'ctypes' is not available", id="ctypes"),
    pytest.param(
        "from numpy import ctypeslib", "module 'numpy.ctypeslib' is not", id="ctypes by way of NumPy"
    ),
    pytest.param("import numpy.f2py", "module 'numpy.f2py' is not available", id="a compiler in NumPy"),
    pytest.param("from . import utils", "relative imports are not possible", id="a relative import"),
    pytest.param("import scipy.signal", "'scipy' is not available", id="a sibling of an allowed part"),
]


@pytest.mark.parametrize(("statement", "message"), IMPORTS)
def test_the_import_policy(any_tier: Runner, statement: str, message: str) -> None:
    found = errors(any_tier, statement + "\ndef f(): pass\n")
    assert [
        error.raised.message[: len(message)] for error in found if message in error.raised.message
    ] or not message
    assert len(found) == bool(message), found
    if message.startswith("module"):
        assert "allowed: numpy and harmless parts of the standard library" in found[0].raised.message


def test_the_grader_and_the_worker_mean_the_same_stand_ins() -> None:
    """The worker imports nothing of the grader, so that these stand twice."""
    assert set(worker.STAND_INS) == STOOD_IN_FOR
    assert set(worker.GIVEN_BY_NOTEBOOKS) <= GIVEN
    assert all(is_available(name, ()) for name in worker.QUIET)


def test_what_stands_in_for_sys_reaches_nothing(standard: Runner) -> None:
    source = "import sys\ndef f(): return sys.path\ndef g(): return sys._getframe()\ndef h(): return len(sys.modules)"
    with standard.open(Program(source, ("f", "g", "h"))) as session:
        assert session.call("h", (), 20.0).value == 0  # type: ignore[union-attr]
        for name in ("f", "g"):
            reply = session.call(name, (), 20.0)
            assert "is not available in the grader" in reply.detail  # type: ignore[union-attr]


THREADS = [
    pytest.param(
        "from concurrent.futures import ThreadPoolExecutor\ndef f(x):\n    with ThreadPoolExecutor(4) as pool:\n"
        "        pool.map(lambda k: x.__setitem__(k, 2.0), range(1))\n"
        "        return [*pool.map(lambda a, b: a + b, x, x)] == [4, 2] and int(pool.submit(sum, x).result()) == 3\n",
        id="a pool that only writes, one that returns, one task",
    ),
    pytest.param(
        "import concurrent.futures as cf\ndef f(x):\n    ex = cf.ThreadPoolExecutor(max_workers=2)\n"
        "    todo = {ex.submit(max, x, k): k for k in (0, 9)}\n"
        "    return sorted(todo[one] for one in cf.as_completed(todo)) == [0, 9] and bool(todo)\n"
        "def max(x, k): return k\n",
        id="tasks as they are done",
    ),
    pytest.param(
        "from multiprocessing.dummy import Pool\nfrom multiprocessing import cpu_count\ndef f(x):\n"
        "    with Pool(cpu_count()) as pool:\n        a = pool.map(abs, [-1, -2], 1)\n"
        "        b = pool.starmap(pow, [(2, 3)])\n    return a + b + [pool.apply_async(abs, (-5,)).get()] == [1, 2, 8, 5]\n",
        id="a pool of multiprocessing",
    ),
    pytest.param(
        "import threading\nlock = threading.Lock()\ndef f(x):\n    def work(k):\n        with lock:\n            x[k] = 5\n"
        "    ts = [threading.Thread(target=work, args=(k,), daemon=True) for k in range(2)]\n"
        "    for t in ts: t.start()\n    for t in ts: t.join()\n    return x.tolist() == [5, 5]\n",
        id="threads with a lock",
    ),
    pytest.param(
        "from threading import Thread\nclass W(Thread):\n    def __init__(self, x):\n        super().__init__()\n"
        "        self.x = x\n    def run(self):\n        self.x += 1\n"
        "def f(x):\n    t = W(x)\n    t.start()\n    t.join()\n    return x.tolist() == [2, 2]\n",
        id="a class of threads",
    ),
    pytest.param(
        "import threading\nstop = threading.Event()\ndef f(x):\n    before = stop.is_set()\n"
        "    t = threading.Thread(target=stop.set, name='w')\n    t.start()\n"
        "    return not before and stop.wait(1) and t.getName() == 'w' and threading.active_count() == 1\n",
        id="an event",
    ),
    pytest.param(
        "from concurrent import futures\ndef f(x):\n    with futures.ThreadPoolExecutor() as ex:\n"
        "        found = futures.wait([ex.submit(abs, -1)], return_when=futures.ALL_COMPLETED)\n"
        "    return [one.result() for one in found.done] == [1] and not found.not_done\n",
        id="tasks that are waited for",
    ),
    pytest.param(
        "import multiprocessing as mp\nmp.set_start_method('fork', force=True)\ndef f(x):\n"
        "    with mp.get_context('fork').Pool(2) as pool:\n        return pool.map(abs, [-1]) == [1]\n",
        id="a context of multiprocessing",
    ),
]


@pytest.mark.parametrize("source", THREADS)
def test_work_for_threads_is_done_at_once(standard: Runner, source: str) -> None:
    with standard.open(Program(source, ("f",))) as session:
        assert session.load_errors == ()
        assert session.call("f", (np.ones(2),), 20.0).value is True  # type: ignore[union-attr]


def test_an_error_in_a_task_comes_out_with_its_result(standard: Runner) -> None:
    source = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def f():\n    return ThreadPoolExecutor().submit(divmod, 1, 0).result()\n"
    )
    with standard.open(Program(source, ("f",))) as session:
        assert "ZeroDivisionError" in session.call("f", (), 20.0).detail  # type: ignore[union-attr]


def test_builtins_are_those_of_the_program(standard: Runner) -> None:
    """``builtins.open`` must be no way round the policy."""
    source = (
        "import builtins\nfrom builtins import max\n"
        "def f(): return max(builtins.sum([1, 2]), 0)\ndef g(): return builtins.open('x')\n"
        "def h(): return builtins.__import__('subprocess')\n"
    )
    with standard.open(Program(source, ("f", "g", "h"))) as session:
        assert session.call("f", (), 20.0).value == 3  # type: ignore[union-attr]
        assert "files are not available" in session.call("g", (), 20.0).detail  # type: ignore[union-attr]
        assert "'subprocess' is not available" in session.call("h", (), 20.0).detail  # type: ignore[union-attr]


def test_import_module_follows_the_policy(standard: Runner) -> None:
    source = (
        "import importlib\n"
        "def f(): return importlib.import_module('numpy.linalg').norm([3.0, 4.0])\n"
        "def g(): return importlib.import_module('subprocess')\n"
        "def h(): return importlib.util.find_spec('cupy')\n"
    )
    with standard.open(Program(source, ("f", "g", "h"))) as session:
        assert session.call("f", (), 20.0).value == 5.0  # type: ignore[union-attr]
        assert "'subprocess' is not available" in session.call("g", (), 20.0).detail  # type: ignore[union-attr]
        assert session.call("h", (), 20.0).value is None  # type: ignore[union-attr]


@pytest.mark.parametrize("name", sorted(worker.QUIET))
def test_a_stand_in_holds_no_real_module(name: str) -> None:
    """Neither one, nor a function of one, whose globals would lead there; ``sys`` gives plain facts."""
    held = vars(worker.QUIET[name]).values()
    assert not [one for one in held if isinstance(one, ModuleType) and type(one) is ModuleType]
    for one in held:
        if isinstance(one, FunctionType):
            assert one.__globals__ is vars(worker)


def test_a_pack_that_allows_sys_gets_the_real_one(standard: Runner) -> None:
    with standard.open(
        Program("import sys\ndef f(): return len(sys.modules)", ("f",), allowed_imports=("sys",))
    ) as one:
        assert one.call("f", (), 20.0).value > 10  # type: ignore[union-attr]


def test_an_allowed_module_that_is_not_installed_says_so(standard: Runner) -> None:
    (error,) = errors(
        standard, "import surely_not_installed\n", allowed_imports=("numpy", "surely_not_installed")
    )
    assert error.raised.message.startswith(
        "module 'surely_not_installed' is allowed, but it is not installed in"
    )


def test_a_dotted_entry_allows_that_part_only(standard: Runner) -> None:
    allowed = ("numpy", "xml.dom")
    assert errors(standard, "import xml.dom\nfrom xml import dom\n", allowed_imports=allowed) == ()
    (error,) = errors(standard, "import xml.sax\n", allowed_imports=allowed)
    assert "module 'xml.sax' is not available" in error.raised.message


def test_removed_names_are_put_back_when_the_pack_says_so(call: Call) -> None:
    body = "return np.float(1), np.asscalar(np.ones(1)), np.trapz([1, 3]) + 0.0"
    source = f"import numpy as np\ndef f():\n    {body}\n"
    reply = call(source, compat=("np.float", "numpy.asscalar", "np.trapz"))
    assert isinstance(reply, Returned), reply
    assert reply.value == (1.0, 1.0, 2.0)


def test_a_name_that_numpy_still_has_stays_as_it_is(call: Call) -> None:
    source = "import numpy as np\ndef f():\n    return np.bool is type(np.True_)\n"
    reply = call(source, compat=("np.bool",))
    assert isinstance(reply, Returned), reply
    assert reply.value is (int(np.__version__.split(".")[0]) >= 2)


def test_an_unknown_compat_name_is_a_mistake_in_the_pack(standard: Runner) -> None:
    with pytest.raises(SandboxError, match=r"compat: no replacement is known for 'np\.foo'; known: np\.alen"):
        errors(standard, "x = 1", compat=("np.foo",))


RANDOM = """
import random
import numpy as np
def f():
    return random.random(), np.random.rand(), np.random.default_rng().random()
"""


def test_random_numbers_are_the_same_in_every_run_and_tier(any_tier: Runner) -> None:
    with any_tier.open(Program(RANDOM, ("f",))) as session:
        replies = [session.call("f", (), 20.0).value for _ in range(2)]  # type: ignore[union-attr]
        other = session.call("f", (), 20.0, entropy=1).value  # type: ignore[union-attr]
    assert replies[0] == replies[1]
    assert not set(other) & set(replies[0])
    assert [round(value, 12) for value in replies[0]] == EXPECTED


#: A change would change the reports of hand-ins that draw random numbers.
EXPECTED = [0.044717192733, 0.683632146353, 0.310810164254]
