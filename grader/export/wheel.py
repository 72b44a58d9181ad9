"""Packs the grader that is running as a wheel, so that it can be installed where it is going to be used.

What is graded there must be graded by this very code, not by a version that an index happens to have;
and it must not need a build tool or a network here. A wheel is a zip with three text files in it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import grader
from grader.errors import UsageError

PROJECT = "stepgrader"
_PACKAGE = Path(grader.__file__).parent
_LEFT_OUT = {"__pycache__", ".mypy_cache", ".ruff_cache"}


def build_wheel() -> tuple[str, bytes]:
    """(file name, content); the same code gives the same bytes.

    Raises UsageError where nothing says what it depends on.
    """
    info = f"{PROJECT}-{grader.__version__}.dist-info"
    files = {f"grader/{p.relative_to(_PACKAGE).as_posix()}": p.read_bytes() for p in _sources()}
    files[f"{info}/METADATA"] = _metadata().encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: grader\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{info}/entry_points.txt"] = b"[console_scripts]\ngrader = grader.cli:main\n"
    license_text = _license()
    if license_text:
        files[f"{info}/licenses/LICENSE"] = license_text
    record = [f"{name},{_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = ("\n".join([*record, f"{info}/RECORD,,"]) + "\n").encode()
    return f"{PROJECT}-{grader.__version__}-py3-none-any.whl", zipped(files)


def zipped(files: dict[str, bytes], executable: frozenset[str] = frozenset()) -> bytes:
    """A zip of ``files``; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, or the permissions below mean nothing
            entry.external_attr = (0o100755 if name in executable else 0o100644) << 16
            archive.writestr(entry, content)
    return out.getvalue()


def _sources() -> Iterator[Path]:
    for path in sorted(_PACKAGE.rglob("*")):
        if path.is_file() and not _LEFT_OUT & set(path.relative_to(_PACKAGE).parts) and path.suffix != ".pyc":
            yield path


def _digest(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _metadata() -> str:
    project = _PACKAGE.parent / "pyproject.toml"
    if project.is_file() and (text := _from_project(project)):
        return text
    try:
        text = metadata.distribution(PROJECT).read_text("METADATA") or ""
    except metadata.PackageNotFoundError:
        raise UsageError(
            f"grader runs from {_PACKAGE} without being installed, so its dependencies are not known;"
            " install it first (python -m pip install .)"
        ) from None
    # An editable install may be older than the code it points to.
    return re.sub(r"^Version: .*$", f"Version: {grader.__version__}", text, count=1, flags=re.M)


def _from_project(path: Path) -> str:
    """The metadata that a checkout's own pyproject.toml describes; empty where it cannot be read."""
    try:
        import tomllib  # type: ignore[import-not-found, unused-ignore]
    except ImportError:  # Python 3.10
        return ""
    project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    if project.get("name") != PROJECT:
        return ""
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {PROJECT}",
        f"Version: {grader.__version__}",
        f"Summary: {project['description']}",
        f"License: {project['license']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {one}" for one in project["dependencies"]),
    ]
    return "\n".join(lines) + "\n"


def _license() -> bytes:
    beside = _PACKAGE.parent / "LICENSE"
    if beside.is_file():
        return beside.read_bytes()
    try:
        files = metadata.files(PROJECT) or []
    except metadata.PackageNotFoundError:
        return b""
    found = next((f for f in files if f.name == "LICENSE"), None)
    return found.read_binary() if found is not None else b""
