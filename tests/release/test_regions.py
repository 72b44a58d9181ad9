"""What stands between the markers goes away, what stands round them stays, and a lost marker is refused."""

from __future__ import annotations

import pytest

from grader.errors import ConfigError
from grader.release.regions import without_hidden, without_solutions

STUB = """\
    # BEGIN SOLUTION (your code goes between these two lines)
    raise NotImplementedError
    # END SOLUTION"""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param("### BEGIN SOLUTION\nx", "BEGIN SOLUTION without END", id="a solution without an end"),
        pytest.param(
            "x\n### END SOLUTION", "line 2: END SOLUTION without BEGIN", id="an end without a beginning"
        ),
        pytest.param(
            "### BEGIN SOLUTION\n### BEGIN SOLUTION", "line 2: .* inside another", id="one in another"
        ),
    ],
)
def test_a_solution_marker_without_its_partner_is_refused_with_its_place(source: str, message: str) -> None:
    with pytest.raises(ConfigError, match=f"notebook.ipynb, cell c.*{message}"):
        without_solutions(source, "notebook.ipynb, cell c")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        pytest.param(["### BEGIN HIDDEN", "x"], "a: BEGIN HIDDEN without END", id="never closed"),
        pytest.param(["x", "### END HIDDEN"], "b, line 1: END HIDDEN without BEGIN", id="never opened"),
        pytest.param(["### BEGIN HIDDEN", "### BEGIN HIDDEN"], "the one of a is open", id="opened twice"),
    ],
)
def test_a_hidden_marker_without_its_partner_is_refused_with_its_place(
    cells: list[str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        list(without_hidden(list(zip("abc", cells, strict=False))))


def test_a_solution_becomes_a_stub_with_its_indentation() -> None:
    source = (
        "def f(x):\n    '''Doc.'''\n    ### BEGIN SOLUTION\n    y = x\n\n    ### END SOLUTION\n    return y"
    )
    left, solutions = without_solutions(source, "c")
    assert left == f"def f(x):\n    '''Doc.'''\n{STUB}\n    return y"
    assert [s.text for s in solutions] == ["    y = x\n"]


def test_outside_a_function_nothing_is_raised_so_that_the_notebook_runs_to_its_end() -> None:
    left, _ = without_solutions("### BEGIN SOLUTION\nanswer = 42\n### END SOLUTION", "c")
    exec(left)
    assert "raise" not in left


@pytest.mark.parametrize(
    ("cells", "left"),
    [
        pytest.param(["x", "### BEGIN HIDDEN\ny\n### END HIDDEN"], ["x", None], id="a cell"),
        pytest.param(["a\n### BEGIN HIDDEN\nb\n### END HIDDEN\nc"], ["a\nc"], id="some lines of a cell"),
        pytest.param(
            ["a", "### BEGIN HIDDEN\nb", "c", "d\n### END HIDDEN", "e"],
            ["a", None, None, None, "e"],
            id="several cells",
        ),
        pytest.param(["<!-- ### BEGIN HIDDEN -->\nb\n<!-- ### END HIDDEN -->"], [None], id="Markdown"),
        pytest.param(["", "x"], ["", "x"], id="an empty cell is not hidden"),
    ],
)
def test_what_is_hidden_goes_away(cells: list[str], left: list[str | None]) -> None:
    assert list(without_hidden([(str(k), c) for k, c in enumerate(cells)])) == left
