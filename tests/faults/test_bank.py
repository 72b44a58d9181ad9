"""The bank is sound: what it calls right is right, what it calls wrong is wrong, and nothing else is.

The programs are our own, so they run in this process; what students send never does.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import io
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from . import bank, oracle

ALLOWED_IMPORTS = {
    *("numpy", "math", "functools", "itertools", "typing", "dataclasses", "collections", "operator"),
    "__future__",
}
RIGHT = list(bank.programs("right", "right_advisory"))
SINGLE = list(bank.programs("single"))
COMPOUND = list(bank.programs("compound"))
CHEATS = list(bank.programs("cheats"))
WRONG = [*SINGLE, *COMPOUND, *CHEATS]


def identity(program: bank.Program) -> str:
    return program.id


# ------------------------------------------------------------------------------------- running programs


def load(program: bank.Program, *, right_helpers_for: str | None = None) -> dict[str, Any]:
    """The program's names. With `right_helpers_for`, the other three functions are the oracle's."""
    names: dict[str, Any] = {"__name__": "student"}
    exec(compile(program.source(), program.path.name, "exec", dont_inherit=True), names)
    if right_helpers_for:
        names.update({name: right for name, right in oracle.RIGHT.items() if name != right_helpers_for})
    return names


def trace(value: Any) -> Any:
    """Everything about a value that a caller could see, as something hashable."""
    if isinstance(value, (np.ndarray, np.generic)):
        plain = np.asarray(value)
        return type(value).__name__, plain.shape, plain.dtype.str, plain.tobytes()
    if isinstance(value, (tuple, list)):
        return type(value).__name__, *map(trace, value)
    if isinstance(value, dict):
        return "dict", *((key, trace(value[key])) for key in sorted(value))
    return repr(value)


class Raised(str):
    """The type of the exception that a call ended in."""

    __slots__ = ()


def run(function: Callable[..., Any], check: oracle.Check) -> tuple[Any, bool]:
    """What the function answered, and whether it left its arguments alone."""
    arguments = copy.deepcopy(check.arguments)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # float(b) and the like warn, and are right
        try:
            answer = function(*arguments)
        except Exception as error:  # whatever a student's function raises is a fact about it
            answer = Raised(type(error).__name__)
    return answer, trace(arguments) == trace(check.arguments)


def checks(function: str) -> list[oracle.Check]:
    return [check for check in oracle.sweep() if check.function == function]


def mistake(function: Callable[..., Any], among: Iterable[oracle.Check]) -> str:
    """What is wrong with the first check that the function fails, or nothing."""
    for check in among:
        answer, untouched = run(function, check)
        if not oracle.right_answer(check.function, answer, check.expected):
            return f"{check.function} is wrong on {check.label}: {str(answer)[:60]}"
        if not untouched:
            return f"{check.function} changed an argument on {check.label}"
    return ""


# ------------------------------------------------------------------------------------- what is right


@pytest.mark.parametrize("program", RIGHT, ids=identity)
def test_a_right_hand_in_is_right_on_everything_twice(program: bank.Program) -> None:
    names = load(program)
    everything = oracle.sweep() + oracle.grid()
    for _ in range(2):  # the second time shows what was kept from the first
        for check in everything:
            assert not mistake(names[check.function], [check])


@pytest.mark.parametrize("program", RIGHT, ids=identity)
def test_a_right_hand_in_gives_the_same_bits_again(program: bank.Program) -> None:
    names = load(program)
    for check in oracle.sweep()[:8]:
        assert trace(run(names[check.function], check)[0]) == trace(run(names[check.function], check)[0])


@pytest.mark.parametrize("program", WRONG, ids=identity)
def test_a_wrong_program_is_wrong_where_it_says_and_nowhere_else(program: bank.Program) -> None:
    """Each function is judged with right helpers, so that one fault is counted once; a function that the
    header calls right in spite of its helpers is judged with the program's own."""
    for function in bank.FUNCTIONS:
        own_helpers = function in program.right
        names = load(program, right_helpers_for=None if own_helpers else function)
        problem = mistake(names[function], checks(function))
        if function in program.wrong:
            assert problem, f"{function} passes every check"
        else:
            assert not problem


@pytest.mark.parametrize("program", [p for p in COMPOUND if p.compensating and p.wrong], ids=identity)
def test_in_a_compensating_pair_the_caller_is_wrong_with_a_right_helper(program: bank.Program) -> None:
    for function in program.right:
        names = load(program, right_helpers_for=function)
        assert mistake(names[function], checks(function)), f"{function} needs no helper to go wrong"


# ------------------------------------------------------------------------------------- what the headers say


def test_the_bank_is_as_large_as_promised() -> None:
    per_function = Counter(program.function for program in SINGLE)
    promised = {"zero_pad": 20, "conv_single_step": 35, "conv_forward": 55, "conv_backward": 40}
    assert [name for name, count in promised.items() if per_function[name] < count] == []
    kinds = Counter(program.kind for program in bank.programs())
    assert kinds["right"] >= 30
    assert kinds["right_advisory"] >= 2
    assert kinds["single"] >= 140
    assert kinds["cheats"] >= 12
    assert sum(not program.misconceptions for program in SINGLE) >= 15
    assert sum(not program.compensating for program in COMPOUND) >= 110
    assert sum(program.compensating for program in COMPOUND) >= 7


def test_every_name_is_a_page_of_the_catalogue() -> None:
    pages = {page.stem for page in (bank.SUBMISSIONS.parent / "misconceptions").glob("*.md")}
    if not pages:
        pytest.skip("the catalogue has no pages yet")
    used = {name for program in WRONG for name in program.names}
    used |= {name for program in WRONG for names in program.truth.values() for name in names}
    assert used - pages == set()


@pytest.mark.parametrize("program", COMPOUND, ids=identity)
def test_the_truth_of_a_compound_covers_its_wrong_functions(program: bank.Program) -> None:
    for function in program.wrong:
        assert program.names_for(function), f"nothing is said of {function}"
    assert set(program.misconceptions) <= {name for f in bank.FUNCTIONS for name in program.names_for(f)} or (
        program.compensating
    )


@pytest.mark.parametrize("program", [*RIGHT, *WRONG], ids=identity)
def test_a_program_defines_all_four_functions_and_imports_nothing_special(program: bank.Program) -> None:
    tree = ast.parse(program.source())
    bound = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    bound |= {target.id for target in targets if isinstance(target, ast.Name)}
    assert set(bank.FUNCTIONS) <= bound
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= ALLOWED_IMPORTS
    assert not re.search(r"/(home|work|tmp|opt|usr)/", program.source())


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        pytest.param(
            "# function: conv\n# misconception: rounded\n", "expected one of", id="unknown function"
        ),
        pytest.param("# function: zero_pad\n", "no line '# misconception", id="no misconception"),
        pytest.param("# function: zero_pad\n# misconception: none\n# bias: x\n", "'bias'", id="unknown key"),
        pytest.param("import numpy as np\n", "function is ''", id="no header"),
    ],
)
def test_a_header_that_cannot_be_read_is_an_error(header: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "zero_pad__x.py"
    path.write_text(header, encoding="utf-8")
    with pytest.raises(bank.HeaderError, match=complaint):
        bank.read(path, "single")


# ------------------------------------------------------------------------------------- no two alike


class Renamed(ast.NodeTransformer):
    """Local names by order of appearance: two functions that differ in nothing else are the same."""

    def __init__(self, function: ast.FunctionDef) -> None:
        self.local = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
        stored = (n for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
        self.local |= {node.id for node in stored}
        self.numbers: dict[str, str] = {}

    def name(self, old: str) -> str:
        return self.numbers.setdefault(old, f"v{len(self.numbers)}") if old in self.local else old

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.name(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self.name(node.arg))


def normalised(source: str, function: str) -> str:
    found = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == function]
    if not found:
        return source  # not a plain def: the text itself has to differ
    node = found[-1]
    if ast.get_docstring(node):
        del node.body[0]
    return ast.dump(Renamed(node).visit(node))


def test_no_two_faulty_functions_are_the_same_code() -> None:
    seen: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for program in WRONG:
        functions = sorted({*program.wrong, *program.right, program.function})
        seen[tuple(normalised(program.source(), function) for function in functions)].append(program.id)
    assert [ids for ids in seen.values() if len(ids) > 1] == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        pytest.param("def f(X):\n  y = X\n  return y", "def f(a):\n  z = a\n  return z", True, id="renamed"),
        pytest.param("def f(X):\n  'doc'\n  return X", "def f(X):\n  return X", True, id="docstring"),
        pytest.param("def f(X, p):\n  return X", "def f(X, p):\n  return p", False, id="another argument"),
        pytest.param("def f(X):\n  return X[1]", "def f(X):\n  return X[2]", False, id="another constant"),
    ],
)
def test_what_counts_as_the_same_code(one: str, other: str, alike: bool) -> None:
    assert (normalised(one, "f") == normalised(other, "f")) is alike


@cache
def behaviour(program: bank.Program) -> tuple[Any, ...] | None:
    """The program's answers, or None when fewer than three of the wrong ones are values."""
    function = load(program, right_helpers_for=program.function)[program.function]
    answers = [(check, run(function, check)[0]) for check in checks(program.function)]
    telling = [
        check
        for check, answer in answers
        if not isinstance(answer, Raised) and not oracle.right_answer(check.function, answer, check.expected)
    ]
    return (program.function, *(rounded(answer) for _, answer in answers)) if len(telling) >= 3 else None


def rounded(answer: Any) -> Any:
    if isinstance(answer, (np.ndarray, float, int)) and np.asarray(answer).dtype.kind in "fiu":
        return np.asarray(answer).shape, np.round(np.asarray(answer, dtype=float), 6).tobytes()
    if isinstance(answer, tuple):
        return tuple(map(rounded, answer))
    return trace(answer)


def shares_a_name(programs: Sequence[bank.Program]) -> bool:
    return bool(frozenset.intersection(*(program.names for program in programs)))


def test_single_faults_that_give_the_same_wrong_numbers_share_a_name() -> None:
    """No grader that sees only numbers could tell them apart, so no header may ask it to."""
    groups: defaultdict[Any, list[bank.Program]] = defaultdict(list)
    for program in SINGLE:
        if (answers := behaviour(program)) is not None:
            groups[answers].append(program)
    alike = [group for group in groups.values() if len(group) > 1]
    assert alike, "not one fault is written in two ways: then this test looks at nothing"
    assert [[p.id for p in group] for group in alike if not shares_a_name(group)] == []
