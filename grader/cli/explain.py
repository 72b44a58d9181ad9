"""``grader explain``: the page of a misconception, or the catalogue."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from grader import config
from grader.errors import UsageError
from grader.pack import Misconception, Pack, find_packs, load_pack


@click.command()
@click.argument("page_id", metavar="[ID]", required=False)
@click.option("--for", "function", metavar="FUNCTION", help="Only what can go wrong in this function.")
@click.option("--assignment", "-a", metavar="NAME|PATH", help="Only this assignment's catalogue.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Use this config.yaml.")
def explain(
    page_id: str | None, function: str | None, assignment: str | None, config_path: Path | None
) -> int:
    """Print the page of the misconception ID; without ID the catalogue."""
    settings = config.load_settings(config_path)
    packs = (
        [config.find_pack(settings, assignment)]
        if assignment
        else [load_pack(folder, settings.reference_dir) for folder in find_packs(settings.assignments_dir)]
    )
    if not packs:
        raise UsageError(f"no assignment in {settings.assignments_dir}, so there is no catalogue to read")
    if page_id is None:
        click.echo("\n".join(_catalogue(packs, function)))
        return 0
    _show(_page_text(packs, page_id, function))
    return 0


def _catalogue(packs: list[Pack], function: str | None) -> Iterator[str]:
    if function and function not in {f.name for pack in packs for f in pack.functions}:
        raise UsageError(f"--for {function}: no assignment has a function of that name")
    for pack in packs:
        pages = [p for p in pack.misconceptions.values() if function is None or function in p.functions]
        if not pages:
            continue
        yield f"{pack.title} ({pack.name})"
        for idea in dict.fromkeys(p.idea for p in sorted(pages, key=lambda p: p.idea)):
            yield f"\n  {idea.replace('-', ' ')}"
            yield from (f"    {p.id:34} {p.title}" for p in pages if p.idea == idea)
        yield ""
    yield "Read one with: grader explain ID"


def _page_text(packs: list[Pack], page_id: str, function: str | None) -> str:
    known: list[str] = []
    holding = [pack for pack in packs if page_id in pack.misconceptions]
    asked = [pack for pack in holding if function in pack.misconceptions[page_id].functions]
    if holding:
        first = (asked or holding)[0]
        others = [pack.name for pack in holding if pack is not first]
        more = f"\nAlso in: {', '.join(others)} (read it with --assignment).\n" if others else ""
        return _whole(first.misconceptions[page_id]) + more
    for pack in packs:
        pages = pack.misconceptions
        known.extend(pages)
        ideas = {path.stem: path for path in sorted((pack.folder / "misconceptions" / "ideas").glob("*.md"))}
        if page_id in ideas:
            return ideas[page_id].read_text(encoding="utf-8").split("---\n", 2)[-1]
        known.extend(ideas)
    near = difflib.get_close_matches(page_id, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "'grader explain' lists all"
    raise UsageError(f"no page {page_id!r}; {hint}")


def _whole(page: Misconception) -> str:
    functions = ", ".join(f"`{f}`" for f in page.functions)
    return f"# {page.title}\n\nSeen in {functions}.\n\n{page.body}\n**To think about:** {page.question}\n"


def _show(markdown: str) -> None:
    """Laid out on a terminal, the Markdown itself in a pipe."""
    if not sys.stdout.isatty():
        click.echo(markdown)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console(width=min(Console().width, 100)).print(Markdown(markdown))
