"""Which module-level names a statement binds and reads, checked against Python's own symbol table."""

from __future__ import annotations

import ast
import symtable
import sys

import pytest

from grader.extract.names import Names, names_of


def names(source: str, lazy: bool = False) -> Names:
    (node,) = ast.parse(source).body
    return names_of(node, lazy)


def by_symtable(source: str) -> tuple[set[str], set[str]]:
    """Names that a module binds, and global names that it reads, as Python's compiler sees them."""
    binds: set[str] = set()
    reads: set[str] = set()

    def visit(table: symtable.SymbolTable) -> None:
        is_module = table.get_type() == "module"
        for symbol in table.get_symbols():
            if is_module:
                if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
                    binds.add(symbol.get_name())
                if symbol.is_referenced():
                    reads.add(symbol.get_name())
            elif symbol.is_global():
                if symbol.is_referenced():
                    reads.add(symbol.get_name())
                if symbol.is_assigned() and symbol.is_declared_global():
                    binds.add(symbol.get_name())
        for child in table.get_children():
            visit(child)

    visit(symtable.symtable(source, "<test>", "exec"))
    return binds, reads


SCOPES = [
    "x = a",
    "x: int = a",
    "x, (y, *z) = a, b",
    "x[i] = a",
    "x.y = a",
    "x[i] += a.b[c]",
    "(x := a) + x",
    "import a.b, c as d",
    "from a import b as c, d",
    "def f(a, b=c, *d, e=g, **h): return a, b, d, e, h, i",
    "def f(): x = 1; return x, y",
    "def f(): return x; x = 1",
    "def f():\n    global x\n    x = y",
    "def f():\n    def g():\n        nonlocal z\n        z = 1\n        return w\n    z = 0\n    return g",
    "def f(a):\n    def g(b):\n        return a + b + c\n    return g",
    "def f(a):\n    x = 1\n    class C:\n        y = x + a + z\n        def m(s): return y, x\n    return C",
    "class C(B, metaclass=M):\n    k = v\n    def m(self): return k, self.k",
    "@d\n@e(f)\ndef g(): pass",
    "@d\nclass C: pass",
    "f = lambda a, b=c: a + b + d",
    "f = lambda: (yield x)",
    "def f(b): return [y := g(a) for a in b], y",
    "def f():\n    [a for a in a]",
    "for x in a:\n    b = x\nelse:\n    c = d",
    "for x[0], y.z in a: pass",
    "while a:\n    b = 1\nelse:\n    c",
    "with a as b, c(d) as (e, f): g",
    "try:\n    a = b\nexcept (E, F) as e:\n    c = e\nelse:\n    d\nfinally:\n    h = i",
    "if a:\n    def f(): return b\nelif c:\n    f = d",
    "match a:\n    case {'k': b, **c}: d\n    case [e, *f] if g: h\n    case K(l=m) | n.o: p\n    case q: r",
    "def f():\n    del a\n    a = 1",
    "def f():\n    import a.b\n    from c import d\n    return a, d, e",
    "def f():\n    try: pass\n    except E as e: return e\n    with a as b: return b",
    "def f():\n    for a in b: pass\n    return a",
    "def f(a: A, *b: B, c: C = d, **e: E) -> F: x = 1",
    "async def f():\n    async for a in b: await c\n    async with d as e: return [g async for g in h]",
    "x = f'{a!r:>{b}} {c + d}'",
    "def f():\n    return __class__",
    "print(a, *b, c=d, **e)",
    "a.b.c(d)[e:f, ...]",
    "assert a, b",
    "raise a from b",
    "def f():\n    def f(): return f\n    return f",
    "def f():\n    x = 1\n    def g():\n        global x\n        return x\n    return g",
    "class C:\n    def f(self):\n        global k\n        k = j",
    "def f():\n    return [lambda: a + b for a in c]",
    "def f():\n    match a:\n        case {'k': b, **c}: return b, c\n        case [d, *e]: return d, e",
    "def f():\n    match a:\n        case C(x=y) as z: return y, z",
]


@pytest.mark.parametrize("source", SCOPES, ids=lambda source: source.replace("\n", " ⏎ ")[:50])
def test_names_are_those_of_pythons_symbol_table(source: str) -> None:
    found = names(source)
    reads = {*found.now, *found.later, *found.hints}
    binds, expected = by_symtable(source)
    assert found.binds | found.sets_global == binds
    # Python counts what is bound before it is read in the same statement; that needs no other statement.
    assert reads | (expected & binds) == expected
    assert expected - reads <= binds


@pytest.mark.parametrize(
    ("source", "binds", "reads"),
    [
        ("x = [a for a in b if a if c]", "x", "b c"),
        ("x = [a + d for b in c for a in b(e)]", "x", "c d e"),
        ("x = {a: b for a, b in c.items() if d}", "x", "c d"),
        ("x = {a for a in (b for b in c)}", "x", "c"),
        ("x = [y := f(a) for a in b]", "x y", "f b"),
        ("x = [a for a in a]", "x", "a"),
        ("x = [lambda: a + b for a in c]", "x", "b c"),
        ("def f(x=[y for y in z]): return y", "f", "z y"),
        ("class C:\n    k = 1\n    l = [k for _ in range(k)]", "C", "k range"),
    ],
)
def test_comprehensions_are_scopes_of_their_own(source: str, binds: str, reads: str) -> None:
    """Python 3.12 runs them inline and enters their variables into the symbol table around them."""
    found = names(source)
    assert found.binds == set(binds.split())
    assert {*found.now, *found.later} == set(reads.split())


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with Python 3.12")
@pytest.mark.parametrize(
    "source", ["def f[T: a](x: T) -> b: return T, c", "class C[T](a[T]): x: T = b", "type X[T] = dict[T, a]"]
)
def test_type_parameters_are_scopes_of_their_own(source: str) -> None:
    found = names(source)
    assert "T" not in {*found.now, *found.later, *found.hints}
    assert "a" in {*found.now, *found.later, *found.hints}


def test_an_updated_name_is_read_too() -> None:
    assert set(names("x += a").now) == {"x", "a"}


def test_a_class_may_read_a_name_before_it_binds_it() -> None:
    assert set(names("class C:\n    x = x").now) == {"x"}


def test_del_reads_and_binds_nothing() -> None:
    found = names("del a")
    assert (found.binds, set(found.now)) == (set(), {"a"})


def test_annotations_of_local_variables_are_never_read() -> None:
    found = names("def f():\n    a: A\n    b: B = c\n    return a")
    assert {*found.now, *found.later, *found.hints} == {"c"}


def test_what_is_read_at_once_is_told_from_what_is_read_later() -> None:
    found = names("@a\ndef f(x: b = c) -> d:\n    return e + x")
    assert (set(found.now), set(found.hints), set(found.later)) == ({"a", "c"}, {"b", "d"}, {"e"})


def test_a_class_body_is_executed_at_once_and_its_methods_later() -> None:
    found = names("class C(a):\n    x = b\n    y = [x, lambda: c]\n    def m(self, z=d): return e")
    assert set(found.now) == {"a", "b", "d"}
    assert set(found.later) == {"c", "e"}


def test_annotations_are_not_read_after_the_future_import() -> None:
    assert names("def f(x: a) -> b: pass", lazy=True).hints == {}


def test_a_name_bound_earlier_in_the_same_statement_is_no_read() -> None:
    assert set(names("for i in a:\n    b = i\n    print(b, c)").now) == {"a", "print", "c"}
    assert set(names("x = x + 1").now) == {"x"}


def test_the_line_is_that_of_the_first_read() -> None:
    assert names("def f():\n    x = 1\n    return (a +\n        b + a)").later == {"a": 3, "b": 4}


def test_a_tree_too_deep_to_walk_gives_too_many_names_rather_than_too_few() -> None:
    source = "def f(a):\n    return " + "lambda: " * 600 + "b"
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(50_000)
        (node,) = ast.parse(source).body
    except (MemoryError, RecursionError):
        pytest.skip("this Python cannot parse so deep a tree")
    finally:
        sys.setrecursionlimit(limit)
    found = names_of(node)
    assert found.binds >= {"f"}
    assert "b" in {*found.now, *found.later}
