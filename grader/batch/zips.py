"""Looks into a zip without unpacking it: nothing in it is written anywhere, whatever its names say.

A learning platform packs what students uploaded as it came, so a member may be anything. One that
cannot be graded is refused by itself, with a sentence; an archive that is not what it says it is, as a
whole. A member is read into memory up to the size a notebook may have, never by the size it claims.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from grader.batch.listing import Item, Refused, refuse_size
from grader.errors import UsageError
from grader.notebook import MOST_BYTES

MOST_MEMBERS = 500_000
#: Text packs to a tenth or a fiftieth; an archive that unpacks to more than this is made to do harm.
MOST_RATIO = 300
#: ... but small ones can do none.
SMALL = 200_000_000

_ENCRYPTED = 0x1


def open_zip(path: Path) -> zipfile.ZipFile:
    """The archive at ``path``; raises UsageError where it is none, or is a bomb."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UsageError(f"{path} is no zip archive that can be read: {error}") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    try:
        _check(archive, path)
    except BaseException:
        archive.close()
        raise
    return archive


def _check(archive: zipfile.ZipFile, path: Path) -> None:
    members = archive.infolist()
    size = path.stat().st_size
    if len(members) > MOST_MEMBERS:
        raise UsageError(f"{path} holds {len(members):,} files, at most {MOST_MEMBERS:,} are read")
    if sum(m.compress_size for m in members) > size:
        raise UsageError(f"{path} is refused: its parts overlap, as only those of a zip bomb do")
    total = sum(m.file_size for m in members)
    if total > SMALL and total > MOST_RATIO * size:
        raise UsageError(
            f"{path} is refused: its {size / 1e6:,.1f} MB would unpack to {total / 1e9:,.1f} GB, as only a"
            " zip bomb does"
        )


def items(archive: zipfile.ZipFile) -> Iterator[Item]:
    """The files of the archive by name; of two with one name the last, as unpacking would have it."""
    last = {m.filename: m for m in archive.infolist() if not m.is_dir()}
    named = sorted((tuple(_parts(name)), name) for name in last)
    for parts, name in named:
        yield Item("/".join(parts), _problem(name, last[name]), member=name)


def _parts(name: str) -> list[str]:
    """The path without what would lead out of a folder (``_problem`` says so)."""
    name = re.sub(r"^[A-Za-z]:", "", name.replace("\\", "/"))
    return [part for part in name.split("/") if part not in ("", ".", "..")] or ["unnamed"]


def _problem(name: str, member: zipfile.ZipInfo) -> str:
    path = name.replace("\\", "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "refused: its name in the zip is an absolute path"
    if ".." in path.split("/"):
        return "refused: its name in the zip leads out of the zip (..)"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "refused: it is a symbolic link and not a file"
    if member.flag_bits & _ENCRYPTED:
        return "refused: it is encrypted"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "refused: it is packed by a method that is not read here (expected deflate)"
    if member.file_size > MOST_BYTES:
        return refuse_size(member.file_size)
    return ""


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of one member; raises Refused with the reason."""
    try:
        with archive.open(name) as file:
            raw = file.read(MOST_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Refused(f"refused: the zip is damaged at this place ({error})") from None
    if len(raw) > MOST_BYTES:
        raise Refused(refuse_size(len(raw)))
    return raw
