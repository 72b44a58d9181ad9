"""Cells that do not parse: commands of Jupyter, odd characters, and mistakes that cost only themselves."""

from __future__ import annotations

import ast
import json
import sys
import time

import pytest

from grader.errors import SubmissionError
from grader.extract import extract
from grader.extract.cells import MOST_STATEMENTS, MOST_TEXT
from grader.model import DefinitionState, ExtractedSource, Level, Place
from grader.notebook import parse_submission

WANTED = ("zero_pad", "conv_single_step", "conv_forward", "conv_backward")
PAD = "def zero_pad(X, pad):\n    return X + pad\n"


def sliced(*cells: str) -> ExtractedSource:
    raw = json.dumps({"cells": [{"cell_type": "code", "source": c} for c in cells], "nbformat": 4}).encode()
    return extract(parse_submission("hand-in.ipynb", raw), WANTED)


def states(extracted: ExtractedSource) -> str:
    """The functions that were found, each with the first letter of its state: ``zero_pad:d``."""
    found = extracted.definitions.values()
    return " ".join(f"{d.name}:{d.state.value[0]}" for d in found if d.state is not DefinitionState.MISSING)


def call_zero_pad(extracted: ExtractedSource, *arguments: object) -> object:
    names: dict[str, object] = {}
    exec(compile(extracted.source, "<slice>", "exec", dont_inherit=True), names)
    return names["zero_pad"](*arguments)  # type: ignore[operator]


# --------------------------------------------------------------------------- commands of Jupyter


COMMANDS = [
    pytest.param("%matplotlib inline\n" + PAD, id="a line magic"),
    pytest.param(PAD + "%timeit zero_pad(1, 2)", id="a line magic at the end"),
    pytest.param("!pip install h5py \\\n  numpy\n" + PAD, id="a shell command over two lines"),
    pytest.param(
        "  !ls\n  %pwd\n" + PAD.replace("def", "  def").replace("return", "  return"), id="all indented"
    ),
    pytest.param("np.pad?\n" + PAD + "?np.pad\nnp.sum??\nzero_pad ?", id="questions"),
    pytest.param("if True:\n    !ls\n" + PAD, id="a shell command under if"),
    pytest.param(
        "def zero_pad(X, pad):\n    %time\n    !echo hi\n    return X + pad", id="commands in a function"
    ),
    pytest.param("def zero_pad(X, pad):\n    Z = %time X + pad\n    return Z", id="the value of %time"),
    pytest.param("files = !ls\n" + PAD, id="the output of a shell command"),
    pytest.param("x = %timeit -o f()\n" + PAD, id="the result of %timeit"),
    pytest.param("a, b = %sx ls\n" + PAD, id="two targets of a magic"),
    pytest.param("get_ipython().run_line_magic('matplotlib', 'inline')\n" + PAD, id="an exported magic"),
    pytest.param("%%time\n" + PAD, id="%%time"),
    pytest.param("\n# why\n%%capture out\n" + PAD, id="%%capture after a comment"),
    pytest.param("%%timeit -n 1\n" + PAD, id="%%timeit"),
    pytest.param("%%prun\n" + PAD, id="%%prun"),
    pytest.param("%%cython -a\n" + PAD, id="%%cython with plain Python"),
    pytest.param("?\n%\n!\n" + PAD, id="marks alone"),
]


@pytest.mark.parametrize("cell", COMMANDS)
def test_commands_are_taken_out_and_the_rest_is_read(cell: str) -> None:
    extracted = sliced(cell)
    assert call_zero_pad(extracted, 1, 2) == 3
    assert extracted.dropped == ()
    assert "ipython" not in extracted.source


PASTED = [
    pytest.param(">>> def zero_pad(X, pad):\n...     return X + pad\n...\n>>> zero_pad(1, 2)", id="Python's"),
    pytest.param(
        "\nIn [3]: def zero_pad(X, pad):\n   ...:     return X + pad\n   ...:\nIn [4]: 1", id="IPython's"
    ),
]


@pytest.mark.parametrize("cell", PASTED)
def test_prompts_of_a_terminal_are_taken_off(cell: str) -> None:
    extracted = sliced(cell)
    assert call_zero_pad(extracted, 1, 2) == 3
    assert extracted.dropped == ()


def test_a_prompt_inside_a_docstring_stays() -> None:
    text = "def zero_pad(X, pad):\n    '''\n>>> zero_pad(1, 2)\n    '''\n    return X + pad\n"
    assert sliced("%pwd\n" + text).source == text


def test_an_exported_time_cell_is_opened() -> None:
    code = "def zero_pad(X, pad):\n    return X + pad\n"
    text = f"import numpy\n\nget_ipython().run_cell_magic('time', '', {code!r})\n"
    extracted = extract(parse_submission("a.py", text.encode()), WANTED)
    assert call_zero_pad(extracted, 1, 2) == 3
    assert str(extracted.definitions["zero_pad"].place) == "line 3"


def test_an_exported_cell_of_another_language_is_not_opened() -> None:
    text = f"get_ipython().run_cell_magic('bash', '', {PAD!r})\n"
    assert states(extract(parse_submission("a.py", text.encode()), WANTED)) == ""


@pytest.mark.parametrize("command", ["%run helpers.py", "%load solution.py"])
def test_a_command_that_would_bring_in_code_is_listed(command: str) -> None:
    extracted = sliced(f"import numpy as np\n{command}\n{PAD}")
    assert states(extracted) == "zero_pad:d"
    assert [(d.place, d.reason) for d in extracted.dropped] == [
        (Place(1, 2), f"`{command}` was not carried out")
    ]


def test_a_cell_that_parses_is_never_touched() -> None:
    cell = "def zero_pad(X, pad):\n    return (X\n        % pad)\n"
    assert sliced(cell).source == cell
    text = "def zero_pad(X, pad):\n    '''\n%time\n!ls\nwhy?\n    '''\n    return X\n"
    assert sliced(text).source == text


def test_text_inside_strings_is_no_command_even_in_a_cell_that_does_not_parse() -> None:
    text = "def zero_pad(X, pad):\n    '''\n%time\n!ls\n    '''\n    return X\n"
    assert sliced("%pwd\n" + text).source == text


def test_lines_keep_their_numbers() -> None:
    extracted = sliced("!ls \\\n -l\n\n%time\n" + PAD)
    assert extracted.definitions["zero_pad"].place == Place(1, 5)


@pytest.mark.parametrize(
    "magic", ["bash", "html", "writefile conv.py", "javascript", "R", "script perl", "latex", "sh"]
)
def test_a_cell_of_another_language_is_left_out_and_listed(magic: str) -> None:
    extracted = sliced(f"\n%%{magic}\n{PAD}")
    assert states(extracted) == ""
    (dropped,) = extracted.dropped
    assert dropped.place == Place(1, 2)
    assert f"%%{magic.split()[0]}" in dropped.reason


# --------------------------------------------------------------------------- odd characters


ODD = [
    pytest.param(
        "def\u00a0zero_pad(X,\u00a0pad):\n\u00a0\u00a0\u00a0\u00a0return X +\u00a0pad", id="no-break spaces"
    ),
    pytest.param("def zero_pad(X, pad):\n\u3000return X\u2003+\u2009pad", id="wide and thin spaces"),
    pytest.param(
        "def zero_pad(X, pad):\u200b\n    return\ufeff X + p\u200bad", id="characters without width"
    ),
    pytest.param("\ufeffdef zero_pad(X, pad):\n    return X + pad", id="a mark at the start of a cell"),
    pytest.param("def zero_pad(X, pad):\x00\n    return X + pad\x00", id="NULs"),
    pytest.param("def zero_pad(X, pad):\n    return X\x0b + pad", id="a vertical tab"),
]


@pytest.mark.parametrize("cell", ODD)
def test_odd_blanks_are_made_plain_with_a_note(cell: str) -> None:
    extracted = sliced(cell)
    assert call_zero_pad(extracted, 1, 2) == 3
    (note,) = extracted.notes
    assert note.level is Level.INFO
    assert "plain blanks" in note.message


def test_odd_blanks_in_strings_and_comments_are_left_alone() -> None:
    cell = "x\u00a0= 1\ndef zero_pad(X, pad):  # a\u00a0b\n    return 'c\u00a0d\u200b'\n"
    extracted = sliced(cell)
    assert call_zero_pad(extracted, 1, 2) == "c\u00a0d\u200b"
    assert "# a\u00a0b" in extracted.source
    assert extracted.notes[0].place == Place(1, 1)


def test_typographic_quotes_are_the_students_mistake_and_are_explained() -> None:
    extracted = sliced("def zero_pad(X, pad):\n    return np.pad(X, pad, “constant”)\n")
    definition = extracted.definitions["zero_pad"]
    assert definition.state is DefinitionState.BROKEN
    assert "“ is a typographic quotation mark" in definition.detail
    assert definition.place == Place(1, 2)


# --------------------------------------------------------------------------- a mistake costs what it must


F, G = "def zero_pad(X, pad):\n    return X + pad\n", "def conv_single_step(a, W, b):\n    return a\n"

MISTAKES = [
    pytest.param("def conv_single_step(a, W, b)\n    return a\n", id="no colon"),
    pytest.param("def conv_single_step(a, W, b):\n    return a +\n", id="half an expression"),
    pytest.param("def conv_single_step(a, W, b):\nreturn a\n", id="no indent"),
    pytest.param(
        "def conv_single_step(a, W, b):\n    x = 1\n      y = 2\n    return a\n", id="too much indent"
    ),
    pytest.param(
        "def conv_single_step(a, W, b):\n        x = 1\n    return a\n", id="indent that fits nothing"
    ),
    pytest.param("def conv_single_step(a, W, b):\n    return (a * W\n", id="an open bracket"),
    pytest.param("def conv_single_step(a, W, b):\n    return a[1, {2\n", id="two open brackets"),
    pytest.param("def conv_single_step(a, W, b):\n    return a)\n", id="a bracket too many"),
    pytest.param("def conv_single_step(a, W, b):\n    '''doc\n    return a\n", id="an open docstring"),
    pytest.param(
        'def conv_single_step(a, W, b):\n    """doc"\n    return a\n', id="a docstring closed by one quote"
    ),
    pytest.param("def conv_single_step(a, W, b):\n    return 'a\n", id="an open text"),
    pytest.param("def conv_single_step(a, W, b):\n    f = a b\n    return f\n", id="no operator"),
    pytest.param("def conv_single_step(a, W, b):\n    # nothing\n", id="no body"),
    pytest.param("@\ndef conv_single_step(a, W, b):\n    return a\n", id="a broken decorator"),
    pytest.param("def conv_single_step(a, a, b):\n    return a\n", id="one parameter twice"),
    pytest.param("def conv_single_step(a, W, b):\n    break\n", id="break outside a loop"),
    pytest.param("def conv_single_step(a, W, b):\n    nonlocal q\n    return a\n", id="nonlocal of nothing"),
    pytest.param("def conv_single_step(a, W, b):\n    a = 1\n    global a\n", id="a parameter called global"),
    pytest.param(
        "def conv_single_step(a, W, b):\n    for i in a:\n    x = 1\n    return a\n", id="an empty loop"
    ),
    pytest.param("def conv_single_step(a, W, b):\n    if a = 1:\n        return a\n", id="= for =="),
    pytest.param("def conv_single_step(a, W, b):\n    print 'a'\n", id="Python 2"),
    pytest.param(
        "def conv_single_step(a, W, b):\n\treturn a\n        return b\n", id="tabs and blanks mixed"
    ),
]


@pytest.mark.parametrize("broken", MISTAKES)
def test_a_broken_function_costs_itself_and_nothing_else(broken: str) -> None:
    before = "import numpy as np\nSIZE = 3\n"
    after = 'def conv_forward(A, W, b, h):\n    """What it does.\n\n    More.\n    """\n    return SIZE\n'
    extracted = sliced(
        before + F + "\n" + broken + "\n# a comment\n" + after, "def conv_backward(dZ, c):\n    return dZ"
    )
    assert states(extracted) == "zero_pad:d conv_single_step:b conv_forward:d conv_backward:d"
    assert extracted.definitions["conv_forward"].undefined == ()
    definition = extracted.definitions["conv_single_step"]
    assert definition.place is not None
    assert definition.place.cell == 1
    assert definition.detail.startswith(f"{definition.place}: ")
    assert extracted.dropped[0].place == definition.place
    assert "`conv_single_step` cannot be" in extracted.dropped[0].reason
    assert call_zero_pad(extracted, 1, 2) == 3


JUNK = [
    pytest.param("pip install numpy", id="a shell line without !"),
    pytest.param("x = = 3", id="a broken assignment"),
    pytest.param("print 'hello'", id="Python 2 print"),
    pytest.param("print('hello", id="an open text"),
    pytest.param("x = (1, 2", id="an open bracket"),
    pytest.param("'''", id="an open triple quote"),
    pytest.param("x = '''", id="an open triple quote in an assignment"),
    pytest.param("This is what I think, isn't it", id="prose with an apostrophe"),
    pytest.param("{% endraw %}", id="a template's leftovers"),
    pytest.param("if x:", id="an if without a body"),
    pytest.param("    y = 1", id="an indented line"),
    pytest.param("else:", id="an else of nothing"),
    pytest.param(")", id="a closing bracket"),
]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("where", ["before", "between", "after"])
def test_junk_in_a_cell_costs_no_function(junk: str, where: str) -> None:
    parts = {"before": [junk, F, G], "between": [F, junk, G], "after": [F, G, junk]}[where]
    extracted = sliced("\n".join(parts))
    expected = "zero_pad:d conv_single_step:d"
    if where != "before" and junk == "    y = 1":
        assert call_zero_pad(extracted, 1, 2) == 3  # it has become part of the function above
    assert states(extracted) == expected
    assert extracted.dropped or junk == "    y = 1"


def test_an_indented_line_below_a_function_belongs_to_it() -> None:
    extracted = sliced("def zero_pad(X, pad):\n    return X\nx = = 2\n")
    assert extracted.source == "def zero_pad(X, pad):\n    return X\n"


def test_code_in_a_string_does_not_come_to_life() -> None:
    cell = '"""\ndef zero_pad(X, pad):\n    return 1\n"""\nx = = 1\ndef conv_forward(A):\n    return A\n'
    assert states(sliced(cell)) == "conv_forward:d"


def test_an_earlier_sound_definition_stands_in_with_a_warning() -> None:
    extracted = sliced("def zero_pad(X, pad):\n    return 1", "def zero_pad(X, pad):\n    return (2")
    assert call_zero_pad(extracted, 0, 0) == 1
    assert extracted.definitions["zero_pad"].state is DefinitionState.DEFINED
    (note,) = extracted.notes
    assert note.level is Level.WARNING
    assert "The last definition of `zero_pad` cannot be parsed" in note.message
    assert "the one at cell 1, line 1 counts" in note.message


def test_a_later_sound_definition_needs_no_warning() -> None:
    extracted = sliced("def zero_pad(X, pad):\n    return (1", "def zero_pad(X, pad):\n    return 2")
    assert call_zero_pad(extracted, 0, 0) == 2
    assert extracted.notes == ()
    assert len(extracted.dropped) == 1


def test_a_definition_that_cannot_be_compiled_gives_way_to_an_earlier_one() -> None:
    extracted = sliced("def zero_pad(X, pad):\n    return 1", "def zero_pad(X, X):\n    return 2")
    assert call_zero_pad(extracted, 0, 0) == 1
    assert "duplicate argument 'X'" in extracted.notes[0].message


def test_a_broken_class_costs_itself() -> None:
    extracted = sliced(
        "class Conv:\n    def f(self):\n        return (1\n\n    def g(self):\n        return 2\n" + F
    )
    assert states(extracted) == "zero_pad:d"
    assert "`Conv` cannot be parsed" in extracted.dropped[0].reason


def test_a_function_under_a_broken_if_is_broken_not_missing() -> None:
    extracted = sliced("if True:\n    def zero_pad(X, pad):\n        return (X\n" + G)
    assert states(extracted) == "zero_pad:b conv_single_step:d"


def test_a_return_that_fell_out_of_its_function_is_listed() -> None:
    extracted = sliced("def zero_pad(X, pad):\n    Y = X + pad\nreturn Y\n")
    assert [str(d.place) for d in extracted.dropped] == ["cell 1, line 3"]
    assert "outside every function" in extracted.dropped[0].reason


def test_comments_at_the_margin_do_not_end_a_function() -> None:
    cell = "x = = 1\ndef zero_pad(X, pad):\n# first\n    Y = X\n# second\n\n    return Y + pad\n"
    assert call_zero_pad(sliced(cell), 1, 2) == 3


def test_multi_line_statements_survive_beside_a_mistake() -> None:
    cell = "x = = 1\nT = {\n'a': [\n1,\n],\n}\n@staticmethod\n# why\n"
    cell += "def zero_pad(X,\n    pad):\n    return T['a'][0]\n"
    assert call_zero_pad(sliced(cell), 1, 2) == 1


def test_try_and_except_at_the_margin_stay_together() -> None:
    cell = "x = = 1\ntry:\n    N = 1\nexcept Exception:\n    N = 2\nelse:\n    N = 3\nfinally:\n    pass\n"
    assert call_zero_pad(sliced(cell + "def zero_pad(X, pad):\n    return N"), 1, 2) == 3


def test_a_script_with_a_mistake_keeps_its_other_functions() -> None:
    text = (
        F + "\ndef conv_single_step(a):\n    return (a\n\n" + "def conv_forward(A, W, b, h):\n    return 1\n"
    )
    extracted = extract(parse_submission("a.py", text.encode()), WANTED)
    assert states(extracted) == "zero_pad:d conv_single_step:b conv_forward:d"
    assert str(extracted.definitions["conv_single_step"].place) == "line 5"


# --------------------------------------------------------------------------- hostile sources


N = 60_000
HOSTILE = [
    pytest.param("x = " + "a+" * N + "a", id="a sum of sixty thousand terms"),
    pytest.param("x = a" + ".b" * N, id="a chain of attributes"),
    pytest.param("x = a" + "()" * N, id="a chain of calls"),
    pytest.param("x = a" + "[0]" * N, id="a chain of indices"),
    pytest.param("if a: pass\n" + "elif a: pass\n" * 10_000, id="ten thousand elif"),
    pytest.param("x = " + "-" * N + "a", id="a chain of signs"),
    pytest.param("x = " + "not " * N + "a", id="a chain of not"),
    pytest.param("x = " + "lambda: " * 10_000 + "a", id="lambda in lambda"),
    pytest.param("x = " + "lambda a, b: " * 10_000 + "a", id="lambda with commas in lambda"),
    pytest.param('x = f"{' + "+".join("a" * N) + '}"', id="a long sum in an f-string"),
    pytest.param("(" * N, id="open brackets"),
    pytest.param("(\n" * N, id="open brackets, one a line"),
    pytest.param("[" * 150 + "]" * 150, id="brackets in brackets"),
    pytest.param('"""\n' * 30_001, id="triple quotes"),
    pytest.param("x y\n" * N, id="sixty thousand mistakes"),
    pytest.param("def f(:\n" * 20_000, id="twenty thousand broken functions"),
    pytest.param("@a\n" * 30_000, id="decorators of nothing"),
    pytest.param("%a\n" * N, id="sixty thousand commands"),
    pytest.param("x = !ls\n" * 20_000 + "(", id="twenty thousand commands and a bracket"),
    pytest.param("a?" + " " * N + "x", id="a question and blanks"),
    pytest.param("a;" * N, id="sixty thousand statements on a line"),
    pytest.param(
        "".join(" " * i + "if a:\n" for i in range(300)) + " " * 300 + "pass", id="if three hundred deep"
    ),
    pytest.param("x = " + "9" * N, id="a number of sixty thousand digits"),
    pytest.param("\x00" * N, id="NULs"),
    pytest.param("\u200b" * N, id="characters without width"),
    pytest.param("x = r'" + "\\" * N, id="backslashes"),
    pytest.param("f'{" * N, id="open f-strings"),
    pytest.param("x = " + "a if b else " * 10_000 + "c", id="a chain of conditions"),
    pytest.param("x = '\udc80'", id="half of a surrogate pair"),
    pytest.param("L = []\n" + "L.append(L)\n" * 4_000, id="a list changed four thousand times"),
    pytest.param("a0 = 1\n" + "".join(f"a{i + 1} = a{i}\n" for i in range(4_000)), id="a chain of aliases"),
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_source_costs_only_itself(hostile: str) -> None:
    extracted = sliced(PAD, hostile, G)
    assert states(extracted) == "zero_pad:d conv_single_step:d"
    assert extracted.source == PAD + G


LONG = [
    pytest.param(
        "import tensorflow as tf\n" + "@tf.f\n" * 20_000 + "def f(): pass", id="decorators that are taken off"
    ),
    pytest.param(
        "class C0(metaclass=M): pass\n" + "".join(f"class C{k + 1}(C{k}): pass\n" for k in range(4_000)),
        id="a chain of classes",
    ),
]
BY_TEXT = "".join(f"def f{k}(): return globals()['f{k + 1}'] + eval('1')\n" for k in range(3_000))


@pytest.mark.parametrize("hostile", LONG)
def test_length_costs_no_more_than_its_share(hostile: str) -> None:
    start = time.process_time()
    assert sliced(PAD, hostile, G).source == PAD + G
    assert time.process_time() - start < 10


def test_thousands_that_look_names_up_by_text_cost_no_minutes() -> None:
    start = time.process_time()
    sliced("def zero_pad(X, pad):\n    return f0()\n", BY_TEXT)
    assert time.process_time() - start < 10


FUNCTIONS = [
    pytest.param("    return " + "[" * 90 + "X" + " for a in b]" * 90, id="nested comprehensions"),
    pytest.param("    return " + "+".join("X" * 390), id="a sum of 390 terms"),
    pytest.param("    return " + "lambda: " * 390 + "X", id="390 lambdas"),
    pytest.param("    return 9**9**9**9", id="a power tower"),
    pytest.param("    return ('a' * 10**9) * 10**9", id="a huge text"),
    pytest.param(
        "    return [" + ",".join(f"n{i}" for i in range(20_000)) + "]", id="20 000 undefined names"
    ),
    pytest.param("    if X: pass\n" + "    elif X: pass\n" * 390, id="390 elif"),
    pytest.param(
        "".join("    " * i + f"    def f{i}():\n" for i in range(60)) + "    " * 61 + "pass",
        id="60 functions deep",
    ),
    pytest.param("    x = 1\n" * 20_000 + "    return x", id="20 000 lines"),
]


@pytest.mark.parametrize("body", FUNCTIONS)
def test_a_hostile_function_is_read_without_being_compiled(body: str) -> None:
    extracted = sliced(f"def zero_pad(X, pad):\n{body}\n", G)
    assert extracted.definitions["zero_pad"].state in (DefinitionState.DEFINED, DefinitionState.BLANK)
    assert len(extracted.notes) <= 20


def test_try_finally_that_would_double_at_every_level_is_refused() -> None:
    levels = "".join(
        f"{'    ' * (i + 1)}try:\n{'    ' * (i + 2)}pass\n{'    ' * (i + 1)}finally:\n" for i in range(20)
    )
    extracted = sliced(f"def zero_pad(X, pad):\n{levels}{'    ' * 22}pass\n", G)
    assert states(extracted) == "zero_pad:b conv_single_step:d"
    assert "try … finally is nested too deeply" in extracted.definitions["zero_pad"].detail


def test_too_much_text_that_defines_no_function_is_left_out() -> None:
    data = "conv_forward(DATA)\nDATA = '" + "x" * MOST_TEXT + "'"
    extracted = sliced(PAD, data, G)
    assert extracted.source == PAD + G
    (dropped,) = extracted.dropped
    assert dropped.place == Place(2, 1)
    assert "defines no wanted function" in dropped.reason


def test_too_much_text_that_defines_functions_is_refused_in_one_sentence() -> None:
    with pytest.raises(SubmissionError, match="at most 256 KB are graded"):
        sliced(PAD + "# " + "x" * MOST_TEXT)


def test_too_many_statements_are_left_out() -> None:
    extracted = sliced(PAD, "a\n" * (MOST_STATEMENTS + 1), G)
    assert extracted.source == PAD + G
    assert "top-level statements" in extracted.dropped[0].reason


def test_warnings_of_the_parser_are_not_passed_on() -> None:
    assert states(sliced("def zero_pad(X, pad):\n    return '\\d' is 3")) == "zero_pad:d"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with Python 3.12")
def test_newer_syntax_is_read_where_python_knows_it() -> None:
    extracted = sliced(
        "type Pair[T] = tuple[T, T]\ndef zero_pad[T](X: T, pad: Pair[int]) -> T:\n    return X"
    )
    assert extracted.definitions["zero_pad"].undefined == ()
    assert isinstance(ast.parse(extracted.source), ast.Module)
