"""What a student's function is given and what comes back: plain data as it was, anything else by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.model import Opaque, Program, Returned
from grader.sandbox import Runner, Session

from .conftest import LIMITS, SECONDS, Call

IDENTITY = "def f(*values):\n    return values\n"

PLAIN = [
    pytest.param(None, id="None"),
    pytest.param(True, id="a bool"),
    pytest.param(-7, id="an int"),
    pytest.param(1 << 62, id="the largest power of two in 64 bits"),
    pytest.param(-(1 << 200), id="an int beyond 64 bits"),
    pytest.param(2.5, id="a float"),
    pytest.param(-0.0, id="minus zero"),
    pytest.param(float("inf"), id="infinity"),
    pytest.param(1 - 2j, id="a complex number"),
    pytest.param("größe\n✓", id="text"),
    pytest.param("", id="empty text"),
    pytest.param((1, (2.0, None), []), id="nested tuples and lists"),
    pytest.param((), id="an empty tuple"),
    pytest.param({"stride": 2, "pad": (1, 1)}, id="a dict"),
    pytest.param(["a", "d", "t", "o"], id="a list that looks like a marked value"),
]

ARRAYS = [
    *[pytest.param(np.arange(6, dtype=code).reshape(2, 3), id=f"dtype {code}") for code in "bBhHiIlLqQefdg"],
    pytest.param(np.array([True, False]), id="dtype bool"),
    pytest.param(np.array([1 + 2j, 3], "F"), id="dtype complex64"),
    pytest.param(np.array([1 + 2j, 3]), id="dtype complex128"),
    pytest.param(np.array(1.5), id="0-d"),
    pytest.param(np.zeros((0, 3)), id="empty, with a shape"),
    pytest.param(np.array([np.nan, np.inf, -0.0]), id="not finite"),
    pytest.param(np.asfortranarray(np.arange(6.0).reshape(2, 3)), id="in Fortran order"),
    pytest.param(np.arange(24.0).reshape(2, 3, 4)[:, ::-1, ::2], id="not contiguous"),
    pytest.param(np.broadcast_to(np.arange(3.0), (4, 3)), id="broadcast"),
    pytest.param(np.arange(3, dtype=">f8"), id="the other byte order"),
    pytest.param(np.ones((1,) * 20), id="of 20 dimensions"),
]


@pytest.fixture(scope="session")
def identity(any_tier: Runner) -> Iterator[Session]:
    """A function that returns what it is given, in every tier."""
    with any_tier.open(Program(IDENTITY, ("f",), LIMITS)) as session:
        yield session


def only(reply: Any) -> Any:
    assert isinstance(reply, Returned), reply
    (value,) = reply.value
    return value


@pytest.mark.parametrize("value", PLAIN)
def test_plain_data_comes_back_as_it_was(identity: Session, value: Any) -> None:
    got = only(identity.call("f", (value,), SECONDS))
    assert repr(got) == repr(value)
    assert type(got) is type(value)


@pytest.mark.parametrize("array", ARRAYS)
def test_an_array_comes_back_as_it_was(identity: Session, array: np.ndarray) -> None:
    got = only(identity.call("f", (array,), SECONDS))
    assert type(got) is np.ndarray
    assert got.shape == array.shape
    assert got.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(got, array)
    got[...] = 0  # a writable copy


@pytest.mark.parametrize(
    "scalar", [np.float32(1.5), np.int8(-3), np.bool_(True), np.complex64(1j)], ids=lambda s: type(s).__name__
)
def test_a_numpy_scalar_arrives_as_one_and_comes_back_as_a_0d_array(call: Call, scalar: Any) -> None:
    source = "def f(value):\n    return value, type(value).__name__\n"
    reply = call(source, scalar)
    assert isinstance(reply, Returned)
    got, name = reply.value
    assert name == type(scalar).__name__
    assert (got.shape, got.dtype, got[()]) == ((), scalar.dtype, scalar)


def test_an_answer_with_more_text_than_a_reply_holds_is_named_and_the_next_call_is_answered(
    any_tier: Runner,
) -> None:
    source = "def f(n):\n    return ['x' * 60_000] * n\n"
    with any_tier.open(Program(source, ("f",), LIMITS)) as session:
        most, more, one = (session.call("f", (n,), SECONDS) for n in (34, 36, 1))
    assert isinstance(most, Returned)
    assert most.value == ["x" * 60_000] * 34
    assert isinstance(more, Returned)
    assert more.value == Opaque("list", "more text than a reply may hold")
    assert isinstance(one, Returned)
    assert one.value == ["x" * 60_000]


def test_what_a_case_asks_is_the_same_for_every_program(any_tier: Runner) -> None:
    args = (np.arange(3.0), [1], {"pad": 1})
    spoils = "def f(x, y, h):\n    x[:] = 7; y.append(2); h['pad'] = 9\n    return x, y, h\n"
    for source in (spoils, spoils, "def f(*given):\n    return given\n"):
        with any_tier.open(Program(source, ("f",), LIMITS)) as session:
            reply = session.call("f", args, SECONDS)
    assert isinstance(reply, Returned)
    assert repr(reply.value) == repr(args)


def test_an_argument_is_a_fresh_writable_array_in_c_order(call: Call) -> None:
    source = "def f(x):\n    return x.flags.writeable, x.flags.c_contiguous\n"
    frozen = np.asfortranarray(np.ones((2, 3)))
    frozen.flags.writeable = False
    reply = call(source, frozen)
    assert isinstance(reply, Returned)
    assert reply.value == (True, True)


NOT_PLAIN = [
    pytest.param("(i for i in range(3))", "generator", "a generator", id="a generator"),
    pytest.param("np.array([1, None])", "ndarray", "Python objects", id="an array of objects"),
    pytest.param("np.array(['a'])", "ndarray", "text (dtype <U1)", id="an array of text"),
    pytest.param("np.zeros(2, 'f8,i4')", "ndarray", "named fields", id="a structured array"),
    pytest.param("np.array(['2020-01-01'], 'M8[D]')", "ndarray", "dates", id="an array of dates"),
    pytest.param("np.matrix([1])", "matrix", "a subclass of ndarray", id="a matrix"),
    pytest.param(
        "np.ma.masked_equal([1, 2], 2)", "MaskedArray", "a subclass of ndarray", id="a masked array"
    ),
    pytest.param("np.str_('a')", "str_", "text", id="NumPy text"),
    pytest.param("{1: 2}", "dict", "keys are not all text", id="a dict with numbers for keys"),
    pytest.param("{1, 2}", "set", "a set", id="a set"),
    pytest.param("...", "ellipsis", "an ellipsis", id="three dots"),
    pytest.param("NotImplemented", "NotImplementedType", "not plain data", id="NotImplemented"),
    pytest.param("np.sum", "_ArrayFunctionDispatcher", "not plain data", id="a function of NumPy"),
    pytest.param("f", "function", "a function", id="the function itself"),
    pytest.param("zip([1], [2])", "zip", "not yet computed", id="a zip"),
    pytest.param("10 ** 5000", "int", "about 5000 digits", id="an int of 5000 digits"),
    pytest.param("'x' * 70_000", "str", "a text of 70000 characters", id="a text that is too long"),
    pytest.param("[0] * 30_000", "list", "more than 20000 items", id="a list that is too long"),
    pytest.param(
        "np.zeros(9_000_000)", "ndarray", "72.0 MB, more than the 64 MB", id="an array that is too big"
    ),
    pytest.param(
        "np.broadcast_to(0.0, (250_000, 25_000))",
        "ndarray",
        "50.0 GB, more than",
        id="50 GB that take no memory",
    ),
]


@pytest.mark.parametrize(("expression", "name", "reason"), NOT_PLAIN)
def test_what_is_not_plain_is_named_and_its_neighbours_survive(
    call_caged: Call, expression: str, name: str, reason: str
) -> None:
    source = f"import collections\nimport numpy as np\ndef f():\n    return np.ones(2), {expression}, 3\n"
    reply = call_caged(source)
    assert isinstance(reply, Returned), reply
    first, middle, last = reply.value
    np.testing.assert_array_equal(first, np.ones(2))
    assert last == 3
    assert isinstance(middle, Opaque), middle
    if name != "_ArrayFunctionDispatcher":  # its name is NumPy's own affair
        assert middle.type_name == name
    assert reason in middle.reason


def test_a_namedtuple_is_a_tuple(call: Call) -> None:
    source = (
        "import collections\nPair = collections.namedtuple('Pair', 'a b')\ndef f():\n    return Pair(1, 2)\n"
    )
    reply = call(source)
    assert isinstance(reply, Returned)
    assert reply.value == (1, 2)
    assert type(reply.value) is tuple


@pytest.mark.parametrize("expression", ["collections.OrderedDict(a=1)", "collections.defaultdict(int, a=1)"])
def test_the_librarys_own_dicts_are_dicts(call_caged: Call, expression: str) -> None:
    reply = call_caged(f"import collections\ndef f():\n    return {expression}\n")
    assert isinstance(reply, Returned)
    assert reply.value == {"a": 1}
    assert type(reply.value) is dict


def test_a_value_nested_too_deep_is_cut_where_it_is(call: Call) -> None:
    reply = call("def f():\n    v = []\n    for _ in range(100):\n        v = [v, 1]\n    return v\n")
    assert isinstance(reply, Returned)
    value = reply.value
    for _ in range(31):
        assert value[1] == 1
        value = value[0]
    assert isinstance(value[0], Opaque)


CHANGES = [
    pytest.param("pass", (), id="nothing"),
    pytest.param("a[0] = 5", (0,), id="an entry"),
    pytest.param("a += 0", (), id="an entry set to what it was"),
    pytest.param("a.shape = (4,)", (0,), id="the shape"),
    pytest.param("b['pad'] = 9", (1,), id="a value of a dict"),
    pytest.param("b.clear()", (1,), id="the whole dict"),
    pytest.param("b['x'] = 1", (1,), id="a new key"),
    pytest.param("c[1].append(3)", (2,), id="a list inside a tuple"),
    pytest.param("c[0][...] = 7; b['stride'] = 7", (1, 2), id="two arguments"),
    pytest.param("a = a + 1; c = 1", (), id="only names"),
]


@pytest.mark.parametrize(("statement", "changed"), CHANGES)
def test_changed_arguments_are_noticed_by_position(
    call_caged: Call, statement: str, changed: tuple[int, ...]
) -> None:
    source = f"def f(a, b, c):\n    {statement}\n"
    a = np.array([[1.0, np.nan], [3.0, 4.0]])
    reply = call_caged(source, a, {"stride": 1, "pad": 0, "nan": float("nan")}, (np.zeros(3), [1, 2]))
    assert isinstance(reply, Returned), reply
    assert reply.changed == changed


OVERWRITTEN = [
    pytest.param("x + 1", (), id="a new array"),
    pytest.param("np.add(x, 1, out=one)", (0,), id="one array"),
    pytest.param("(x + 1, np.add(x, 1, out=one), one)", (1, 2), id="second and third output"),
    pytest.param("[np.add(x, 1, out=one)[:1]]", (0,), id="a view in a list"),
    pytest.param("(x, {'a': np.add(x, 1, out=one)})", (), id="inside a dict: not looked at"),
    pytest.param("np.multiply(x, 0, out=one)", (), id="one array, the same numbers"),
    pytest.param("np.add(x, 1, out=one)[::-1]", (0,), id="turned round"),
    pytest.param("5", (), id="no array"),
]


@pytest.mark.parametrize(("answer", "overwritten"), OVERWRITTEN)
def test_an_answer_that_the_next_call_changes_is_noticed(
    standard: Runner, answer: str, overwritten: tuple[int, ...]
) -> None:
    source = f"import numpy as np\none = np.zeros(2)\ndef f(x):\n    return {answer}\n"
    calls = [(np.array([1.0, 2.0]),), (np.array([1.0, 2.0]),), (np.array([5.0, 6.0]),)]
    with standard.open(Program(source, ("f",), allowed_imports=("numpy",))) as session:
        replies = [session.call("f", call, 20.0) for call in calls]
    assert [reply.overwritten for reply in replies] == [(), (), overwritten]


def test_every_call_gets_fresh_arguments(standard: Runner) -> None:
    x = np.zeros(2)
    with standard.open(Program("def f(x):\n    x += 1\n    return x\n", ("f",))) as session:
        for _ in range(3):
            np.testing.assert_array_equal(session.call("f", (x,), 20.0).value, [1, 1])
    np.testing.assert_array_equal(x, 0)


def test_our_own_value_that_cannot_be_sent_is_our_mistake(call_caged: Call) -> None:
    with pytest.raises(TypeError, match="a object cannot be sent"):
        call_caged(IDENTITY, object())
    with pytest.raises(TypeError, match="text keys"):
        call_caged(IDENTITY, {1: 2})
