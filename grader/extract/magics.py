"""Jupyter's own commands (``%time``, ``!ls``, ``np.pad?``) are taken out of a cell that does not parse.

A cell that parses is never touched: ``%`` is also an operator. The common commands stand on a line
of their own and are replaced there; only ``x = %time f()`` and ``files = !ls`` are left to IPython,
which knows all of their forms and is slow to import.
"""

from __future__ import annotations

import ast
import re

from grader.extract.lexical import tokens

_CELL_MAGIC = re.compile(r"(?:[ \t]*(?:\#[^\n]*)?\n)*[ \t]*%%(\w[\w.]*)[^\n]*")
_WRITES = re.compile(
    r"(?:[ \t]*(?:\#[^\n]*)?\n)*[ \t]*%%(?:write)?file[ \t]+(-a[ \t]+)?[\"']?(?:\./)?(\w[\w/]*)\.py\b"
)
#: Cell magics whose body is Python that runs in the notebook itself.
_RUNS_PYTHON = frozenset(
    ("time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "snakeviz", "heat", "debug", "scalene",
     "pyinstrument", "wandb", "nbtutor", "notify", "black", "skip", "cython", "ipytest", "run_pytest")
)  # fmt: skip
#: What ``%pylab`` does.
_PYLAB = "from pylab import *"
#: What a terminal writes before a line, of Python and of IPython; a notebook takes it off.
_PROMPTS = (
    re.compile(r"^(?:>>>|\.\.\.)(?: |$)", re.MULTILINE),
    re.compile(r"^(?:In ?\[\d+\]: ?|[ \t]*\.{3,}: ?)", re.MULTILINE),
)
_COMMAND = re.compile(r"^[ \t]*(?:%|!|\?)")
_HELP = re.compile(r"[%\w][\w.*\[\]'\"%]*[ \t]*\?{1,2}$")
_ASSIGNED = re.compile(r"^[ \t]*[\w., \t\[\]'\"()*]+=[ \t]*[%!](?!=)")
_TIMED = re.compile(r"^([ \t]*[^=%!]+=[ \t]*)%time[ \t]+(\S.*)$")
#: ``%time WIDTHS = table(10)`` binds the name, ``%timeit`` does not.
_BINDS = r"((?:import|from)\b.+|[\w.,: \t\[\]*]+=(?!=).+)"
_TIME_BINDS = re.compile(rf"^[ \t]*%time[ \t]+{_BINDS}$")
_RUNS_A_FILE = re.compile(r"[ \t]*(%(?:run|load|loadpy|execfile|import_notebook)\b[^\n]{0,80})")
_RUNS = re.compile(r"%run[ \t]+(?:-i[ \t]+)?[\"']?(?:\./)?(\w[\w/]*)(?:\.py)?[\"']?[ \t]*$")
_LONGEST_COMMAND = 2_000
_MOST_BY_IPYTHON = 50


def other_language(text: str) -> str | None:
    """The name of the cell magic if it says that the cell is not Python (``%%bash``), else None."""
    match = _CELL_MAGIC.match(text)
    if match and match.group(1) not in _RUNS_PYTHON:
        return match.group(1)
    return None


def written_module(text: str) -> tuple[str, bool] | None:
    """The module that a cell writes (``%%writefile layers.py``), and whether it is added to what is there."""
    match = _WRITES.match(text)
    return (match.group(2).replace("/", "."), match.group(1) is not None) if match else None


def run_module(command: str) -> str:
    """The module that ``%run layers.py`` runs, else ''."""
    match = _RUNS.match(command)
    return match.group(1).replace("/", ".") if match else ""


def bring_in_code(text: str) -> tuple[tuple[int, str], ...]:
    """The commands of a cell that would run or load another file (``%run helpers.py``), and their lines."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        match = _RUNS_A_FILE.match(line)
        if match:
            found.append((number, match.group(1)))
    return tuple(found)


def exported_cell(node: ast.stmt) -> str | None:
    """The Python of ``get_ipython().run_cell_magic('time', '', '…')``, which nbconvert makes of a cell,
    and of ``get_ipython().run_line_magic('time', 'x = …')`` and ``('pylab', 'inline')``."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    given = [part.value if isinstance(part, ast.Constant) else None for part in call.args]
    texts = [text for text in given if isinstance(text, str)]
    if call.func.attr == "run_cell_magic" and len(texts) == 3 and texts[0] in _RUNS_PYTHON:
        return texts[2]
    if call.func.attr not in ("run_line_magic", "magic"):
        return None
    line = f"%{' '.join(texts)}"
    timed = _TIME_BINDS.match(line)
    if timed:
        return timed.group(1)
    return _PYLAB if line.startswith("%pylab") else None


def without_prompts(text: str) -> str:
    """``text`` as a notebook reads it that was pasted from a terminal (``>>> x = 1``, ``In [3]: x = 1``)."""
    for prompt in _PROMPTS:
        if prompt.match(text.lstrip("\n")):
            text = prompt.sub("", text)
    return text


def without_commands(text: str) -> str:
    """``text`` with every command replaced by ``pass``, the other lines and their numbers as they were."""
    if not any(mark in text for mark in "%!?"):
        return text
    lines = text.split("\n")
    by_ipython = 0
    for at in _statement_lines(text):
        line = lines[at]
        if _COMMAND.match(line) or _HELP.match(line.strip(" \t;")):
            timed = _TIME_BINDS.match(line)
            if timed:
                lines[at] = _indent(line) + timed.group(1)
                continue
            last = at
            while lines[last].endswith("\\") and last + 1 < len(lines):  # a command may be continued
                last += 1
            instead = _PYLAB if line.lstrip().startswith("%pylab") else "pass"
            lines[at : last + 1] = [_indent(line) + instead] + [""] * (last - at)
        elif len(line) < _LONGEST_COMMAND and by_ipython < _MOST_BY_IPYTHON and _ASSIGNED.match(line):
            by_ipython += 1
            lines[at] = _by_ipython(line)
    return "\n".join(lines)


def _statement_lines(text: str) -> list[int]:
    """The lines (from 0) that begin outside strings and brackets."""
    found = [0]
    depth = 0
    line = 0
    for token in tokens(text):
        if token.kind == "open":
            depth += 1
        elif token.kind == "close":
            depth = max(0, depth - 1)
        elif token.kind in ("newline", "continued"):
            line += 1
            if token.kind == "newline" and depth == 0:
                found.append(line)
        else:
            line += text.count("\n", token.start, token.end)
    return found


def _by_ipython(line: str) -> str:
    """``x = %time f()`` as the call that IPython makes of it, which no slice keeps."""
    timed = _TIMED.match(line)
    if timed:  # the value is that of the expression
        return timed.group(1) + timed.group(2)
    indent = _indent(line)
    try:
        from IPython.core.inputtransformer2 import TransformerManager

        manager = TransformerManager()  # type: ignore[no-untyped-call]
        transformed = str(manager.transform_cell(line.strip() + "\n")).rstrip("\n")
    except Exception:  # a foreign library on hostile text: the line stays and does not parse
        return line
    return line if "\n" in transformed else indent + transformed


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
