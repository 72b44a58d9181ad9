"""The zip that Gradescope takes: it builds a container with ``setup.sh`` and grades with ``run_autograder``.

It brings its own grader, the pack without notebook and samples, and the secret behind the hidden cases.
In the container all of that belongs to root alone, and student code runs as nobody in particular.
"""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from grader.config import ConfigFile, Settings
from grader.errors import UsageError
from grader.export.wheel import build_wheel, zipped
from grader.pack import Pack

#: Of a pack's folder: what is not needed to grade, and must not be where students' code is.
_NOT_NEEDED = {"notebook.ipynb", "submissions", "pictures", "__pycache__", "audit.yaml", "release.yaml"}
SCRIPTS = ("setup.sh", "run_autograder")
COURSE = "course"
SEED = "hidden_seed"


def autograder_zip(pack: Pack, settings: Settings, hidden_cases: str = "visible") -> bytes:
    """The content of ``autograder.zip``; the same pack and settings give the same bytes.

    ``hidden_cases`` says when students see the anonymous results of the hidden cases.
    """
    name, wheel = build_wheel()
    files = {script: _script(script) for script in SCRIPTS}
    files[name] = wheel
    order = {"assignment": pack.name, "hidden_cases": hidden_cases}
    files["autograder.json"] = (json.dumps(order, indent=2) + "\n").encode()
    files[f"{COURSE}/config.yaml"] = _config(pack, settings)
    if settings.secret is not None:
        files[f"{COURSE}/{SEED}"] = settings.secret + b"\n"
    files |= dict(_pack_files(pack))
    return zipped(files, executable=frozenset(SCRIPTS))


def _script(name: str) -> bytes:
    return (resources.files("grader.export") / "gradescope_files" / name).read_bytes()


def _config(pack: Pack, settings: Settings) -> bytes:
    import yaml

    given: dict[str, Any] = {"assignment": pack.name, "sandbox": "auto", "hints": settings.file.hints}
    limits = {k: v for k, v in msgspec.structs.asdict(settings.file.limits).items() if v is not None}
    if limits:
        given["limits"] = limits
    if settings.secret is not None:
        given["hidden_seed"] = f"file:{SEED}"
    msgspec.convert(given, ConfigFile)
    return str(yaml.safe_dump(given, sort_keys=False)).encode()


def _pack_files(pack: Pack) -> Iterator[tuple[str, bytes]]:
    """The pack and its reference, where ``load_pack`` looks for them."""
    home = f"{COURSE}/assignments/{pack.name}"
    for path in sorted(pack.folder.rglob("*")):
        parts = path.relative_to(pack.folder).parts
        if path.is_file() and not _NOT_NEEDED & set(parts) and path.suffix != ".pyc":
            yield f"{home}/{'/'.join(parts)}", path.read_bytes()
    reference = pack.reference_path
    if not reference.is_file():
        raise UsageError(f"{reference}: there is no such file, and without a reference nothing can be graded")
    if reference.resolve().is_relative_to(pack.folder.resolve()):
        return
    # Where it is by default, and where assignment.yaml may say that it is.
    relative = os.path.relpath(reference.resolve(), pack.folder.resolve()).replace(os.sep, "/")
    named = posixpath.normpath(f"{home}/{relative}")
    places = {f"{COURSE}/reference/{pack.name}.py"}
    if named.startswith(f"{COURSE}/"):
        places.add(named)
    for place in sorted(places):
        yield place, reference.read_bytes()


def write_zip(path: Path, content: bytes) -> None:
    """Write the zip. It holds the secret: it is for its owner's eyes."""
    try:
        path.write_bytes(content)
        path.chmod(0o600)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
