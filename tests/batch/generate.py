"""Makes a class out of the hand-ins of the repository: harmless variations, and some that do harm.

    python -m tests.batch.generate FOLDER NUMBER [SEED]

A variation changes nothing that is graded (comments, cells, prose, outputs, names of local variables
stay), so that what each must get is known: what its original gets.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RIGHT = ROOT / "assignments" / "conv_step_by_step" / "submissions" / "right"
WRONG = ROOT / "tests" / "faults" / "single"

#: Ends of a hand-in that do harm; conv_backward is the last function, so the others stay right.
HARM = {
    "hangs": "def conv_backward(dZ, cache):\n    while True:\n        pass\n",
    "crashes": (
        "def conv_backward(dZ, cache):\n"
        "    return np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 40,)).sum()\n"
    ),
    "floods": "def conv_backward(dZ, cache):\n    while True:\n        print('x' * 10000)\n",
    "allocates": (
        "def conv_backward(dZ, cache):\n"
        "    held = []\n"
        "    while True:\n"
        "        held.append(np.ones(1 << 20))\n"
    ),
    "recurses": "def conv_backward(dZ, cache):\n    return conv_backward(dZ, cache)\n",
}
SHARE_OF_HARM = 0.05
PROSE = ("a", "convolution", "slides", "its", "window", "over", "every", "image")


@dataclass(frozen=True, slots=True)
class Made:
    """One hand-in of the class: its name, its content, what it was made from."""

    name: str
    raw: bytes
    original: Path
    harm: str = ""


def originals() -> list[Path]:
    """The hand-ins that are varied."""
    return sorted(RIGHT.glob("*.py")) + sorted(WRONG.glob("*.py"))


#: Those of which the outcome does not depend on how fast the machine is just then.
STEADY = ("hangs", "crashes", "recurses")


def a_class(number: int, seed: int = 1, harms: Sequence[str] = tuple(HARM)) -> Iterator[Made]:
    """``number`` hand-ins, all different; the same for the same seed."""
    rng = random.Random(seed)
    sources = originals()
    harmful = rng.sample(range(number), int(number * SHARE_OF_HARM))
    kinds = {k: harms[position % len(harms)] for position, k in enumerate(harmful)}
    for k in range(number):
        if k in kinds:
            harm = kinds[k]
            original = RIGHT / "course_style.py"
            source = original.read_text(encoding="utf-8") + "\n\n" + HARM[harm]
        else:
            harm, original = "", sources[k % len(sources)]
            source = original.read_text(encoding="utf-8")
        if rng.random() < 0.2:
            yield Made(f"student{k:05}.py", f"{source}\n# {k}\n".encode(), original, harm)
        else:
            yield Made(f"student{k:05}.ipynb", _notebook(source, k, rng), original, harm)


def _notebook(source: str, number: int, rng: random.Random) -> bytes:
    cells = []
    for _ in range(rng.randrange(1, 6)):
        prose = " ".join(
            rng.choices(["a", "convolution", "slides", "its", "window", "over", "every", "image"], k=40)
        )
        cells.append({"cell_type": "markdown", "metadata": {}, "source": prose})
    cells.append(_code(f"# hand-in {number}\nimport numpy as np\n", rng))
    cells.append(_code(source, rng))
    cells.append(_code(f"np.random.seed({number})\nprint('a check of my own', {rng.random()})", rng))
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(document, indent=1).encode()


def _code(source: str, rng: random.Random) -> dict[str, object]:
    printed = "\n".join(f"Z[{k}] = {rng.random()}" for k in range(rng.randrange(30)))
    return {
        "cell_type": "code",
        "execution_count": rng.randrange(100),
        "metadata": {},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": printed}],
        "source": source,
    }


def write(folder: Path, number: int, seed: int = 1, harms: Sequence[str] = tuple(HARM)) -> list[Made]:
    """The class as files; what is returned has no contents any more."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for one in a_class(number, seed, harms):
        (folder / one.name).write_bytes(one.raw)
        made.append(Made(one.name, b"", one.original, one.harm))
    return made


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
