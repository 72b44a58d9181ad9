"""``grader release``: the hand-out for students."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import config
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.config import Settings
    from grader.pack import Pack


@click.command()
@click.argument("pack", metavar="NAME|PATH")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="The folder to write.")
@click.option(
    "--verify",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Write nothing; look for leaks in this folder, e.g. a hand-out that was changed by hand.",
)
@click.option(
    "--wheel/--no-wheel",
    default=True,
    help="Put grader itself beside the notebook, to be installed from there (default).",
)
@click.option("--install", metavar="COMMAND", help="The command that the README gives students.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Use this config.yaml.")
@click.option(
    "--sandbox", type=click.Choice(["auto", "strict", "standard", "portable"]), help="See grader run."
)
@click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")
def release(
    pack: str,
    out: Path | None,
    verify: Path | None,
    wheel: bool,
    install: str | None,
    config_path: Path | None,
    sandbox: str | None,
    quiet: bool,
) -> int:
    """Make the hand-out of an assignment: the notebook without solutions, public checks, a README.

    Nothing is written where the hand-out gives anything away, where it earns points as it is, or where
    the instructor's notebook does not earn them all.
    """
    if (out is None) == (verify is None):
        raise UsageError("give --out DIR to write a hand-out, or --verify DIR to look through one")
    settings = config.load_settings(config_path)
    loaded = config.find_pack(settings, pack)
    if verify is not None:
        return _verify(verify, loaded, settings)
    assert out is not None
    from grader.release.build import build, write

    hand_out = build(loaded, settings, sandbox, wheel=wheel, install=install)
    write(hand_out.files, out)
    if not quiet:
        click.echo(f"grader: {len(hand_out.files)} files written to {out}, nothing given away", err=True)
        for name in hand_out.files:
            click.echo(f"    {name}", err=True)
        if settings.secret is None:
            click.echo(
                "grader: no hidden_seed is set: the hidden cases are the public defaults, which anybody"
                " can compute",
                err=True,
            )
    return 0


def _verify(folder: Path, pack: Pack, settings: Settings) -> int:
    from grader.cases import prepare
    from grader.release.build import look_through, refuse
    from grader.report.words import counted

    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    cases = prepare(pack, settings.secret)
    refuse(look_through(files, pack, cases, settings.secret), str(folder))
    click.echo(f"{counted(len(files), 'file')} looked through, nothing given away.")
    return 0
