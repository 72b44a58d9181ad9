"""Finds the submissions in what an instructor has: files, folders, patterns, a platform's zip.

Whatever a student handed in shows up: a hand-in without a notebook, or one that is refused, is found
too, with the reason, so that nobody is lost between the download and the marks.
"""

from __future__ import annotations

import glob
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain, groupby
from pathlib import Path, PurePosixPath

from grader.batch import listing, names, zips
from grader.batch.listing import Item, Refused
from grader.errors import UsageError

#: What can hold functions, the best first: beside a notebook a .py file is a helper module.
KINDS: tuple[frozenset[str], ...] = (
    frozenset({".ipynb"}),
    frozenset({".py"}),
    frozenset({".md", ".markdown", ".qmd", ".rmd"}),
)
METADATA = "submission_metadata.yml"
MOST_METADATA = 50_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """One hand-in: its name in reports, its student, its report's file name (not yet unique)."""

    name: str
    student: str
    label: str
    path: Path
    member: str = ""
    problem: str = ""


def collect(paths: Sequence[str], skip: Path | None = None) -> Iterator[Found]:
    """The hand-ins in ``paths``, in a fixed order; ``skip`` is the batch's own folder.

    Raises UsageError where a path is nothing that can be looked into.
    """
    expanded = list(chain.from_iterable(_expand(path) for path in paths))
    several = len(expanded) > 1
    for path in expanded:
        if path.is_dir():
            found = _in_folder(path, skip)
            yield from _of_many(path.resolve().name, found) if several else found
        elif path.is_file():
            yield from _in_file(path)
        elif path.exists():
            raise UsageError(f"{path} is neither a file nor a folder")
        else:
            raise UsageError(f"{path}: there is no such file or folder")


def _expand(path: str) -> list[Path]:
    """A pattern that the shell left alone, by name; anything else is itself."""
    if Path(path).exists() or not glob.has_magic(path):
        return [Path(path)]
    matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 (Path.glob takes no absolute pattern)
    if not matches:
        raise UsageError(f"{path}: no file has a name like this")
    return [Path(match) for match in matches]


def _of_many(folder: str, found: Iterator[Found]) -> Iterator[Found]:
    """The hand-ins of one folder among several: a single one is called after the folder."""
    first = next(found, None)
    second = next(found, None)
    if first is not None and second is None:
        yield replace(first, name=f"{folder}/{first.name}", student=folder, label=names.safe(folder))
        return
    for one in chain(filter(None, (first, second)), found):
        yield replace(one, name=f"{folder}/{one.name}")


def _in_file(path: Path) -> Iterator[Found]:
    if path.suffix.lower() == ".zip" or (_kind(path.name) is None and zipfile.is_zipfile(path)):
        with closing(zips.open_zip(path)) as archive:
            every = list(_without_top(list(zips.items(archive))))
            people = _people(archive, every)
        yield from _hand_ins(every, path, people)
        return
    owner = names.owner(path.name)
    yield Found(path.name, owner.student, names.safe(owner.label), path)


def _in_folder(path: Path, skip: Path | None) -> Iterator[Found]:
    root = _only_folder(path, skip)
    metadata = root / METADATA
    people: Mapping[str, str] = {}
    if metadata.is_file() and metadata.stat().st_size < MOST_METADATA:
        people = _submitters(metadata.read_bytes())
    yield from _hand_ins(listing.items(root, skip), root, people)


def _only_folder(path: Path, skip: Path | None) -> Path:
    """The folder below ``path`` that holds everything, where an unpacked zip has put one around it."""
    try:
        first = _two_entries(path, skip)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(first) != 1 or first[0].is_symlink() or not first[0].is_dir():
        return path
    try:
        around = len(_two_entries(first[0], skip)) > 1
    except OSError:  # to be named as a hand-in that cannot be read
        return path
    return first[0] if around and not names.owner(f"{first[0].name}/x.ipynb").exported else path


def _two_entries(folder: Path, skip: Path | None) -> list[Path]:
    """What the folder holds, as far as two of them; the batch's own folder is none."""
    out = skip.resolve() if skip else None
    found: list[Path] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if not listing.ignored(entry.name) and not (
                entry.is_dir(follow_symlinks=False) and path.resolve() == out
            ):
                found.append(path)
            if len(found) == 2:
                break
    return found


def _without_top(items: Sequence[Item]) -> Iterable[Item]:
    """The same for the names in a zip."""
    visible = [i for i in items if not any(listing.ignored(p) for p in PurePosixPath(i.relative).parts)]
    tops = {PurePosixPath(i.relative).parts[0] for i in visible}
    if len(tops) != 1:
        return visible
    top = tops.pop()
    below = {i.relative.split("/")[1] for i in visible if "/" in i.relative}
    if len(below) < 2 or names.owner(f"{top}/x.ipynb").exported:
        return visible
    return [replace(i, relative=i.relative[len(top) + 1 :]) for i in visible]


def _people(archive: zipfile.ZipFile, items: Sequence[Item]) -> Mapping[str, str]:
    found = next((i for i in items if i.relative == METADATA and not i.problem), None)
    return _submitters(zips.read_member(archive, found.member)) if found else {}


def _submitters(raw: bytes) -> Mapping[str, str]:
    import yaml

    try:
        return names.submitters(yaml.load(raw, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (yaml.YAMLError, RecursionError):
        return {}


def _hand_ins(items: Iterable[Item], source: Path, people: Mapping[str, str]) -> Iterator[Found]:
    """The hand-ins among the files of one folder or zip: of each unit its best kind of file."""
    owned = ((names.owner(item.relative, people), item) for item in items)
    for _, group in groupby(owned, key=lambda pair: pair[0].unit):
        pairs = list(group)
        chosen = [p for p in pairs if p[1].relative in _chosen([i for _, i in pairs])]
        refused = [p for p in pairs if p[1].problem and (_kind(p[1].relative) or p[1].is_folder)]
        for owner, item in (*chosen, *refused):
            several = len(chosen) + len(refused) > 1 and owner.file != owner.label
            label = f"{owner.label} {owner.file}" if several else owner.label
            path = item.path or source
            yield Found(item.relative, owner.student, names.safe(label), path, item.member, item.problem)
        if not chosen and not refused:
            yield from _without_notebook(pairs, source)


def _chosen(items: Sequence[Item]) -> frozenset[str]:
    for kind in KINDS:
        best = frozenset(i.relative for i in items if not i.problem and _suffix(i.relative) in kind)
        if best:
            return best
    return frozenset()


def _without_notebook(pairs: Sequence[tuple[names.Owner, Item]], source: Path) -> Iterator[Found]:
    """A student who handed in something else. Beside the hand-ins of a plain folder other files may lie;
    a folder of its own or a zip is taken for a student's."""
    owner, item = pairs[0]
    files = [PurePosixPath(i.relative).name for _, i in pairs if PurePosixPath(i.relative).name != METADATA]
    packed = next((f for f in files if _suffix(f) == ".zip"), None)
    if packed is not None:
        problem = f"refused: {packed} is a zip inside the hand-in and is not opened; unpack it first"
    elif owner.exported or "/" in item.relative:
        shown = ", ".join(files[:5]) + (f" and {len(files) - 5} more" if len(files) > 5 else "")
        problem = f"there is no notebook in this hand-in, only {shown}"
    else:
        return
    yield Found(
        item.relative, owner.student, names.safe(owner.label), item.path or source, item.member, problem
    )


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _kind(name: str) -> frozenset[str] | None:
    return next((kind for kind in KINDS if _suffix(name) in kind), None)


class Reader:
    """Reads hand-ins again when their turn comes; keeps the zip open that it read from last."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._archive: zipfile.ZipFile | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def read(self, path: Path, member: str) -> bytes:
        """The bytes; raises Refused with the reason."""
        if not member:
            return listing.read_file(path)
        if self._archive is None or path != self._path:
            self._close()
            try:
                self._archive, self._path = zips.open_zip(path), path
            except UsageError as error:
                raise Refused(str(error)) from None
        try:
            return zips.read_member(self._archive, member)
        except KeyError:
            raise Refused("it is no longer in the zip") from None

    def _close(self) -> None:
        if self._archive is not None:
            self._archive.close()
        self._archive = self._path = None
