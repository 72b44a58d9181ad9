"""Starts the interpreter of a worker. Imports next to nothing, so that it can come before everything else.

An interpreter needs a tenth of a second for itself and NumPy, and what it has to know (the tier, the modules,
the limits) is not needed for that: ``ahead`` starts one while the grader still reads its own settings.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys

TYPE_CHECKING = False  # importing typing would take longer than all of this
if TYPE_CHECKING:
    from typing import Any

FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib would take longer, too
#: Puts the folder of ``worker.py`` in place of the current folder, which may hold a file ``numpy.py``.
CODE = "import sys; sys.path[0] = sys.argv[1]; import worker; del sys.path[0]; worker.main()"
#: What keeps the libraries behind NumPy from starting threads when it is imported.
ONE_THREAD = dict.fromkeys(
    (
        "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ),
    "1",
)
#: Where ``pip install --user`` has put NumPy: only a self-check on one's own machine may look there.
USER_SITE = ("HOME", "USERPROFILE", "APPDATA", "PYTHONUSERBASE")


def environment(own_machine: bool = False) -> dict[str, str]:
    """What the worker's interpreter sees of ours: next to nothing.

    An explicit environment rather than ``python -I``, which would ignore PYTHONHASHSEED. One BLAS thread:
    a second one, once threads are denied, would make the first matrix product wait for ever.
    """
    kept = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "WINDIR"]
    if own_machine:
        kept += USER_SITE
    made = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1", **ONE_THREAD}
    return made | {name: os.environ[name] for name in kept if name in os.environ}


def popen(
    python: str, role: str, config: str, own_machine: bool = False, **options: Any
) -> subprocess.Popen[bytes]:
    """Start an interpreter that runs ``worker.main`` with a JSON object; OSError where there is none."""
    switches = [] if own_machine else ["-s"]
    command = [python, *switches, "-c", CODE, FOLDER, role, config]
    top = os.path.abspath(os.sep)  # noqa: PTH100 - never the current folder, which may be a student's
    return subprocess.Popen(command, env=environment(own_machine), cwd=top, stderr=subprocess.PIPE, **options)


Zygote = tuple["subprocess.Popen[bytes]", socket.socket]
_ahead: dict[str, Zygote] = {}


def zygote(python: str) -> Zygote:
    """A process that loads NumPy and then waits for its orders, and our end of its control socket.

    The one that was started ahead, if there is one for this interpreter.
    """
    if python in _ahead:
        return _ahead.pop(python)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:  # its standard input: any other number may be taken, or beyond those that it keeps
        mine = f'{{"grader": {os.getpid()}}}'  # for whoever looks at the list of processes
        return popen(python, "zygote", mine, stdin=theirs, stdout=subprocess.DEVNULL), ours
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()


def ahead() -> None:
    """Start a zygote of this interpreter for whoever asks for one first."""
    try:
        _ahead[sys.executable] = zygote(sys.executable)
    except OSError:
        return  # whoever needs one will be told why there is none


def drop() -> None:
    """End what was started ahead and not used."""
    while _ahead:
        process, control = _ahead.popitem()[1]
        control.close()
        process.kill()
        process.wait()
