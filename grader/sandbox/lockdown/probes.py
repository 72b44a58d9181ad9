"""What this machine really enforces: each wall is put up in a process of its own and then pushed.

That something exists proves nothing: on Ubuntu 24.04 a user namespace can be made and the next step fails.
Run by ``grader doctor`` in the interpreter that would run student code; prints one JSON object.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

from . import bpf, cage, identity, kernel, landlock, limits, namespaces, syscalls

PROBE_SECONDS = 10.0
#: Exists on every Linux system and may be read by everybody.
A_FOLDER = "/"


def run(worker: ModuleType, _config: dict[str, Any]) -> NoReturn:
    """Print what was found and end."""
    found: dict[str, Any] = {name: observed(probe) for name, probe in PROBES.items()}
    found["python"] = f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"
    try:
        found["numpy"] = worker.prepare().__version__
    except ImportError as error:
        found["numpy_error"] = str(error)
    os.write(1, json.dumps(found).encode())
    os._exit(0)


def observed(probe: Callable[[], str]) -> dict[str, Any]:
    """What a probe says when run in a child: ``ok`` and a sentence."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        try:
            report = {"ok": True, "detail": probe()}
        except BaseException as error:
            report = {"ok": False, "detail": kernel.sentence(error)}
        with contextlib.suppress(OSError):
            os.write(theirs, json.dumps(report).encode())
        os._exit(0)
    os.close(theirs)
    said = b""
    end = time.monotonic() + PROBE_SECONDS
    while select.select([ours], [], [], max(0.0, end - time.monotonic()))[0]:
        piece = os.read(ours, 4096)
        if not piece:
            break
        said += piece
    os.close(ours)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return json.loads(said) if said else {"ok": False, "detail": "the probe died or did not end"}


def _refused(attempts: dict[str, Callable[[], Any]]) -> None:
    """Raise unless every attempt is refused."""
    passed = []
    for name, attempt in attempts.items():
        try:
            attempt()
        except OSError:
            continue
        passed.append(name)
    if passed:
        raise OSError(f"installed, but still possible: {', '.join(passed)}")


def seccomp() -> str:
    """The filter that every child gets."""
    if not syscalls.known():
        raise OSError(f"no list of system calls for a {syscalls.MACHINE}")
    identity.no_new_privileges()
    bpf.install(bpf.for_process(bpf.build(), os.getpid()))
    _refused(
        {
            "open": lambda: os.open(A_FOLDER, os.O_RDONLY),
            "socket": lambda: socket.socket(),
            "fork": os.fork,
            "kill": lambda: os.kill(os.getppid(), 0),
            "exec": lambda: os.execv("/bin/true", ["true"]),
        }
    )
    return "open, socket, fork, kill and exec are refused"


def landlock_rules() -> str:
    """An empty set of rules."""
    ruleset = landlock.empty_ruleset()
    if ruleset is None:
        raise OSError("this kernel has no Landlock, or it is switched off")
    identity.no_new_privileges()
    landlock.restrict(ruleset)
    _refused({"open": lambda: os.open(A_FOLDER, os.O_RDONLY)})
    abi = landlock.version()
    if abi >= 6:
        _refused({"kill": lambda: os.kill(os.getppid(), 0)})
        return f"version {abi}: files, TCP and signals are refused"
    return f"version {abi}: files{' and TCP' if abi >= 4 else ''} are refused"


def namespace_chain() -> str:
    """All that the strict tier does, to the end of the chain."""
    inside, why = cage.enter_strict()
    if not inside:
        raise OSError(why)
    root = namespaces.empty_root()
    own = namespaces.own_process_namespace()
    kernel.unshare(namespaces.CLONE_NEWPID)
    pid = os.fork()
    if pid == 0:
        status = 1
        with contextlib.suppress(OSError):
            kernel.setns(root, namespaces.CLONE_NEWNS)
            status = 0 if os.getpid() == 1 and os.listdir("/") == [] else 2  # noqa: PTH208
        os._exit(status)
    kernel.setns(own, namespaces.CLONE_NEWPID)
    if os.waitpid(pid, 0)[1]:
        raise OSError("the namespaces were made and do not hide anything")
    return "an empty read-only root, no other process and no network are visible"


def user_drop() -> str:
    """As root: leaving root for an unprivileged user."""
    if os.getuid():
        return "not needed: the grader does not run as root"
    with open("/proc/self/uid_map") as file:  # noqa: PTH123
        ids = identity.mapped_ids(file.read())
    uid = identity.slot(ids, os.getpid(), 0)
    identity.become(uid)
    identity.drop_capabilities()
    _refused({"become root again": lambda: os.setuid(0), "chown": lambda: os.chown(A_FOLDER, uid, uid)})
    return f"children run as user {uid}"


def memory_limit() -> str:
    """The address space."""
    limits.apply({"RLIMIT_AS": limits.mapped()[0] + (64 << 20)})
    try:
        bytearray(256 << 20)
    except MemoryError:
        return "256 MB are refused under a limit of 64 MB"
    raise OSError("256 MB were given under a limit of 64 MB")


def process_limit() -> str:
    """The number of processes, which never binds root."""
    if os.getuid() == 0:
        user_drop()
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    _refused({"fork": os.fork})
    return "a fork is refused"


def pidfd() -> str:
    """A handle of a process that cannot come to mean another one."""
    kernel.syscall("pidfd_open", os.getpid(), 0)
    return "processes are killed by handle"


PROBES: dict[str, Callable[[], str]] = {
    "seccomp": seccomp,
    "landlock": landlock_rules,
    "namespaces": namespace_chain,
    "memory limit": memory_limit,
    "process limit": process_limit,
    "user": user_drop,
    "pidfd": pidfd,
}
