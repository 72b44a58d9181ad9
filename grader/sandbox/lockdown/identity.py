"""Who a process is to the kernel: its user, its capabilities, its tie to its parent."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import struct

from . import kernel

# include/uapi/linux/capability.h
LINUX_CAPABILITY_VERSION_3 = 0x20080522
HIGHEST_CAPABILITY = 63
#: User ids for children of a grader that runs as root. The first range is far above those of people,
#: services and containers; the second, for containers with only 65,536 ids, is below systemd's and `nobody`.
WIDE_FIRST, WIDE_COUNT = 1 << 29, 1 << 24
NARROW_FIRST, NARROW_COUNT = 60_000, 1_000
SLOTS = 4  # ids that one zygote takes in turn, so that a child never meets what its predecessor left


def mapped_ids(text: str) -> int:
    """How many user ids from 0 up exist in this user namespace, from the text of ``uid_map``."""
    rows = [[int(field) for field in line.split()] for line in text.splitlines()]
    return max((row[2] for row in rows if len(row) == 3 and row[0] == 0), default=1)


def slot(ids: int, zygote: int, child: int) -> int:
    """The user id for the ``child``-th process of a zygote with process id ``zygote``."""
    first, count = (
        (WIDE_FIRST, WIDE_COUNT) if ids >= WIDE_FIRST + WIDE_COUNT else (NARROW_FIRST, NARROW_COUNT)
    )
    return first + (zygote * SLOTS + child % SLOTS) % count


def become(uid: int) -> None:
    """Leave root for an unprivileged user without groups; checked, because a failure must not pass."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if os.getresuid() != (uid, uid, uid) or os.getresgid() != (uid, uid, uid) or os.getgroups():
        raise PermissionError("the user id of root could not be left")


def shrink_bounding_set() -> None:
    """No program could give capabilities back, even if one could be executed; needs privileges."""
    try:
        kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
    except OSError as error:
        if error.errno != errno.EINVAL:  # gVisor has no ambient set
            raise
    for capability in range(HIGHEST_CAPABILITY + 1):
        try:
            kernel.prctl(kernel.PR_CAPBSET_DROP, capability)
        except OSError:
            break  # beyond the last one that this kernel knows, or none may be dropped by an ordinary user


def drop_capabilities() -> None:
    """Give up every capability of this process."""
    header = ctypes.create_string_buffer(struct.pack("<Ii", LINUX_CAPABILITY_VERSION_3, 0), 8)
    nothing = ctypes.create_string_buffer(bytes(24), 24)
    kernel.syscall("capset", header, nothing)


def die_with_parent() -> None:
    """SIGKILL when the parent ends. A change of user id clears this, so it comes after."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def hide() -> None:
    """No core dump, no ptrace and no /proc entries for others of the same user."""
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def no_new_privileges() -> None:
    """Nothing that this process executes can gain rights; Landlock and seccomp ask for it."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
