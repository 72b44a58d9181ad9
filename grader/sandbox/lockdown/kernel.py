"""Calls the Linux kernel directly, for what Python has no function for.

By ctypes rather than by a library: a third-party package beside student code would have to be audited,
and libseccomp's and libcap's bindings are not maintained for every Python. This package is loaded by the
grader (for ``grader doctor``) and by ``zygote.py``, so it imports nothing of ``grader`` but itself.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any

from . import syscalls

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

# include/uapi/linux/prctl.h
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4


def sentence(error: BaseException) -> str:
    """An exception's text without the number of the error."""
    text = error.strerror if isinstance(error, OSError) else None
    return text or str(error) or type(error).__name__


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(name: str, *arguments: Any) -> int:
    """A system call by name; integers are passed as longs, anything else as ctypes passes it."""
    number = syscalls.number(name)
    passed = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return _check(_libc.syscall(ctypes.c_long(number), *passed), name)


def prctl(option: int, *arguments: int) -> int:
    """``prctl`` with the arguments that are missing set to 0, as several options require."""
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return _check(_libc.prctl(ctypes.c_int(option), *padded), f"prctl({option})")


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """Enter the namespace behind a descriptor."""
    _check(_libc.setns(ctypes.c_int(descriptor), ctypes.c_int(kind)), "setns")


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """``mount``."""

    def text(value: str | None) -> Any:
        return None if value is None else ctypes.c_char_p(value.encode())

    result = _libc.mount(text(source), text(target), text(kind), ctypes.c_ulong(flags), text(data))
    _check(result, f"mount {target}")


def unmount(target: str, flags: int) -> None:
    """``umount2``."""
    _check(_libc.umount2(ctypes.c_char_p(target.encode()), ctypes.c_int(flags)), f"unmount {target}")
