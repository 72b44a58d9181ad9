"""Renders the student's own notebook through nbconvert, with each function's feedback after its cell.

The template is ours and so is every filter that touches text: nbconvert reads no template, no
configuration and no file of this machine here, and nothing of the notebook is run. What a notebook
holds is neither trusted nor of a decent size: it is cleaned, and cut to a budget.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.model import Submission
from grader.report.html.clean import Cleaner, plain
from grader.report.html.code import highlight
from grader.report.words import clean, counted

if TYPE_CHECKING:
    from nbformat import NotebookNode

TEMPLATES = Path(__file__).with_name("templates")

#: Characters: of one cell's code, Markdown and outputs, with a graded function and without.
SOURCE, OTHER_SOURCE, MARKDOWN = 60_000, 20_000, 20_000
OUTPUT, OTHER_OUTPUT, HTML_OUTPUT = 8_000, 3_000, 60_000
#: Characters of HTML for all cells together; what comes after is left out with a note.
PAGE = 1_000_000
#: Characters of Markdown that are read as such, the rest as plain text: some of it takes its reader a
#: time that grows with the square of its length.
PROSE = 400_000
#: Characters of HTML up to which cells between graded functions stand open.
SHORT = 2_500
#: Outputs of one cell that are looked at.
OUTPUTS = 100


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is said after a cell, and the lines of the cell that it points to."""

    html: str
    marked: tuple[int, ...] = ()


@dataclass
class _Budget:
    left: int = PAGE
    skipped: int = 0

    @property
    def spent(self) -> bool:
        """Whether so little is left that a part is not worth being rendered."""
        return self.left < 2_000

    def take(self, html: str, *, always: bool = False) -> str:
        if len(html) > self.left and not always:
            self.skipped += 1
            return ""
        self.left -= len(html)
        return html


def render(submission: Submission, feedback: Mapping[int, Sequence[Feedback]]) -> str:
    """The notebook as HTML. ``feedback`` stands after the cell with that index in the notebook.

    Raises ValueError where the file is no notebook that nbformat can make sense of.
    """
    notebook = _read(submission.raw)
    with warnings.catch_warnings():
        # nbconvert's imports speak of Jupyter's folders, which are not looked at here.
        warnings.simplefilter("ignore")
        exporter = _exporter(_Cells(submission, feedback))
        body, _ = exporter.from_notebook_node(notebook)
    return str(body)


def _read(raw: bytes) -> NotebookNode:
    """The notebook in nbformat's fourth version, without the parts that nobody will see."""
    import nbformat

    try:
        content = json.loads(raw.decode("utf-8-sig", "replace"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if content.get("nbformat", 4) < 4:
                content = nbformat.convert(nbformat.from_dict(content), 4)  # type: ignore[no-untyped-call]
        cells = [_cell(cell) for cell in content["cells"]]
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except Exception as error:
        raise ValueError(f"no readable notebook: {type(error).__name__}") from error
    shell = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    notebook: NotebookNode = nbformat.from_dict(shell)  # type: ignore[no-untyped-call]
    return notebook


def _cell(cell: Any) -> dict[str, Any]:
    cell = cell if isinstance(cell, dict) else {}
    kind = cell.get("cell_type")
    outputs = cell.get("outputs")
    attachments = cell.get("attachments")
    return {
        "cell_type": kind if kind in ("code", "markdown") else "raw",
        "metadata": {},
        "source": _joined(cell.get("source")),
        "outputs": [o for o in outputs if isinstance(o, dict)] if isinstance(outputs, list) else [],
        "attachments": attachments if isinstance(attachments, dict) else {},
    }


def _joined(text: Any) -> str:
    """nbformat writes text as a string or as a list of lines."""
    if isinstance(text, list):
        return "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""


def _exporter(cells: _Cells) -> Any:
    from nbconvert.exporters.templateexporter import TemplateExporter

    exporter = TemplateExporter(  # type: ignore[no-untyped-call]
        template_paths=[str(TEMPLATES)],
        template_file="notebook.html.j2",
        template_extension=".html.j2",
        default_preprocessors=[],
        filters={"grader_parts": cells.parts, "grader_rest": cells.rest},
    )
    exporter.environment.autoescape = True
    return exporter


# --------------------------------------------------------------------------- one cell


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a cell: text, cleaned HTML or a picture, or a note on what was left out."""

    kind: str  # "text", "html", "picture", "note"
    content: str


@dataclass(frozen=True, slots=True)
class Part:
    """Cells in a row; with a summary they are folded away behind it."""

    cells: tuple[dict[str, Any], ...]
    summary: str = ""


def _stretch(views: Sequence[dict[str, Any]]) -> list[Part]:
    if not views:
        return []
    if sum(len(view["html"]) for view in views) <= SHORT:
        return [Part(tuple(views))]
    numbers = [view["number"] for view in views if view["number"] is not None]
    where = ""
    if numbers:
        where = (
            f" (code cells {numbers[0]} to {numbers[-1]})"
            if len(numbers) > 1
            else f" (code cell {numbers[0]})"
        )
    return [Part(tuple(views), f"{counted(len(views), 'cell')} without a graded function{where}")]


@dataclass
class _Cells:
    """Turns one cell after the other into what the template shows."""

    submission: Submission
    feedback: Mapping[int, Sequence[Feedback]]
    cleaner: Cleaner = field(default_factory=Cleaner)
    budget: _Budget = field(default_factory=_Budget)
    prose_left: int = PROSE

    def __post_init__(self) -> None:
        self._numbers = {cell.index: cell.number for cell in self.submission.cells}
        self._count = 0

    def parts(self, cells: Sequence[NotebookNode]) -> list[Part]:
        """The cells in order; a long stretch of them between graded functions can be folded away."""
        parts: list[Part] = []
        stretch: list[dict[str, Any]] = []
        for index, cell in enumerate(cells):
            view = self.cell(cell, index)
            if not view["graded"]:
                stretch.append(view)
                continue
            parts += [*_stretch(stretch), Part((view,))]
            stretch = []
        return parts + _stretch(stretch)

    def cell(self, cell: NotebookNode, index: int) -> dict[str, Any]:
        """The view of the cell at ``index``."""
        said = self.feedback.get(index, ())
        number = None
        if cell.cell_type == "code":
            self._count += 1
            number = self._numbers.get(index, self._count)
        view: dict[str, Any] = {"kind": cell.cell_type, "number": number, "graded": bool(said)}
        view["feedback"] = [f.html for f in said]
        if self.budget.spent and not said:
            self.budget.skipped += 1
            view["html"], view["outputs"] = "", []
        elif cell.cell_type == "markdown":
            view["html"] = self.budget.take(self._markdown(cell))
        elif cell.cell_type == "raw":
            view["html"] = self.budget.take(f'<pre tabindex="0">{plain(clean(cell.source, MARKDOWN))}</pre>')
        else:
            marked = {line for f in said for line in f.marked}
            limit = SOURCE if said else OTHER_SOURCE
            view["html"] = self.budget.take(
                highlight(cell.source, marked=marked, limit=limit), always=bool(said)
            )
            view["outputs"] = [o for o in self._outputs(cell.outputs, bool(said)) if o.content]
        if said:
            self.cleaner.headings.last = 3
        return view

    def rest(self, _: object) -> str:
        """The note on what did not fit."""
        if not self.budget.skipped:
            return ""
        parts = counted(self.budget.skipped, "part")
        return f"{parts} of this notebook left out here: the page would have become too large."

    def _markdown(self, cell: NotebookNode) -> str:
        self.prose_left -= len(cell.source)
        if len(cell.source) > MARKDOWN or self.prose_left < 0:
            return f'<pre class="wrap" tabindex="0">{plain(clean(cell.source, MARKDOWN))}</pre>'
        try:
            html = to_html(cell.source, self._attachments(cell.attachments))
        except Exception:
            # A text that the Markdown reader chokes on (too deep, an attachment that is not there).
            return f'<pre class="wrap" tabindex="0">{plain(clean(cell.source, MARKDOWN))}</pre>'
        return self.cleaner.clean(clean(html, len(html)))

    @staticmethod
    def _attachments(attachments: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """Those that may be shown. nbconvert would prefer an SVG, so that one is taken out here."""
        kept: dict[str, dict[str, str]] = {}
        for name, bundle in attachments.items():
            pictures = bundle if isinstance(bundle, Mapping) else {}
            kept[name] = {
                m: _joined(pictures.get(m)) for m in ("image/png", "image/jpeg", "image/gif") if m in pictures
            }
            kept[name] = kept[name] or {"image/none": ""}
        return kept

    # ----------------------------------------------------------------- outputs

    def _outputs(self, outputs: Sequence[Mapping[str, Any]], graded: bool) -> list[Output]:
        limit = OUTPUT if graded else OTHER_OUTPUT
        shown: list[Output] = []
        for output in outputs[:OUTPUTS]:
            new = self._output(output, limit)
            if shown and shown[-1].kind == new.kind == "text":  # a loop of prints shares one limit
                shown[-1] = Output("text", _cut(shown[-1].content + new.content, limit))
            else:
                shown.append(new)
        if len(outputs) > OUTPUTS:
            shown.append(Output("note", f"{len(outputs) - OUTPUTS} more outputs are left out"))
        return [Output(o.kind, self.budget.take(o.content)) for o in shown]

    def _output(self, output: Mapping[str, Any], limit: int) -> Output:
        if output.get("output_type") == "stream":
            return Output("text", _text(output.get("text"), limit))
        if output.get("output_type") == "error":
            trace = output.get("traceback")
            lines = trace if isinstance(trace, list) else []
            said = "\n".join(line for line in lines[:200] if isinstance(line, str))
            return Output("text", _text(said or f"{output.get('ename')}: {output.get('evalue')}", limit))
        data = output.get("data")
        return self._bundle(data if isinstance(data, Mapping) else {}, limit)

    def _bundle(self, data: Mapping[str, Any], limit: int) -> Output:
        for mime in ("image/png", "image/jpeg", "image/gif"):
            if mime in data:
                address = self.cleaner.picture(mime, _joined(data[mime]))
                return (
                    Output("picture", address)
                    if address
                    else Output("note", f"{mime}, too large or unreadable")
                )
        html = _joined(data.get("text/html"))
        if html and len(html) <= HTML_OUTPUT:
            kept = self.cleaner.clean(clean(html, HTML_OUTPUT))
            if re.sub(r"<[^>]*>|\s", "", kept):
                return Output("html", kept)
        text = _joined(data.get("text/plain"))
        if text:
            return Output("text", _text(text, limit) + "\n")
        kinds = ", ".join(sorted(clean(str(kind), 60) for kind in list(data)[:6]))
        return Output("note", f"{kinds}: not shown here" if kinds else "")


#: What terminals read as colours and cursor movements.
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]")


def _text(value: Any, limit: int) -> str:
    text = _ANSI.sub("", _joined(value)[: 2 * limit]).replace("\r\n", "\n")
    return _cut(clean(text, 2 * limit), limit)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit].removesuffix(_REST)}{_REST}"


_REST = "\n[the rest of this output is left out]\n"


def to_html(source: str, attachments: dict[str, dict[str, str]]) -> str:
    """Markdown as HTML by nbconvert's reader, which knows formulas and attachments. Not cleaned yet."""
    from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

    class Renderer(IPythonRenderer):
        """Formulas stay as they were typed: without a script nothing can set them."""

        def block_math(self, body: str) -> str:
            return f"<p><code>$${self.escape_html(body)}$$</code></p>"

        def inline_math(self, body: str) -> str:
            return f"<code>${self.escape_html(body)}$</code>"

        def image(self, text: str, url: str, title: str | None = None) -> str:
            try:
                return str(super().image(text, url, title))
            except InvalidNotebook:  # the attachment is not there: the other pictures still are
                return f'<img alt="{self.escape_html(text)}">'

        def block_code(self, code: str, info: str | None = None) -> str:
            return f"<pre><code>{self.escape_html(code)}</code></pre>"

    renderer = Renderer(escape=False, attachments=attachments, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(source))
