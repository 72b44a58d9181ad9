"""A hand-out as a set of files in memory: made first, looked through, and only then written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from grader.cases import CaseSet
from grader.checker.public import dump
from grader.errors import ConfigError
from grader.pack import Pack
from grader.release.footprint import footprints
from grader.release.leaks import Leak, Secrets, search, stubs_only
from grader.release.readme import readme
from grader.release.regions import Solution
from grader.settings_file import convert, load_yaml

NOTEBOOK = "notebook.ipynb"


class Given(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Texts that the hand-out shows on purpose, and why."""

    reason: str
    shown: tuple[str, ...]


class ReleaseFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``release.yaml`` of a pack."""

    given: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class HandOut:
    """What students get: file name -> content; and the solutions that were taken out on the way."""

    notebook: str  # the name of the notebook among the files
    files: Mapping[str, bytes]
    solutions: tuple[Solution, ...]


def make(pack: Pack, cases: CaseSet, *, install: str, extra: Mapping[str, bytes] | None = None) -> HandOut:
    """The hand-out of ``pack``. ``install`` is the command that the README gives students.

    Raises ConfigError where the notebook cannot be read or a marker has no partner.
    """
    import nbformat

    from grader.release.preprocess import student_notebook

    notebook, solutions = student_notebook(_read(pack), pack)
    if not solutions:
        raise ConfigError(
            f"{pack.folder / NOTEBOOK}: there is no solution between '### BEGIN SOLUTION' and"
            " '### END SOLUTION', so there would be nothing left to do"
        )
    nbformat.validate(notebook)
    checks, arrays = dump(pack, cases, footprints(pack, cases))
    name = f"{pack.name}.ipynb"
    files = {
        name: (_text(notebook).rstrip("\n") + "\n").encode(),
        f"checks/{pack.name}.json": checks,
        f"checks/{pack.name}.npz": arrays,
        "README.md": readme(pack, cases, name, install).encode(),
        **(extra or {}),
    }
    return HandOut(name, files, solutions)


def leaks(hand_out: HandOut, pack: Pack, cases: CaseSet, seed: bytes | None) -> tuple[Leak, ...]:
    """What in the hand-out gives something away."""
    notebook = json.loads(hand_out.files[hand_out.notebook])
    secrets = secrets_of(pack, cases, seed, hand_out.solutions)
    stubs = [
        leak
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
        for leak in stubs_only(
            "".join(cell["source"]), pack.wanted, f"{hand_out.notebook}, cell {cell['id']}"
        )
    ]
    return (*stubs, *search(hand_out.files, secrets))


def secrets_of(pack: Pack, cases: CaseSet, seed: bytes | None, solutions: tuple[Solution, ...]) -> Secrets:
    """What must not be found in a hand-out of ``pack``."""
    path = pack.folder / "release.yaml"
    known = convert(load_yaml(path), ReleaseFile, path) if path.exists() else ReleaseFile()
    given = [text for entry in known.given for text in entry.shown]
    return Secrets.of(pack, cases, seed, solutions, "\n".join(_public_text(pack)), given)


def solutions_of(pack: Pack) -> tuple[Solution, ...]:
    """The solutions in the instructor's notebook."""
    from grader.release.preprocess import student_notebook

    return student_notebook(_read(pack), pack)[1]


def _public_text(pack: Pack) -> Iterator[str]:
    """What students see in any case: signatures, names of outputs, and the docstrings round the solutions."""
    import ast

    for function in pack.functions:
        yield function.signature
        yield " ".join(o.name for o in function.outputs)
    for cell in _read(pack).cells:
        if cell.cell_type != "code":
            continue
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:
            continue
        yield from (
            ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
        )


def _text(notebook: Any) -> str:
    """The notebook as a file; the same notebook gives the same text."""
    import nbformat

    return str(nbformat.writes(notebook, version=4))  # type: ignore[no-untyped-call]


def _read(pack: Pack) -> Any:
    """The instructor's notebook, every cell with an id that stays."""
    import nbformat

    path = pack.folder / NOTEBOOK
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; the hand-out is made from it") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from None
    if not isinstance(data, dict) or data.get("nbformat") != 4:
        raise ConfigError(f"{path}: expected a notebook of nbformat 4; open it in Jupyter and save it")
    for number, cell in enumerate(data.get("cells", []), start=1):
        cell.setdefault("id", f"cell-{number}")
        if isinstance(cell.get("source"), list):
            cell["source"] = "".join(cell["source"])
    data["nbformat_minor"] = max(int(data.get("nbformat_minor", 0)), 5)
    return nbformat.from_dict(data)  # type: ignore[no-untyped-call]
