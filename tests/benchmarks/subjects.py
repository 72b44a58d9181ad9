"""What is timed: a loop-style and a vectorised hand-in of our own, and the cases of the convolution pack."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from pathlib import Path

from grader.cases import CaseSet, prepare
from grader.pack import Pack, load_pack

ROOT = Path(__file__).resolve().parents[2]
RIGHT = ROOT / "assignments" / "conv_step_by_step" / "submissions" / "right"


@dataclass(frozen=True, slots=True)
class Subjects:
    """Files for processes, and the same as objects."""

    folder: Path
    pack: Pack
    cases: CaseSet

    @property
    def loops(self) -> str:
        """A hand-in as the course teaches it: seven nested loops."""
        return (RIGHT / "course_style.py").read_text(encoding="utf-8")

    @property
    def vectorised(self) -> str:
        """A hand-in without Python loops over pixels."""
        return (RIGHT / "sliding_windows.py").read_text(encoding="utf-8")

    def program(self, source: str, name: str) -> Path:
        path = self.folder / f"{name}.py"
        path.write_text(source, encoding="utf-8")
        return path

    def notebook(self, source: str, name: str) -> Path:
        """The same program as an .ipynb with one cell."""
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        document = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        path = self.folder / f"{name}.ipynb"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    @property
    def calls(self) -> list[tuple[str, list[tuple[object, ...]]]]:
        """Every call of every case, by function."""
        return [
            (name, [call for item in items for call in item.case.calls])
            for name, items in self.cases.functions.items()
        ]

    def pickled_calls(self) -> Path:
        path = self.folder / "cases.pickle"
        path.write_bytes(pickle.dumps(self.calls))
        return path


def subjects(folder: Path) -> Subjects:
    """The subjects, their files below ``folder``."""
    pack = load_pack(ROOT / "assignments" / "conv_step_by_step", ROOT / "reference")
    return Subjects(folder, pack, prepare(pack, None))
