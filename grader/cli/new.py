"""``grader new``: a new assignment, small and complete, to be changed into one's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click

import grader
from grader import config
from grader.errors import UsageError

TEMPLATE = Path(grader.__file__).parent / "template"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@click.command()
@click.argument("pack", metavar="NAME|PATH")
@click.option("--title", help="The assignment in words (default: made from its name).")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Use this config.yaml.")
def new(pack: str, title: str | None, config_path: Path | None) -> int:
    """Start a new assignment: one exercise with cases, a reference, misconceptions and a notebook.

    It passes grader audit as it is. NAME becomes a folder where the course keeps its assignments.
    """
    settings = config.load_settings(config_path)
    folder = Path(pack) if Path(pack).name != pack else settings.assignments_dir / pack
    name = folder.name
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be an assignment's name: expected small letters, digits and _")
    if folder.exists():
        raise UsageError(f"{folder} exists already")
    title = title or name.replace("_", " ").capitalize()
    try:
        for path, text in template():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(filled(path, text, name, title), encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror or error}") from None
    click.echo(f"{folder} is ready. Next:\n    grader audit {pack}\n    grader release {pack} --out handout")
    return 0


def template() -> Iterator[tuple[str, str]]:
    """(path, text) of each file of the template.

    Its Python files end in ``.in``, so that nothing takes them for a part of the grader.
    """
    for path in sorted(TEMPLATE.rglob("*")):
        if path.is_file():
            yield path.relative_to(TEMPLATE).as_posix().removesuffix(".in"), path.read_text(encoding="utf-8")


def filled(path: str, text: str, name: str, title: str) -> str:
    """A file of the template with the assignment's name and title in it."""
    # As JSON text a title may hold quotes and colons, in YAML as in the notebook.
    quoted = json.dumps(title, ensure_ascii=False)
    shown = quoted[1:-1] if path.endswith(".ipynb") else quoted
    return text.replace("{{name}}", name).replace("{{title}}", shown)
