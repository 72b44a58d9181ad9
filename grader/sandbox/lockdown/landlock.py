"""Landlock: the kernel's own way for a process to give up files, networks and signals.

The second wall behind seccomp: it refuses by object (any file) and not by call, so it would still stand
if the list of calls had a hole. Kernels without it exist (older ones, gVisor); then this wall is missing
and is reported as missing.
"""

from __future__ import annotations

import ctypes
import os
import struct

from . import kernel

# include/uapi/linux/landlock.h
LANDLOCK_CREATE_RULESET_VERSION = 1
#: How many rights on files each version of the interface knows, from the first bit up: all are handled,
#: and no rule gives one back.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
FILE_RIGHTS_FROM_5 = 16
NET_BIND_AND_CONNECT_TCP = 3  # from version 4
SCOPE_ABSTRACT_SOCKET_AND_SIGNAL = 3  # from version 6


def version() -> int:
    """The version of the interface; 0 where there is none."""
    try:
        return kernel.syscall("landlock_create_ruleset", 0, 0, LANDLOCK_CREATE_RULESET_VERSION)
    except OSError:
        return 0


def attributes(abi: int) -> bytes:
    """struct landlock_ruleset_attr as far as this version of the interface knows it."""
    files = (1 << FILE_RIGHTS.get(abi, FILE_RIGHTS_FROM_5)) - 1
    net = NET_BIND_AND_CONNECT_TCP if abi >= 4 else 0
    scoped = SCOPE_ABSTRACT_SOCKET_AND_SIGNAL if abi >= 6 else 0
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    return struct.pack("<QQQ", files, net, scoped)[:size]


def empty_ruleset() -> int | None:
    """A descriptor of a ruleset that allows nothing, or None where the kernel has no Landlock."""
    abi = version()
    if abi < 1:
        return None
    packed = attributes(abi)
    buffer = ctypes.create_string_buffer(packed, len(packed))
    descriptor = kernel.syscall("landlock_create_ruleset", buffer, len(packed), 0)
    os.set_inheritable(descriptor, False)
    return descriptor


def restrict(ruleset: int) -> None:
    """Put the calling process under a ruleset, for good; needs no_new_privs."""
    kernel.syscall("landlock_restrict_self", ruleset, 0)
