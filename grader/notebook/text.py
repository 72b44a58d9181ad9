"""Bytes become text: which encoding a file was saved in, and what is plainly not text at all.

A hand-in that an editor saved as UTF-16, Windows-1252 or GB 18030 still holds good Python; only
its comments suffer when we guess wrong, so a guess with a note is fairer than a refusal.
"""

from __future__ import annotations

import codecs
import re

from grader.errors import SubmissionError
from grader.model import Level, Note

_BOMS = (  # the longer mark first: UTF-32-LE begins like UTF-16-LE
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_TEXT = (
    (b"PK\x03\x04", "a ZIP archive (or an Office document)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array file"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "a rich-text document"),
)
_COOKIE = re.compile(rb"^[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)", re.MULTILINE)
_CONTROL = bytes(set(range(32)) - {8, 9, 10, 12, 13, 27, 26})


def decode(name: str, raw: bytes) -> tuple[str, tuple[Note, ...]]:
    """The text of a file with ``\\n`` line ends and without byte-order mark, and what was odd about it."""
    if not raw.strip(b"\0 \t\r\n\f\xef\xbb\xbf\xfe\xff"):
        raise SubmissionError(f"{name} is empty" if not raw else f"{name} holds nothing but blanks")
    for magic, what in _NOT_TEXT:
        if raw.startswith(magic):
            raise SubmissionError(f"{name} is {what}, expected a notebook or a Python file")
    source, notes = _decode(name, raw)
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if _is_html(source):
        raise SubmissionError(
            f"{name} is an HTML page, not a notebook: a web page was saved instead of the file itself"
        )
    return without_surrogates(source), notes


def without_surrogates(source: str) -> str:
    """The text with every half of a surrogate pair replaced; such text can neither be parsed nor printed."""
    try:
        source.encode("utf-8")
    except UnicodeEncodeError:
        return source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return source


def _decode(name: str, raw: bytes) -> tuple[str, tuple[Note, ...]]:
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            try:
                return raw[len(bom) :].decode(encoding), ()
            except UnicodeDecodeError:
                break
    wide = _wide(raw)
    if wide:
        return wide, (_guess("UTF-16 without a byte-order mark"),)
    if _is_binary(raw):
        raise SubmissionError(f"{name} is a binary file, expected a notebook or a Python file")
    try:
        return raw.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    for encoding in _candidates(raw):
        try:
            source = raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if encoding != "gb18030" or _is_chinese(source):
            return source, (_guess(encoding),)
    return raw.decode("latin-1"), (_guess("latin-1"),)


def _candidates(raw: bytes) -> tuple[str, ...]:
    cookie = _COOKIE.search(raw[:400])
    declared = cookie.group(1).decode("ascii", "replace") if cookie else ""
    try:
        usable = declared and codecs.lookup(declared)._is_text_encoding  # not rot13, zlib and friends
    except (LookupError, ValueError):
        usable = False
    return (*((declared,) if usable else ()), "gb18030", "cp1252")


def _guess(encoding: str) -> Note:
    return Note(Level.INFO, f"The file is not UTF-8; it was read as {encoding}. Code is not affected.")


def _wide(raw: bytes) -> str:
    """UTF-16 without a mark shows as a NUL beside nearly every ASCII letter."""
    head = raw[:4000]
    for encoding, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if len(head) > 3 and head[first::2].count(0) > 0.6 * len(head[first::2]) and b"\0\0" not in head:
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return ""


def _is_binary(raw: bytes) -> bool:
    """More than one control character in a hundred; a stray NUL in a script is not enough."""
    head = raw[:100_000]
    controls = len(head) - len(head.translate(None, _CONTROL))
    return controls > max(8, len(head) // 100)


def _is_chinese(source: str) -> bool:
    foreign = [c for c in source[:200_000] if ord(c) > 0x7F]
    chinese = sum("\u2e80" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef" for c in foreign)
    return chinese > 0.8 * len(foreign)


def _is_html(source: str) -> bool:
    head = source[:1000].lstrip().lower()
    return head.startswith(("<!doctype html", "<html", "<head", "<?xml", "<body")) or (
        head.startswith("<") and "<html" in head
    )
