"""Takes everything out of a student's Markdown and HTML that could do more than be read.

Two walls: an allow-list (nh3, the sanitiser that Mozilla's ammonia became) for what gets into the
page, and the page's content security policy, under which nothing of it could run or be fetched.
Classes, ids and styles are not let in either, so that a hand-in cannot dress up as the grader.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from html import escape

TAGS = frozenset(
    {
        *("a", "b", "blockquote", "br", "code", "del", "div", "em", "hr", "i", "img", "kbd", "p", "pre", "s"),
        *("span", "strong", "sub", "sup", "u", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "ul"),
        *("caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
    }
)
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
#: Elements that go with all that is inside them; of others only the tags go.
_WITH_CONTENT = frozenset(
    {
        *("script", "style", "iframe", "object", "embed", "svg", "math", "template", "noscript", "title"),
        "textarea",
    }
)

#: The first bytes of the pictures that are shown. SVG is not among them: it is a document.
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def data_picture(mime: str, encoded: str, limit: int) -> str | None:
    """A ``data:`` address of a PNG, JPEG or GIF, encoded anew; None for anything else, or too large."""
    compact = "".join(encoded.split()) if isinstance(encoded, str) else ""
    if not compact or len(compact) > limit:
        return None
    try:
        raw = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        return None
    found = next((kind for start, kind in _SIGNATURES.items() if raw.startswith(start)), None)
    if found is None or mime.strip().lower() not in (found, "image/jpg" if found == "image/jpeg" else found):
        return None
    return f"data:{found};base64,{base64.b64encode(raw).decode('ascii')}"


@dataclass
class Headings:
    """Fits a student's headings below the page's own: no level is skipped on the way down."""

    last: int = 3
    lowest: int = 3

    def fit(self, level: int) -> int:
        self.last = min(max(level + self.lowest - 1, self.lowest), self.last + 1, 6)
        return self.last


@dataclass
class Cleaner:
    """Cleans one notebook's HTML; pictures share one budget of characters."""

    pictures_left: int = 700_000
    headings: Headings = field(default_factory=Headings)

    def clean(self, html: str) -> str:
        """``html`` with nothing left in it but text, tables, lists, headings, links and pictures."""
        import nh3

        kept = nh3.clean(
            html,
            tags=set(TAGS),
            clean_content_tags=set(_WITH_CONTENT),
            attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
            attribute_filter=self._attribute,
            url_schemes={"http", "https", "mailto", "data"},
            link_rel="noopener noreferrer nofollow",
            strip_comments=True,
        )
        return self._fit(kept)

    def picture(self, mime: str, encoded: object, limit: int = 300_000) -> str | None:
        """A picture's ``data:`` address, as long as the budget lasts."""
        address = data_picture(
            mime, encoded if isinstance(encoded, str) else "", min(limit, self.pictures_left)
        )
        if address is not None:
            self.pictures_left -= len(address)
        return address

    def _attribute(self, tag: str, name: str, value: str) -> str | None:
        if name == "src":
            match = re.fullmatch(r"\s*data:([a-z]+/[a-z+.-]+);base64,(.*)", value, re.IGNORECASE | re.DOTALL)
            return self.picture(match[1], match[2]) if match else None
        if name == "href":
            return value if re.match(r"(https?://|mailto:)", value, re.IGNORECASE) else None
        if name in ("colspan", "rowspan"):
            return value if value.isdecimal() and value.isascii() and 1 <= int(value[:4]) <= 50 else None
        return value[:300]

    def _fit(self, html: str) -> str:
        """The same HTML, fitted into a page: headings in order, wide parts in their own scroller,
        pictures with words, no list item outside a list, no link without a text."""
        out: list[str] = []
        depth = 0
        open_heading: list[int] = []
        at = 0
        for match in _TAG.finditer(html):
            out.append(html[at : match.start()])
            at = match.end()
            closing, name, attributes = bool(match[1]), match[2], match[3]
            if name in ("ul", "ol"):
                depth += -1 if closing else 1
            if name == "li" and depth <= 0:
                continue
            if len(name) == 2 and name[0] == "h" and name[1] in "123456":
                if not closing:
                    open_heading.append(self.headings.fit(int(name[1])))
                if not open_heading:
                    continue
                level = open_heading.pop() if closing else open_heading[-1]
                out.append(f"<{match[1]}h{level}>")
            elif name == "img":
                out.append(_img(attributes))
            elif name == "table":
                out.append("</table></div>" if closing else f"{_SCROLL}<table>")
            elif name == "pre" and not closing:
                out.append('<pre tabindex="0">')
            else:
                out.append(match[0])
        out.append(html[at:])
        return _EMPTY_LINK.sub("", _EMPTY_HEADING.sub("", "".join(out)))


_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"]*")*)\s*/?>')
_EMPTY_LINK = re.compile(r'<a(?:\s+[a-z-]+="[^"]*")*>\s*</a>')
_EMPTY_HEADING = re.compile(r"<h([3-6])>\s*</h\1>")
_SCROLL = '<div class="scroll" tabindex="0" role="group" aria-label="Table from the notebook">'


def _img(attributes: str) -> str:
    found = dict(re.findall(r'([a-z-]+)="([^"]*)"', attributes))
    words = found.get("alt") or found.get("title") or ""
    if "src" not in found:
        return f'<span class="left-out">[picture not shown{": " if words else ""}{words}]</span>'
    return f'<img src="{found["src"]}" alt="{words or "picture from the notebook"}">'


def plain(text: str) -> str:
    """Text as HTML text."""
    return escape(text, quote=True)
