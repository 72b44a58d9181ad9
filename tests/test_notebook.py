"""Reading: what becomes of a file's bytes, and the one sentence for everything that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader import notebook
from grader.errors import SubmissionError
from grader.model import Submission
from grader.notebook import parse_submission, read_submission

CODE = "def zero_pad(X, pad):\n    return X\n"


def ipynb(*cells: Any, **extra: Any) -> bytes:
    """A notebook of code cells (texts) and whatever else is given as it is."""
    made = [{"cell_type": "code", "source": c} if isinstance(c, (str, list)) else c for c in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 2, **extra}).encode()


def sources(submission: Submission) -> list[str]:
    return [cell.source for cell in submission.cells]


# --------------------------------------------------------------------------- what cannot be read


UNREADABLE = [
    pytest.param("a.ipynb", b"", "is empty", id="an empty file"),
    pytest.param("a.py", b"", "is empty", id="an empty script"),
    pytest.param("a.py", b" \r\n\t\n", "nothing but blanks", id="only blanks"),
    pytest.param("a.py", b"\xef\xbb\xbf", "nothing but blanks", id="only a byte-order mark"),
    pytest.param("a.ipynb", b"<!DOCTYPE html>\n<html></html>", "HTML page", id="a web page"),
    pytest.param("a.ipynb", b"\n\n  <html lang='en'>", "HTML page", id="a web page after blank lines"),
    pytest.param("a.py", b"<!DOCTYPE HTML><head>", "HTML page", id="a web page as .py"),
    pytest.param("a.ipynb", b'{"cells": [', "cut off", id="JSON that ends in the middle"),
    pytest.param("a.ipynb", b'{"cells": [{"source": "def f', "cut off", id="JSON that ends inside a text"),
    pytest.param("a.ipynb", b'{"cells": ]}', "broken in line 1", id="broken JSON"),
    pytest.param(
        "a.ipynb", b'{"cells": [],\n<<<<<<< HEAD\n}', "merge conflict (line 2)", id="a Git conflict"
    ),
    pytest.param("a.ipynb", b"[1, 2]", "it is a list", id="a JSON list"),
    pytest.param("a.ipynb", b"12", "it is a number", id="a JSON number"),
    pytest.param("a.ipynb", b"null", "it is null", id="JSON null"),
    pytest.param("a.ipynb", b"hello there", "begins with 'hello there'", id="prose"),
    pytest.param("a.ipynb", b"{}", "has no cells", id="JSON without cells"),
    pytest.param(
        "a.ipynb", b'{"message": "Not Found"}', "has no cells", id="GitHub's answer for a missing file"
    ),
    pytest.param("a.ipynb", ipynb(cells={}), "no list of cells", id="cells that are an object"),
    pytest.param("a.ipynb", ipynb(cells="x"), "no list of cells", id="cells that are a text"),
    pytest.param("a.ipynb", ipynb(), "no code cells", id="no cells at all"),
    pytest.param(
        "a.ipynb", ipynb({"cell_type": "markdown", "source": "# x"}), "no code cells", id="only prose"
    ),
    pytest.param("a.ipynb", ipynb("", " \n"), "no code in it", id="only empty cells"),
    pytest.param("a.ipynb", b"[" * 100_000, "", id="brackets a hundred thousand deep"),
    pytest.param(
        "a.ipynb",
        b'{"cells":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        "nested too deeply",
        id="absurd nesting",
    ),
    pytest.param("a.ipynb", b'{"cells": [' + b"9" * 10_000 + b"]}", "", id="a number of ten thousand digits"),
    pytest.param(
        "a.ipynb", b'{"cells": [' + b"{}," * 1_000_001 + b"{}]}", "1,000,000", id="a million objects"
    ),
    pytest.param("a.ipynb", ipynb(*["x"] * 10_001), "10,001 cells", id="ten thousand cells"),
    pytest.param("a.py", b"# %%\nx\n" * 10_001, "10,001 cells", id="ten thousand percent cells"),
    pytest.param("a.ipynb", b"PK\x03\x04 and so on", "ZIP archive", id="a ZIP archive"),
    pytest.param("a.ipynb", b"%PDF-1.4", "PDF document", id="a PDF"),
    pytest.param("a.py", b"\x7fELF\x02\x01", "a program", id="an executable"),
    pytest.param("a.py", bytes(range(256)) * 40, "binary file", id="random bytes"),
    pytest.param("a.py", b"x" * 30_000_001, "30 MB", id="more than 30 MB"),
    pytest.param("a.md", b"# Homework\n\nno code", "without a fenced block", id="Markdown without code"),
    pytest.param(
        "a.ipynb",
        ipynb("x <- 1", metadata={"kernelspec": {"name": "ir", "language": "R"}}),
        "in R",
        id="a notebook in R",
    ),
    pytest.param(
        "a.ipynb",
        ipynb("x = 1", metadata={"kernelspec": {"name": "julia-1.6"}}),
        "in julia-1.6",
        id="a notebook in Julia",
    ),
    pytest.param(
        "a.ipynb",
        json.dumps({"nbformat": 3, "worksheets": 7}).encode(),
        "old format 3",
        id="an old format with nonsense in it",
    ),
]


@pytest.mark.parametrize(("name", "raw", "sentence"), UNREADABLE)
def test_one_sentence_says_what_is_wrong(name: str, raw: bytes, sentence: str) -> None:
    with pytest.raises(SubmissionError) as caught:
        parse_submission(name, raw)
    said = str(caught.value)
    assert sentence in said
    assert said.startswith(name)
    assert "\n" not in said
    assert len(said) < 250


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="is a folder"):
        read_submission(tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="does not exist"):
        read_submission(tmp_path / "nothing.ipynb")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.ipynb"
    with huge.open("wb") as file:
        file.truncate(300_000_000)  # sparse: it takes no room on the disk
    with pytest.raises(SubmissionError, match=r"huge\.ipynb has 300 MB, at most 30 MB"):
        read_submission(huge)


def test_an_impossible_path_is_refused() -> None:
    with pytest.raises(SubmissionError, match="not a usable path"):
        read_submission(Path("a\0b.py"))


# --------------------------------------------------------------------------- notebooks


def test_code_cells_are_numbered_from_1_and_know_their_index() -> None:
    prose = {"cell_type": "markdown", "source": "# Title"}
    raw = ipynb(prose, "a = 1", {"cell_type": "raw", "source": "x"}, "", "b = 2")
    submission = parse_submission("a.ipynb", raw)
    assert submission.container == "ipynb"
    assert [(c.number, c.index, c.source) for c in submission.cells] == [
        (1, 1, "a = 1"),
        (2, 3, ""),
        (3, 4, "b = 2"),
    ]
    assert str(submission.cells[2].place(1)) == "cell 3, line 1"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param("a\nb", "a\nb", id="one text"),
        pytest.param(["a\n", "b"], "a\nb", id="a list of lines"),
        pytest.param(["a", "b"], "a\nb", id="a list of lines without line ends"),
        pytest.param(["a"], "a", id="a list of one line"),
        pytest.param([], "", id="an empty list"),
        pytest.param("a\r\nb\rc", "a\nb\nc", id="Windows and old Mac line ends"),
        pytest.param('x = "\ud800"', 'x = "\ufffd"', id="half of a surrogate pair"),
    ],
)
def test_source_may_be_written_in_several_ways(source: Any, text: str) -> None:
    assert sources(parse_submission("a.ipynb", ipynb(source, "last = 1")))[0] == text


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(7, id="a number for a cell"),
        pytest.param(None, id="null for a cell"),
        pytest.param({"cell_type": "code", "source": 7}, id="a number for its source"),
        pytest.param({"cell_type": "code", "source": {"a": 1}}, id="an object for its source"),
        pytest.param({"cell_type": "code", "source": ["a", 1]}, id="a number among its lines"),
    ],
)
def test_a_cell_of_the_wrong_type_costs_itself_only(cell: Any) -> None:
    submission = parse_submission("a.ipynb", ipynb(CODE, cell))
    assert sources(submission)[0] == CODE
    assert "cell of the notebook (in order: 2) could not be read" in submission.notes[0].message


def test_metadata_of_the_wrong_type_is_ignored() -> None:
    assert parse_submission("a.ipynb", ipynb(CODE, metadata=[1])).metadata == {}


def test_the_notebooks_own_metadata_is_kept() -> None:
    raw = ipynb(CODE, metadata={"grader": {"assignment": "conv"}, "kernelspec": {"language": "python"}})
    assert parse_submission("a.ipynb", raw).metadata["grader"] == {"assignment": "conv"}


def test_an_old_notebook_is_upgraded() -> None:
    cell = {"cell_type": "code", "language": "python", "input": CODE, "outputs": [], "metadata": {}}
    sheet = {"cells": [{"cell_type": "heading", "level": 1, "source": "x"}, cell], "metadata": {}}
    raw = json.dumps(
        {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [sheet]}
    ).encode()
    assert sources(parse_submission("old.ipynb", raw)) == [CODE]


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({}, id="no kernel"),
        pytest.param({"kernelspec": {"name": "python3", "language": "python"}}, id="Python"),
        pytest.param(
            {"kernelspec": {"name": "conda-env-ml-py", "display_name": "ML"}}, id="a conda environment"
        ),
        pytest.param({"kernelspec": {"name": "my-env"}}, id="a kernel nobody knows"),
        pytest.param({"kernelspec": {"name": "ir"}, "language_info": {"name": "python"}}, id="contradictory"),
        pytest.param({"kernelspec": 3, "language_info": []}, id="the wrong types"),
    ],
)
def test_kernels_that_may_be_python_are_read(metadata: Any) -> None:
    assert sources(parse_submission("a.ipynb", ipynb("x = 1", metadata=metadata))) == ["x = 1"]


def test_python_functions_count_more_than_a_wrong_kernel() -> None:
    submission = parse_submission(
        "a.ipynb", ipynb(CODE, metadata={"kernelspec": {"name": "ir", "language": "R"}})
    )
    assert sources(submission) == [CODE]
    assert "says that it is in R" in submission.notes[0].message


def test_plain_python_called_ipynb_is_read_with_a_note() -> None:
    submission = parse_submission("a.ipynb", b"import numpy as np\n" + CODE.encode())
    assert submission.container == "py"
    assert "holds plain Python" in submission.notes[0].message


def test_a_notebook_called_py_is_read_with_a_note() -> None:
    submission = parse_submission("a.py", ipynb(CODE))
    assert submission.container == "ipynb"
    assert "Jupyter notebook (JSON)" in submission.notes[0].message


def test_the_same_bytes_have_the_same_fingerprint() -> None:
    first, second = parse_submission("a.py", CODE.encode()), parse_submission("b.py", CODE.encode())
    assert first.sha256 == second.sha256
    assert len(first.sha256) == 64
    assert first.raw == CODE.encode()


# --------------------------------------------------------------------------- encodings


@pytest.mark.parametrize(
    ("raw", "noted"),
    [
        pytest.param("é = 'π'\n".encode(), False, id="UTF-8"),
        pytest.param("é = 'π'\n".encode("utf-8-sig"), False, id="UTF-8 with a mark"),
        pytest.param("é = 'π'\n".encode("utf-16"), False, id="UTF-16 with a mark"),
        pytest.param("é = 'π'\n".encode("utf-32"), False, id="UTF-32 with a mark"),
        pytest.param(("é = 'π'\n" + "x = 1\n" * 9).encode("utf-16-le"), True, id="UTF-16-LE without a mark"),
        pytest.param(("é = 'π'\n" + "x = 1\n" * 9).encode("utf-16-be"), True, id="UTF-16-BE without a mark"),
    ],
)
def test_unicode_encodings_are_recognised(raw: bytes, noted: bool) -> None:
    submission = parse_submission("a.py", raw)
    assert sources(submission)[0].startswith("é = 'π'\n")
    assert bool(submission.notes) is noted


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param(b"# caf\xe9\nx = 1\n", "# café\nx = 1\n", id="Windows-1252"),
        pytest.param("# 卷积神经网络\nx = 1\n".encode("gb18030"), "# 卷积神经网络\nx = 1\n", id="GB 18030"),
        pytest.param(
            "# -*- coding: koi8-r -*-\n# да\n".encode("koi8-r"),
            "# -*- coding: koi8-r -*-\n# да\n",
            id="declared",
        ),
        pytest.param(
            b"# coding: nonsense\n# \xe9\n", "# coding: nonsense\n# é\n", id="declared, but unknown"
        ),
        pytest.param(
            b"# coding: zlib\n# \xe9\n", "# coding: zlib\n# é\n", id="declared, but no text encoding"
        ),
    ],
)
def test_other_encodings_are_guessed_with_a_note(raw: bytes, text: str) -> None:
    submission = parse_submission("a.py", raw)
    assert sources(submission)[0] == text
    assert "not UTF-8" in submission.notes[0].message


def test_a_stray_nul_does_not_make_a_script_binary() -> None:
    assert "\0" in sources(parse_submission("a.py", CODE.encode() + b"\0"))[0]


def test_a_utf16_notebook_is_read() -> None:
    raw = ipynb("x = 1").decode().encode("utf-16")
    assert sources(parse_submission("a.ipynb", raw)) == ["x = 1"]


# --------------------------------------------------------------------------- scripts and Markdown


def test_a_plain_script_is_one_cell_without_a_number() -> None:
    submission = parse_submission("a.py", b"a = 1\r\nb = 2\r\n")
    assert submission.container == "py"
    assert [(c.number, c.source) for c in submission.cells] == [(None, "a = 1\nb = 2\n")]
    assert str(submission.cells[0].place(2)) == "line 2"


def test_an_exported_notebook_has_its_cells_back_and_the_files_lines() -> None:
    text = "#!/usr/bin/env python\n\n# # Title\n\n# In[1]:\n\n\nimport numpy as np\n\n\n# In[ ]:\n\nx = 1\n"
    submission = parse_submission("a.py", text.encode())
    assert submission.container == "py"
    places = []
    for cell, line in zip(submission.cells[1:], ["import numpy as np", "x = 1"], strict=True):
        places.append((cell.number, str(cell.place(1 + cell.source.split("\n").index(line)))))
    assert places == [(None, "line 8"), (None, "line 13")]


def test_percent_cells_are_split_and_prose_is_left_out() -> None:
    prose = "# %% [markdown]\n# def no(): pass\n"
    text = f"import numpy\n{prose}#%%\nx = 1\n# %% a title\ny = 2\n# %%time is no mark\n"
    submission = parse_submission("a.py", text.encode())
    assert submission.container == "percent"
    assert [c.source for c in submission.cells] == [
        "import numpy",
        "#%%\nx = 1",
        "# %% a title\ny = 2\n# %%time is no mark",
    ]
    assert str(submission.cells[2].place(2)) == "line 7"


QUOTED = [
    pytest.param('def f():\n    """Pads.\n\n# In[3]:\n    """\n    return 1', 1, id="an export's mark"),
    pytest.param("def f():\n    '''\n# %% example\n    '''\n    return 1", 1, id="a percent mark"),
    pytest.param('# %%\nx = 1\n# %%\ny = """\n# %% no\n"""\n# %%\nz = 3', 3, id="one among true marks"),
    pytest.param('x = """open\n# %%\ndef f():\n    """Doc."""\n# %%\ny = 1', 3, id="a string left open"),
    pytest.param("x = 1  # '''\n# %%\ny = 1\n# %%\nz = '''a'''", 3, id="quotes in a comment"),
]


@pytest.mark.parametrize(("text", "cells"), QUOTED)
def test_a_mark_inside_a_string_does_not_cut(text: str, cells: int) -> None:
    assert len(parse_submission("a.py", text.encode()).cells) == cells


MARKDOWN = """# Homework
```python
a = 1
```
```
Z = [1, 2]
```
~~~ {.python}
b = 2
```
~~~
1. item
   ```py
   def f():
       return 1
   ```
````python
c = '''
```
'''
````
```bash
ls
```
```
import numpy as np
```
``` {code-cell} ipython3
d = 4
```
```javascript
e = 5
```
```python
f = 6"""


def test_markdown_gives_its_python_blocks() -> None:
    submission = parse_submission("a.md", MARKDOWN.encode())
    assert submission.container == "markdown"
    assert sources(submission) == [
        "a = 1",
        "b = 2\n```",
        "def f():\n    return 1",
        "c = '''\n```\n'''",
        "import numpy as np",
        "d = 4",
        "f = 6",
    ]
    assert [c.number for c in submission.cells] == [1, 2, 3, 4, 5, 6, 7]


def test_a_block_quote_gives_its_code() -> None:
    text = "> ```python\n> def f():\n>     return 1\n>\n> ```\n\n>> ```py\n>> x = 2 > 1\n>> ```\n"
    assert sources(parse_submission("a.md", text.encode())) == ["def f():\n    return 1\n", "x = 2 > 1"]
    assert parse_submission("a.txt", text.encode()).container == "markdown"


def test_python_that_quotes_a_fenced_block_is_python() -> None:
    text = f'"""\n```python\nzero_pad(X, 1)\n```\n"""\nimport numpy as np\n{CODE}'
    assert parse_submission("a.txt", text.encode()).container == "py"


def test_a_text_file_with_fences_is_markdown_and_without_it_is_python() -> None:
    assert parse_submission("a.txt", b"hello\n```python\nx = 1\n```\n").container == "markdown"
    assert parse_submission("a.txt", CODE.encode()).container == "py"


def test_reading_a_file_is_parsing_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "alice.ipynb"
    path.write_bytes(ipynb(CODE))
    assert read_submission(path) == parse_submission("alice.ipynb", path.read_bytes())


def test_the_limits_are_stated() -> None:
    assert (notebook.MOST_BYTES, notebook.MOST_CELLS) == (30_000_000, 10_000)
