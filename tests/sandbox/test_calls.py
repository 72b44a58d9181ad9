"""What a call can end in, and what is said of it: outcome, sentence, lines, prints."""

from __future__ import annotations

import textwrap

import pytest

from grader.model import Limits, NoValue, Outcome, Program, Returned
from grader.sandbox import Runner

from .conftest import LIMITS, Call

ENDINGS = [
    pytest.param("raise ValueError('no')", "raised", "ValueError: no", id="an exception"),
    pytest.param("raise KeyError", "raised", "KeyError", id="an exception without a message"),
    pytest.param("return 1 / 0", "raised", "ZeroDivisionError: division by zero", id="a division by zero"),
    pytest.param(
        "return missing_name", "raised", "NameError: name 'missing_name' is not defined", id="a name"
    ),
    pytest.param("raise SystemExit(3)", "raised", "SystemExit: 3", id="sys.exit"),
    pytest.param("raise KeyboardInterrupt", "raised", "KeyboardInterrupt", id="an interrupt"),
    pytest.param("return f()", "raised", "RecursionError: maximum recursion depth exceeded", id="recursion"),
    pytest.param("assert False, 'x'", "raised", "AssertionError: x", id="an assertion"),
    pytest.param("return open('x')", "raised", "PermissionError: files are not available", id="a file"),
    pytest.param("return input()", "raised", "EOFError: input() is not available", id="input"),
    pytest.param(
        "bytearray(1 << 40)",
        "raised",
        "MemoryError: out of memory (a submission may use 256 MB)",
        id="memory",
    ),
    pytest.param(
        "import numpy as np; np.ones((1 << 20, 1 << 20))",
        "raised",
        "MemoryError: Unable to allocate 8.00 TiB for an array with shape (1048576, 1048576) and data type "
        "float64 (a submission may use 256 MB)",
        id="memory in NumPy",
    ),
]


@pytest.mark.parametrize(("body", "outcome", "detail"), ENDINGS)
def test_an_exception_is_the_answer(call: Call, body: str, outcome: str, detail: str) -> None:
    reply = call(f"def f():\n    {body}\n")
    assert isinstance(reply, NoValue), reply
    assert reply.outcome == outcome
    assert reply.detail.startswith(detail)
    assert reply.raised is not None
    assert reply.raised.lines


def test_lines_are_those_of_the_source_the_outermost_call_first(call: Call) -> None:
    source = "import numpy as np\n\ndef g(x):\n    return np.zeros(2) @ x\n\ndef f(x):\n    return g(x)\n"
    reply = call(source, 1)
    assert isinstance(reply, NoValue)
    assert reply.raised is not None
    assert reply.raised.lines == (7, 4)


def test_a_deep_recursion_shows_its_first_and_its_last_lines(call: Call) -> None:
    source = "def f(n=0):\n    if n < 50:\n        return f(n + 1)\n    raise ValueError\n"
    reply = call(source)
    assert isinstance(reply, NoValue)
    assert reply.raised is not None
    assert reply.raised.lines == (3,) * 9 + (4,)


def test_a_function_that_is_not_there_is_missing(call: Call) -> None:
    assert call("x = 1\n") == NoValue(Outcome.MISSING, "it is not defined")


def test_a_name_that_is_no_function_is_missing_with_its_kind(call: Call) -> None:
    assert call("f = 3.5\n") == NoValue(Outcome.MISSING, "it is a float, not a function")


@pytest.mark.parametrize(
    "definition",
    [
        "f = lambda x: x + 1",
        "import functools\nf = functools.partial(max, 2)",
        "class f:\n    def __new__(cls, x):\n        return x + 1",
        "class C:\n    @staticmethod\n    def g(x):\n        return x + 1\nf = C.g",
        "def d(g):\n    return lambda x: g(x)\n@d\ndef f(x):\n    return x + 1",
        "if True:\n    def f(x):\n        return x + 1",
        "def f(x):\n    return 0\ndef f(x):\n    return x + 1",
        "import dataclasses\n@dataclasses.dataclass\nclass P:\n    v: int\ndef f(x):\n    return P(x + 1).v",
        "from __future__ import annotations\ndef f(x: Undefined) -> Also:\n    return x + 1",
        "def größe(x):\n    return x + 1\nf = größe",
    ],
)
def test_any_way_to_define_a_function_works(call: Call, definition: str) -> None:
    reply = call(definition + "\n", 1)
    assert isinstance(reply, Returned), reply
    assert reply.value == 2


def test_what_is_printed_is_kept_with_the_answer(call: Call) -> None:
    reply = call("import sys\ndef f():\n    print('one')\n    print('two', file=sys.stderr)\n    return 1\n")
    if isinstance(reply, NoValue):  # sys is not among the allowed modules
        reply = call("def f():\n    print('one')\n    print('two')\n    return 1\n")
    assert isinstance(reply, Returned)
    assert reply.printed == "one\ntwo\n"


def test_what_was_printed_before_a_hang_is_kept(call: Call) -> None:
    reply = call("def f():\n    print('before')\n    while True:\n        pass\n", seconds=0.3)
    assert isinstance(reply, NoValue)
    assert (reply.outcome, reply.detail, reply.printed) == (
        Outcome.TIMED_OUT,
        "stopped after 0.3 s",
        "before\n",
    )


def test_output_is_cut_with_a_remark_and_the_answer_counts(call: Call) -> None:
    limits = Limits(output_kb=1)
    reply = call(
        "def f():\n    for i in range(5000):\n        print('line', i)\n    return 1\n", limits=limits
    )
    assert isinstance(reply, Returned)
    assert reply.value == 1
    assert reply.printed.startswith("line 0\nline 1\n")
    assert reply.printed.endswith("… (more was printed)\n")
    assert len(reply.printed) < 1100


def test_each_call_has_its_own_output(standard: Runner) -> None:
    with standard.open(Program("def f(x):\n    print(x)\n", ("f",))) as session:
        assert [session.call("f", (k,), 20.0).printed for k in range(3)] == ["0\n", "1\n", "2\n"]


ABNORMAL = [
    pytest.param("while True: pass", Outcome.TIMED_OUT, "stopped after 0.3 s", id="an endless loop"),
    pytest.param(
        "os._exit(5)", Outcome.KILLED, "the code ended the whole process (exit code 5)", id="os._exit"
    ),
    pytest.param("os.abort()", Outcome.KILLED, "the process", id="abort"),
    pytest.param(
        "sys.modules['ctypes'].string_at(8)",
        Outcome.KILLED,
        "the process crashed (segmentation fault)",
        id="a crash",
    ),
]


@pytest.mark.parametrize(("body", "outcome", "detail"), ABNORMAL)
def test_after_an_abnormal_end_the_other_functions_are_still_called(
    any_tier: Runner, body: str, outcome: Outcome, detail: str
) -> None:
    source = (
        f"import os, sys\nstate = []\ndef f():\n    {body}\ndef g():\n    state.append(1)\n    return state\n"
    )
    program = Program(source, ("f", "g"), LIMITS, allowed_imports=("numpy", "os", "sys"))
    with any_tier.open(program) as session:
        assert session.call("g", (), 20.0).value == [1]  # type: ignore[union-attr]
        seconds = 0.3 if outcome is Outcome.TIMED_OUT else 20.0
        reply = session.call("f", (), seconds)
        assert isinstance(reply, NoValue)
        assert reply.outcome is outcome
        assert reply.detail.startswith(detail)
        assert session.call("g", (), 20.0).value == [1]  # type: ignore[union-attr]


def test_the_loss_of_one_submission_is_not_the_next_ones(any_tier: Runner) -> None:
    poison = "import numpy as np\ndef f():\n    np.sum = None\n    raise SystemExit\n"
    with any_tier.open(Program(poison, ("f",))) as session:
        session.call("f", (), 20.0)
    with any_tier.open(
        Program("import numpy as np\ndef f():\n    return np.sum([1, 2])\n", ("f",))
    ) as session:
        assert session.call("f", (), 20.0).value == 3  # type: ignore[union-attr]


def test_source_that_is_too_long_is_not_run(standard: Runner) -> None:
    program = Program("# " + "x" * 3000 + "\ndef f(): return 1\n", ("f",), Limits(source_kb=2))
    with standard.open(program) as session:
        reply = session.call("f", (), 20.0)
    assert reply == NoValue(Outcome.NOT_RUN, "the code is 3 KB long; the grader runs at most 2 KB")


SOURCES = [
    pytest.param("def f(:\n", "SyntaxError", id="a syntax error"),
    pytest.param("x = '\0'\n", "SyntaxError ValueError", id="a null byte"),
    pytest.param("f = " + "(" * 5000 + ")" * 5000, "SyntaxError MemoryError RecursionError", id="nesting"),
    pytest.param(
        "f = " + "-" * 100_000 + "1", "RecursionError MemoryError SyntaxError killed", id="a tower of signs"
    ),
]


@pytest.mark.parametrize(("source", "kinds"), SOURCES)
def test_source_that_cannot_be_parsed_loses_everything_and_no_more(
    call: Call, source: str, kinds: str
) -> None:
    reply = call(source)
    assert isinstance(reply, NoValue)
    assert reply.outcome in (Outcome.MISSING, Outcome.KILLED)


@pytest.mark.parametrize(("source", "kinds"), SOURCES)
def test_source_that_cannot_be_parsed_is_a_load_error(standard: Runner, source: str, kinds: str) -> None:
    with standard.open(Program(source, ("f",))) as session:
        found = [error.raised.type_name for error in session.load_errors]
        reply = session.call("f", (), 20.0)
    assert set(found) <= set(kinds.split())
    assert found or reply.outcome is Outcome.KILLED  # type: ignore[union-attr]


def test_ours_and_theirs_are_told_apart_by_an_oracles_failure(standard: Runner) -> None:
    """What fails out here is no answer of the student's: the exception passes, and the session is usable."""

    def broken(name: str, args: tuple[object, ...]) -> Returned:
        raise RuntimeError("our mistake")

    program = Program("def f():\n    return g()\ndef h():\n    return 1\n", ("f",), stubs=("g",))
    with standard.open(program, broken) as session:
        with pytest.raises(RuntimeError, match="our mistake"):
            session.call("f", (), 20.0)
        assert session.call("h", (), 20.0).value == 1  # type: ignore[union-attr]


def test_a_closed_session_can_be_used_again(standard: Runner) -> None:
    session = standard.open(Program(textwrap.dedent("def f(): return 1\n"), ("f",)))
    session.close()
    session.close()
    assert session.call("f", (), 20.0).value == 1  # type: ignore[union-attr]
    session.close()
