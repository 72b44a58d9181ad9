"""``python -m tests.benchmarks``: every figure of the README, measured here and now.

Prints a table, writes benchmarks.json where asked, exits with 1 where a bar does not hold.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import batch_growth, batch_throughput, cold, diagnosis, reference_speed, warm
from tests.benchmarks.measure import Row
from tests.benchmarks.subjects import Subjects, subjects

PARTS: dict[str, Callable[[Subjects, int], list[Row]]] = {
    "Cold start": cold.rows,
    "Warm, one after another": warm.rows,
    "Batch": batch_throughput.rows,
    "Batch, how it grows": batch_growth.rows,
    "Diagnosis on the bank of faults": diagnosis.rows,
    "Reference against PyTorch": reference_speed.rows,
}


def table(part: str, rows: list[Row]) -> str:
    lines = [f"| {part} | | | |", "|---|---:|---:|---|"]
    for row in rows:
        bar = "" if row.bar is None else f"≤ {row.bar:g} {'✓' if row.holds else '✗'}"
        value = "" if not row.unit else f"{row.value:.3g} {row.unit}"
        lines.append(f"| {row.name} | {value} | {bar} | {row.note} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="how often each figure is taken")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--readme", type=Path, help="replace the table in this README")
    parser.add_argument("parts", nargs="*", help=f"only those that begin so: {', '.join(PARTS)}")
    options = parser.parse_args()
    wanted = [part for part in PARTS if not options.parts or part.startswith(tuple(options.parts))]
    if not wanted:
        parser.error(f"no part begins with {' or '.join(options.parts)}; there are: {', '.join(PARTS)}")
    found: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory() as folder:
        ready = subjects(Path(folder))
        for part, measure in PARTS.items():
            if part in wanted:
                found[part] = measure(ready, options.rounds)
                print(table(part, found[part]), "\n", flush=True)
    stamp = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
    }
    if options.json:
        figures = {p: [{k: getattr(r, k) for k in r.__slots__} for r in rows] for p, rows in found.items()}
        options.json.write_text(json.dumps({**stamp, "figures": figures}, indent=2) + "\n", encoding="utf-8")
    if options.readme:
        text = "\n\n".join(table(p, rows) for p, rows in found.items())
        into_readme(options.readme, f"Measured {stamp['date']} on {stamp['machine']}.\n\n{text}")
    return 0 if all(row.holds for rows in found.values() for row in rows) else 1


def into_readme(path: Path, text: str) -> None:
    """Replace what stands between the two benchmark comments."""
    start, end = "<!-- benchmarks -->", "<!-- /benchmarks -->"
    before, _, rest = path.read_text(encoding="utf-8").partition(start)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
