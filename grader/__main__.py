"""``grader`` and ``python -m grader``.

``grader run`` needs a sandbox whatever its settings say, and the sandbox's interpreter takes longer to start
than anything else: it is started before the command line is even read.
"""

from __future__ import annotations

import gc
import sys

from grader.sandbox import boot

#: Python's own number, 700, lets it look for garbage dozens of times while modules are imported.
ALLOCATIONS_BETWEEN_COLLECTIONS = 50_000


def main() -> None:
    """Entry point of the command."""
    gc.set_threshold(ALLOCATIONS_BETWEEN_COLLECTIONS)
    wants_none = any("portable" in argument for argument in sys.argv)
    if sys.argv[1:2] == ["run"] and sys.platform == "linux" and not wants_none:
        boot.ahead()
    try:
        from grader.cli import main as command

        command()
    finally:
        boot.drop()


if __name__ == "__main__":
    main()
