"""Mutants: one small mistake each, in the wanted functions only, never in a docstring."""

from __future__ import annotations

import ast

import pytest

from grader.audit.mutate import mutants


def changed_lines(source: str, functions: tuple[str, ...] = ("f",)) -> set[str]:
    return {
        line[1:].strip()
        for mutant in mutants(source, functions)
        for line in mutant.diff.splitlines()
        if line.startswith("+")
    }


@pytest.mark.parametrize(
    ("line", "mutant"),
    [
        ("return a + b", "return a - b"),
        ("return a + b", "return a"),
        ("return a // b", "return a * b"),
        ("return a < b", "return a <= b"),
        ("return a[0:3]", "return a[0:]"),
        ("return a[0, b]", "return a[b, 0]"),
        ("return g(a, b)", "return g(b, a)"),
        ("return a + 1", "return a + 2"),
        ("return np.sum(a)", "return np.mean(a)"),
        ("return -a", "return a"),
        ("a += b", "a = b"),
        ("a += b", "a -= b"),
        ("a[b] = 1", "pass"),
        ("return (a, b)", "return (b, a)"),
    ],
)
def test_an_operator_makes_the_slip(line: str, mutant: str) -> None:
    assert mutant in changed_lines(f"def f(a, b):\n    {line}\n")


def test_loop_variables_are_taken_for_each_other() -> None:
    lines = changed_lines("def f(x):\n    for h in x:\n        for w in x:\n            g(h, w)\n")
    assert {"g(w, w)", "g(h, h)", "g(w, h)"} <= lines


def test_a_range_may_start_one_too_late() -> None:
    assert "for i in range(1, n):" in changed_lines("def f(n):\n    for i in range(n):\n        g(i)\n")


def test_other_functions_and_docstrings_are_left_alone() -> None:
    source = 'def f(a):\n    """1 + 1"""\n    return a\n\ndef g(a):\n    return a + 1\n'
    assert list(mutants(source, ("f",))) == []


def test_every_mutant_is_a_program_and_differs_from_every_other() -> None:
    source = "def f(a, b):\n    if a > b and not b:\n        a[1:2] += b * 2\n    return (a, b)\n"
    made = [m.source for m in mutants(source, ("f",))]
    assert len(made) > 10
    assert len(set(made)) == len(made)
    for text in made:
        ast.parse(text)
        assert text != ast.unparse(ast.parse(source))
