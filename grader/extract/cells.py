"""Code cells become top-level statements, each with its place; what was left out is listed.

Statements rather than cells are what a slice is made of: a cell mixes definitions and trials.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from grader.errors import SubmissionError
from grader.extract import executed, magics, written
from grader.extract.imports import imported, inner_imports
from grader.extract.recovery import Broken, recover
from grader.model import Cell, Dropped, Level, Note, Place

#: Most text that is parsed; sending more to the sandbox is refused there as well.
MOST_TEXT = 256 * 1024
#: Most top-level statements; real hand-ins have at most a few hundred.
MOST_STATEMENTS = 5_000


class Statement(NamedTuple):
    """A top-level statement that parses. Lines are counted within its cell, from 1."""

    order: int  # position among all statements of the submission
    cell: Cell
    position: int  # of the cell in the submission
    node: ast.stmt
    first: int
    last: int
    lines: tuple[str, ...]
    is_guarded: bool = False  # it stands under the main guard

    @property
    def place(self) -> Place:
        """Where it begins, its decorators left aside."""
        return self.cell.place(self.node.lineno)


class Parsed(NamedTuple):
    """All that can be read of a submission."""

    statements: tuple[Statement, ...]
    broken: tuple[Broken, ...]
    dropped: tuple[Dropped, ...]
    notes: tuple[Note, ...]


def parse(cells: Sequence[Cell], wanted: Iterable[str]) -> Parsed:
    """Parse every cell; nothing that a cell holds makes this raise, save far too much text of it."""
    kept, dropped = _affordable(cells, tuple(wanted))
    files = written.files(cells, kept)
    modules = {at: module for module, found in files.items() for at in found}
    reading = _Reading(cells, [], [], dropped, [], files, modules)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "invalid escape sequence" is the student's business
        for position, cell in enumerate(cells):
            if position in kept and cell.source.strip():
                reading.read(cell, position)
    for position in (at for unread in reading.files.values() for at in unread):
        reading.leave_out(cells[position])
    statements = reading.statements
    if modules:
        alone = written.without_namesakes(statements, modules, reading.asked)
        statements = [one._replace(order=order) for order, one in enumerate(alone)]
    return Parsed(tuple(statements), tuple(reading.broken), tuple(reading.dropped), tuple(reading.notes))


class _Reading(Struct, eq=False):
    """What has been read so far."""

    cells: Sequence[Cell]
    statements: list[Statement]
    broken: list[Broken]
    dropped: list[Dropped]
    notes: list[Note]
    files: dict[str, list[int]]  # modules that cells write and nothing has imported so far, and these cells
    in_files: dict[int, str]  # cells that write modules, and these
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of modules that have been imported
    made: dict[str, str] = field(default_factory=dict)  # what stands for them, and its name
    asked: set[str] = field(default_factory=set)  # what is imported of them
    texts: dict[str, Cell] = field(default_factory=dict)  # names that hold a text, as far as is plain to see
    opened: list[int] = field(default_factory=list)  # how long the texts are that ``exec`` executes

    def read(self, cell: Cell, position: int) -> None:
        """Take in one cell."""
        if magics.other_language(cell.source):
            if position not in self.in_files:
                self.leave_out(cell)
        else:
            self.read_python(cell, position)

    def leave_out(self, cell: Cell) -> None:
        """List a cell that is not Python that runs."""
        language = magics.other_language(cell.source)
        reason = f"the cell begins with %%{language}, so it is not Python that runs in the notebook"
        self.dropped.append(Dropped(cell.place(_first_line(cell.source)), reason))

    def read_python(self, cell: Cell, position: int) -> None:
        """Take in the text of a cell, and before it the modules that it imports and other cells write."""
        found = recover(cell)
        if len(self.statements) + len(found.nodes) > MOST_STATEMENTS:
            reason = f"it would be more than {MOST_STATEMENTS:,} top-level statements"
            self.dropped.append(Dropped(cell.place(1), reason))
            return
        if found.plain:
            self.notes.append(_odd_note(cell, found.plain))
        self.broken += found.broken
        self.dropped += [Dropped(broken.place, _reason(broken)) for broken in found.broken]
        for line, command in found.not_run:
            module = magics.run_module(command)
            self.asked.add(f"{module}.*")
            if not self._open(module):
                self.dropped.append(Dropped(cell.place(line), f"`{command}` was not carried out"))
        if self.in_files:
            for one in (i for node in found.nodes for part in inner_imports(node) for i in imported(part)):
                self.asked.add(one.target)
                self._open(one.module)
                self._open(one.target)
        is_main = cell.number is not None and position not in self.in_files
        own = _unshared([_statement(0, cell, position, node, found.lines) for node in found.nodes])
        if is_main:
            own = [
                one for statement in own for one in (statement, *_under_main_guard(statement, found.lines))
            ]
        for statement in own:
            exported = magics.exported_cell(statement.node)
            if exported is not None:  # what nbconvert made of a %%time cell; its lines are all on this one
                self.read(Cell(exported, cell.number, cell.index, statement.place.line), position)
                continue
            if self._executes(statement, position):
                continue
            for mine in (
                written.without_imports(statement, self.names, self.made) if self.names else (statement,)
            ):
                self.statements.append(mine._replace(order=len(self.statements)))

    def _executes(self, statement: Statement, position: int) -> bool:
        """Take in the text that ``exec("…")`` executes; whether it is one."""
        program = executed.executed(statement.node, statement.cell, self.texts)
        if program is None or len(self.opened) >= executed.MOST or sum(self.opened) > MOST_TEXT:
            executed.learn(statement.node, statement.cell, self.texts)
            return False
        self.opened.append(len(program.source))
        self.read_python(program, position)
        return True

    def _open(self, module: str) -> bool:
        """Take in the cells that write a module, where it is imported first; whether there are any."""
        begin = len(self.statements)
        for position in self.files.pop(module, ()):
            self.read_python(self.cells[position], position)
            self.names[module] = ()  # one that imports itself
        if len(self.statements) > begin:
            self.names[module] = written.names_of_module(self.statements[begin:])
        return module in self.names


def _affordable(cells: Sequence[Cell], wanted: tuple[str, ...]) -> tuple[frozenset[int], list[Dropped]]:
    """The cells that fit into ``MOST_TEXT``: the largest that name no wanted function go first."""
    sizes = {at: len(cell.source.encode("utf-8", "replace")) for at, cell in enumerate(cells)}
    total = sum(sizes.values())
    dropped: list[Dropped] = []
    if total > MOST_TEXT:
        names = "|".join(map(re.escape, wanted))
        defines = re.compile(rf"(?:def|class|import|as)\s+(?:{names})\b|^(?:{names})\b[^(\n]*=", re.MULTILINE)
        spare = [at for at, cell in enumerate(cells) if not defines.search(cell.source)]
        for at in sorted(spare, key=lambda at: -sizes[at]):
            if total <= MOST_TEXT:
                break
            total -= sizes.pop(at)
            reason = f"the cell is {len(cells[at].source) / 1024:,.0f} KB long and defines no wanted function"
            dropped.append(Dropped(cells[at].place(1), reason))
    if total > MOST_TEXT:
        raise SubmissionError(
            f"the code to be read has {total / 1024:,.0f} KB, at most {MOST_TEXT // 1024} KB are graded"
        )
    dropped.sort(key=lambda d: (d.place.cell or 0, d.place.line))
    return frozenset(sizes), dropped


def _reason(broken: Broken) -> str:
    message = broken.message.removeprefix(f"{broken.place}: ")
    if broken.names:
        return f"{' and '.join(f'`{name}`' for name in broken.names[:3])} cannot be parsed: {message}"
    return f"it cannot be parsed: {message}"


def _statement(order: int, cell: Cell, position: int, node: ast.stmt, lines: list[str]) -> Statement:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(d.lineno for d in decorators)])
    while decorators and first > 1 and not lines[first - 1].lstrip().startswith("@"):
        first -= 1  # @(
    last = node.end_lineno or node.lineno
    return Statement(order, cell, position, node, first, last, tuple(lines[first - 1 : last]))


def _under_main_guard(statement: Statement, lines: list[str]) -> Iterator[Statement]:
    """The statements under ``if __name__ == "__main__":``: a notebook is the main program.

    They are judged beside the guard, which makes plain values among them those of a trial.
    """
    node = statement.node
    test = node.test if isinstance(node, ast.If) else None
    if (
        not isinstance(node, ast.If)
        or not isinstance(test, ast.Compare)
        or not isinstance(test.ops[0], ast.Eq)
    ):
        return
    sides = [getattr(side, "id", getattr(side, "value", "")) for side in (test.left, *test.comparators)]
    if sides not in (["__name__", "__main__"], ["__main__", "__name__"]):
        return
    for inner in node.body:
        one = _statement(0, statement.cell, statement.position, inner, lines)._replace(is_guarded=True)
        if one.first == one.last:
            text = one.lines[0].encode()[inner.col_offset : inner.end_col_offset].decode()
            yield one._replace(lines=(text,))
        else:
            yield one._replace(first=one.first - 1, lines=("if True:", *one.lines))


def _unshared(statements: list[Statement]) -> list[Statement]:
    """Statements of a cell that share a line (``a = 1; b = 2``) get their own part of it."""
    found = list(statements)
    for at, one in enumerate(statements):
        before = statements[at - 1] if at else None
        after = statements[at + 1] if at + 1 < len(statements) else None
        shares_first = before is not None and before.last == one.first
        shares_last = after is not None and after.first == one.last
        if shares_first or shares_last:
            lines = [line.encode() for line in one.lines]
            if shares_last:
                lines[-1] = lines[-1][: one.node.end_col_offset]
            if shares_first:
                lines[0] = lines[0][one.node.col_offset :]
            own = tuple(line.decode() for line in lines)
            found[at] = Statement(one.order, one.cell, one.position, one.node, one.first, one.last, own)
    return found


def _odd_note(cell: Cell, changed: tuple[int, ...]) -> Note:
    count = len(changed)
    where = f"line {cell.place(changed[0]).line}" if count == 1 else f"{count} lines"
    return Note(
        Level.INFO,
        f"Unusual blanks in {where} (copying from a web page leaves such) were read as plain blanks.",
        cell.place(changed[0]),
    )


def _first_line(text: str) -> int:
    """The line (from 1) of the first character that is no blank."""
    return text[: len(text) - len(text.lstrip())].count("\n") + 1
