"""Makes a hand-out, looks through it and grades it; what is not fit for students is refused as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader import __version__
from grader.cases import CaseSet, prepare
from grader.config import Settings, limits
from grader.errors import ConfigError, UsageError
from grader.pack import Pack
from grader.pipeline import Options
from grader.release.handout import HandOut, leaks, make, secrets_of, solutions_of
from grader.release.leaks import Leak, search
from grader.release.verify import problems
from grader.sandbox import open_runner

MOST_SHOWN = 20


def build(
    pack: Pack,
    settings: Settings,
    sandbox: str | None = None,
    *,
    wheel: bool = True,
    install: str | None = None,
) -> HandOut:
    """A hand-out that was looked through and graded.

    ``wheel`` puts the grader itself into it. Raises ConfigError with everything that is wrong with it.
    """
    cases = prepare(pack, settings.secret)
    extra: dict[str, bytes] = {}
    if wheel:
        from grader.export.wheel import build_wheel

        name, content = build_wheel()
        extra[name] = content
        install = install or f"python -m pip install ./{name}"
    install = install or f"python -m pip install stepgrader=={__version__}"
    hand_out = make(pack, cases, install=install, extra=extra)
    refuse(leaks(hand_out, pack, cases, settings.secret), f"nothing was written: the hand-out of {pack.name}")
    allowed = limits(pack.limits, settings.file.limits)
    with open_runner(
        sandbox or settings.file.sandbox,
        python=settings.file.runtime.python,
        limits=allowed,
        allowed_imports=pack.allowed_imports,
    ) as runner:
        found = list(problems(hand_out, pack, cases, runner, Options(allowed)))
    if found:
        raise ConfigError(_listed("nothing was written:", found))
    return hand_out


def refuse(found: Sequence[Leak], what: str) -> None:
    """Raise ConfigError where something was found."""
    if found:
        raise ConfigError(
            _listed(
                f"{what} gives something away (what is shown on purpose belongs into release.yaml, with the"
                " reason):",
                [str(leak) for leak in found],
            )
        )


def look_through(
    files: Mapping[str, bytes], pack: Pack, cases: CaseSet, seed: bytes | None
) -> tuple[Leak, ...]:
    """What in any files, e.g. a hand-out that was changed by hand, gives something of the pack away."""
    return search(files, secrets_of(pack, cases, seed, solutions_of(pack)))


def _listed(head: str, lines: Sequence[str]) -> str:
    more = [f"… and {len(lines) - MOST_SHOWN} more"] if len(lines) > MOST_SHOWN else []
    return "\n    ".join([head, *lines[:MOST_SHOWN], *more])


def write(files: Mapping[str, bytes], out: Path) -> None:
    """Write the files into the folder ``out``; those of an earlier hand-out are replaced."""
    try:
        for name, content in files.items():
            path = out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}") from None
