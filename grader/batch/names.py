"""Whose file is it? Reads the student's name out of what Moodle, Canvas and Gradescope call their files.

The systems agree on nothing, but each has one habit that never changes; a path that shows none of them
belongs to the folder it lies in, or to its own name.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

#: ``Ada Lovelace_12345_assignsubmission_file_`` as a folder, or in front of the file's own name.
_MOODLE = re.compile(r"^(?P<name>.+?)_(?:(?P<id>\d+)_)?assignsubmission_(?:file|onlinetext)(?:_|$)")
#: ``lovelaceada_LATE_123_4567_notebook-1.ipynb``: the student's number, then the upload's.
_CANVAS = re.compile(r"^(?P<name>[^_]+)_(?:late_)?(?P<id>\d+)_\d+_.", re.IGNORECASE)
_GRADESCOPE = re.compile(r"^submission_(?P<id>\d+)$")

#: What Windows keeps for devices, whatever comes after the first dot.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))})
_UNSAFE = re.compile(r"[^\w .()@+,=-]|[\x00-\x1f]")
MOST_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Owner:
    """Who handed a file in.

    ``unit`` is the same for all files of one hand-in. ``label`` is what its report is called, not yet
    made safe; ``file`` tells several files of one hand-in apart. ``exported``: the path is from a
    learning platform, so that every unit is a student.
    """

    unit: str
    student: str
    label: str
    file: str
    exported: bool


def owner(path: str, submitters: Mapping[str, str] | None = None) -> Owner:
    """The owner of the file at ``path`` (relative, with ``/``).

    ``submitters`` maps Gradescope's ``submission_123`` to a name, out of its metadata.
    """
    parts = PurePosixPath(path).parts
    stem = PurePosixPath(path).stem or path
    for depth, part in enumerate(parts, start=1):
        if match := _MOODLE.match(part):
            label = f"{match['name']}_{match['id']}" if match["id"] else match["name"]
            file = PurePosixPath(part[match.end() :]).stem if depth == len(parts) else stem
            return Owner("/".join((*parts[: depth - 1], label)), match["name"], label, file, True)
        if (match := _GRADESCOPE.match(part)) and depth < len(parts):
            name = (submitters or {}).get(part, "")
            label = f"{name}_{match['id']}" if name else part
            return Owner("/".join(parts[:depth]), name or part, label, stem, True)
    if match := _CANVAS.match(parts[-1]):
        label = f"{match['name']}_{match['id']}"
        file = PurePosixPath(parts[-1][match.end() - 1 :]).stem
        return Owner("/".join((*parts[:-1], label)), match["name"], label, file, True)
    if len(parts) > 1:
        return Owner(parts[0], parts[0], parts[0], stem, False)
    return Owner(path, stem, stem, stem, False)


def submitters(metadata: object) -> dict[str, str]:
    """Names out of Gradescope's ``submission_metadata.yml``; what is not as expected is left out."""
    found: dict[str, str] = {}
    if not isinstance(metadata, Mapping):
        return found
    for folder, entry in metadata.items():
        people = entry.get(":submitters", entry.get("submitters")) if isinstance(entry, Mapping) else None
        names = [
            str(person.get(":name", person.get("name")) or "").strip()
            for person in (people if isinstance(people, list) else [])
            if isinstance(person, Mapping)
        ]
        if any(names):
            found[str(folder)] = " & ".join(filter(None, names))
    return found


def safe(label: str) -> str:
    """``label`` as a file name that every system takes: no separator, no device, not too long."""
    text = unicodedata.normalize("NFC", label)
    text = _UNSAFE.sub("_", text.encode("utf-8", "replace").decode("utf-8")).strip(" .")
    if not text or text.split(".")[0].strip().casefold() in _DEVICES:
        text = f"_{text}"
    if len(text) > MOST_CHARACTERS or len(text.encode()) > 2 * MOST_CHARACTERS:
        mark = mark_of(label)
        while len(text) > MOST_CHARACTERS - 7 or len(text.encode()) > 2 * MOST_CHARACTERS - 7:
            text = text[:-1]
        text = f"{text.rstrip(' .')}-{mark}"
    return text


def mark_of(text: str) -> str:
    """Six characters that tell one path from another, the same on every machine."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
