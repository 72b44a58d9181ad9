"""How much memory, processor time and so on a process may use: the kernel's resource limits."""

from __future__ import annotations

import os
import resource

#: Without these a process could harm the machine: failing to set one is failing to build the cage.
MANDATORY = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NOFILE")
#: Two pipes, the bell, three standard streams and what is briefly open while the cage is built.
DESCRIPTORS = 16


def mapped() -> tuple[int, int]:
    """Bytes of address space and of private data that this process has already."""
    file = os.open("/proc/self/statm", os.O_RDONLY)
    fields = os.read(file, 200).split()
    os.close(file)
    page = resource.getpagesize()
    return int(fields[0]) * page, int(fields[5]) * page


def wanted(memory: int, seconds: int) -> dict[str, int]:
    """The limits of a child that may take ``memory`` bytes more than it was born with."""
    total, data = mapped()
    return {
        "RLIMIT_AS": total + memory,
        "RLIMIT_DATA": data + memory,
        "RLIMIT_CPU": seconds,  # the grader's clock stops it earlier; this is for a grader that is gone
        "RLIMIT_NOFILE": DESCRIPTORS,
        "RLIMIT_NPROC": 0,  # binds ordinary users only: as root the user id is dropped afterwards
        "RLIMIT_FSIZE": 0,  # no file can grow; pipes are not concerned
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_SIGPENDING": 64,
        "RLIMIT_NICE": 0,
        "RLIMIT_RTPRIO": 0,
    }


def apply(values: dict[str, int]) -> list[str]:
    """Lower the limits, never raise one; returns the names that this system does not know."""
    missing = []
    for name, value in values.items():
        kind = getattr(resource, name, None)
        try:
            if kind is None:
                raise ValueError(f"{name} is not known here")
            hard = resource.getrlimit(kind)[1]
            lowered = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (lowered, lowered))
        except (ValueError, OSError):
            if name in MANDATORY:
                raise
            missing.append(name)
    return missing
