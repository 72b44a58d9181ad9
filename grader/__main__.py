"""``grader`` and ``python -m grader``.

``grader run`` needs a sandbox whatever its settings say, and the sandbox's interpreter takes longer to start
than anything else: it is started before the command line is even read.
"""

from __future__ import annotations

import gc
import os
import sys

from grader.sandbox import boot

#: Python's own number, 700, lets it look for garbage dozens of times while modules are imported.
ALLOCATIONS_BETWEEN_COLLECTIONS = 50_000


def main() -> None:
    """Entry point of the command."""
    gc.set_threshold(ALLOCATIONS_BETWEEN_COLLECTIONS)
    for name, value in boot.ONE_THREAD.items():
        os.environ.setdefault(name, value)  # starting threads takes longer than anything they could do here
    is_run = sys.argv[1:2] == ["run"]
    wants_none = any("portable" in argument for argument in sys.argv)
    if is_run and sys.platform == "linux" and not wants_none:
        boot.ahead()
    code: int | str | None = 0
    try:
        from grader.cli import main as command

        command()
    except SystemExit as end:
        code = end.code
    finally:
        boot.drop()
    if is_run and isinstance(code, int):
        leave(code)
    sys.exit(code)


def leave(code: int) -> None:
    """End at once: all is written and closed, and to take NumPy apart takes a tenth of the whole run."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return  # the reader went away; Python has its own way of ending then
    os._exit(code)


if __name__ == "__main__":
    main()
