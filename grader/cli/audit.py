"""``grader audit``: is the assignment itself sound?"""

from __future__ import annotations

import json
from pathlib import Path

import click

from grader import config


@click.command()
@click.argument("pack", metavar="NAME|PATH")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Use this config.yaml.")
@click.option("--sandbox", type=click.Choice(["auto", "strict", "standard", "portable"]), default="auto")
@click.option("--json", "as_json", is_flag=True, help="JSON for machines on stdout.")
@click.option("-v", "--verbose", is_flag=True, help="Print the tables too.")
def audit(pack: str, config_path: Path | None, sandbox: str, as_json: bool, verbose: bool) -> int:
    """Prove an assignment: its reference passes, every known fault loses points, right answers pass.

    Exit code 1 when something has to be mended.
    """
    from grader.audit.findings import Check
    from grader.audit.run import audit as run_audit

    settings = config.load_settings(config_path)

    def tell(check: Check) -> None:
        if as_json:
            return
        click.echo(f"{'✓' if check.sound else '✗'} {check.name}: {check.summary}")
        for finding in check.findings:
            click.echo(f"    {'·' if finding.sound else '✗'} {finding.message}")

    result = run_audit(config.find_pack(settings, pack), settings, sandbox, tell)
    if as_json:
        document = {
            "schema": "grader.audit/1",
            "pack": result.pack,
            "sound": result.sound,
            "checks": [
                {
                    "name": c.name,
                    "sound": c.sound,
                    "summary": c.summary,
                    "findings": [{"message": f.message, "sound": f.sound} for f in c.findings],
                }
                for c in result.checks
            ],
            "tables": {title: [list(row) for row in rows] for title, rows in result.tables.items()},
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        if verbose:
            for title, rows in result.tables.items():
                _print_table(title, rows)
        click.echo(f"{result.pack} is {'sound' if result.sound else 'not sound'}.")
    return 0 if result.sound else 1


def _print_table(title: str, rows: tuple[tuple[str, ...], ...]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*rows[0], title=title, title_justify="left", show_lines=False)
    for row in rows[1:]:
        table.add_row(*row)
    Console(width=140).print(table)
