"""The cage: every wall that this machine offers, put up in the one order that works.

``prepare`` does once, in the zygote, what can be done once; ``lock`` runs in each child, before the child
has read anything of a student. A wall that is promised and cannot be put up is an exception: no cage, no
grading. Only Landlock and some resource limits may be missing, and then ``mechanisms`` does not list them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable

from . import bpf, identity, kernel, landlock, limits, namespaces, syscalls

#: The zygote has so few descriptors that a child can close all others by number.
ZYGOTE_DESCRIPTORS = 64


class Cage:
    """Prepared once in the zygote; ``strict`` says whether it runs inside namespaces of its own."""

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.mechanisms: list[str] = []
        self.missing: list[str] = []
        self._root = os.getuid() == 0
        self._outer_pid = os.getpid()
        self._program = b""
        self._ruleset: int | None = None
        self._empty_root = self._process_namespace = -1
        self._children = 0

    def prepare(self) -> None:
        """Build what all children use; raises OSError with a sentence where a wall is impossible."""
        if not syscalls.known():
            raise OSError(f"the system calls of a {syscalls.MACHINE} are not known to the grader")
        self._program = bpf.build()
        self._ruleset = landlock.empty_ruleset()
        self.mechanisms += ["seccomp allow-list", "no new privileges", "resource limits", "no capabilities"]
        if self._ruleset is None:
            self.missing.append("Landlock")
        else:
            self.mechanisms.append(f"Landlock {landlock.version()}")
        if self._root:
            with open("/proc/self/uid_map") as file:  # noqa: PTH123
                self._ids = identity.mapped_ids(file.read())
            identity.shrink_bounding_set()
            self.mechanisms.append("unprivileged user")
        if self.strict:
            self._empty_root = namespaces.empty_root()
            self._process_namespace = namespaces.own_process_namespace()
            self.mechanisms += ["namespaces (mount, process, network, ipc, uts)", "empty read-only root"]
            if not self._root:
                self.mechanisms.append("user namespace")
        single_threaded()

    def before_fork(self) -> None:
        """In the zygote: the next child shall be the first process of a namespace of its own."""
        self._children += 1
        if self.strict:
            kernel.unshare(namespaces.CLONE_NEWPID)

    def after_fork(self) -> None:
        """In the zygote: undo that, which is what allows to do it again."""
        if self.strict:
            kernel.setns(self._process_namespace, namespaces.CLONE_NEWPID)

    def lock(self, zygote: int, keep: Iterable[int], memory: int, seconds: int) -> None:
        """In the child: put up the walls, for good. ``keep`` are the pipes to the grader."""
        ruleset, empty_root = self._ruleset, self._empty_root
        close_others({0, 1, 2, *keep, empty_root, -1 if ruleset is None else ruleset})
        os.setsid()
        wanted = limits.wanted(memory, seconds)  # reads /proc, which is gone after the next step
        if self.strict:
            kernel.setns(empty_root, namespaces.CLONE_NEWNS)
            os.close(empty_root)
        limits.apply(wanted)
        if self._root:
            identity.become(identity.slot(self._ids, self._outer_pid, self._children))
        identity.drop_capabilities()
        identity.hide()
        identity.no_new_privileges()
        if ruleset is not None:
            landlock.restrict(ruleset)
            os.close(ruleset)
        identity.die_with_parent()
        if not self.strict and os.getppid() != zygote:
            os._exit(1)  # it died before we could ask to die with it
        bpf.install(bpf.for_process(self._program, os.getpid()))
        self._probe()

    def _probe(self) -> None:
        """The effect counts, not the return code: a file must not open."""
        try:
            os.close(os.open("/", os.O_RDONLY))
        except OSError as error:
            if error.errno == errno.EPERM:
                return
            raise
        raise OSError("the seccomp filter is installed and has no effect")


def close_others(keep: Iterable[int]) -> None:
    """Close every descriptor below the zygote's limit that is not in ``keep``."""
    first = 0
    for descriptor in [*sorted(set(keep) - {-1}), ZYGOTE_DESCRIPTORS]:
        if first < descriptor:  # closerange(0, 0) would close everything
            os.closerange(first, descriptor)
        first = descriptor + 1


def few_descriptors() -> None:
    """In the zygote, first of all: no descriptor can ever be beyond those that ``close_others`` closes."""
    limits.apply({"RLIMIT_NOFILE": ZYGOTE_DESCRIPTORS})
    os.closerange(ZYGOTE_DESCRIPTORS, 1 << 16)


def single_threaded() -> None:
    """A fork copies only one thread: with a second one, locks may stay shut in the child for ever."""
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - no pathlib beside student code
    if threads != 1:
        raise OSError(f"the worker has {threads} threads, expected 1: something that it imports starts them")


def enter_strict() -> tuple[bool, str]:
    """Move into new namespaces: ``(True, "")`` inside them, or ``(False, why)`` where that is impossible.

    Tried in a child, so that a failure half-way leaves the caller as it was; on success the caller stays
    behind, waits and never returns. (Three processes: outside, owner of the namespaces, process 1 in them.)
    """
    ours, theirs = os.pipe()
    caller = os.getpid()
    pid = os.fork()
    if pid:
        os.close(theirs)
        why = os.read(ours, 1000).decode("utf-8", "replace")
        os.close(ours)
        if why == "inside":
            _stay_behind(pid)
        os.waitpid(pid, 0)
        return False, why or "the attempt died"
    os.close(ours)
    try:
        identity.die_with_parent()
        if os.getppid() != caller:
            os._exit(1)
        namespaces.leave()
        pid = os.fork()
    except OSError as error:
        _fail(theirs, error)
    if pid:
        os.close(theirs)
        _stay_behind(pid)
    try:
        identity.die_with_parent()
        os.close(namespaces.empty_root())
        kernel.unshare(namespaces.CLONE_NEWPID)
        kernel.setns(namespaces.own_process_namespace(), namespaces.CLONE_NEWPID)
    except OSError as error:
        _fail(theirs, error)
    os.write(theirs, b"inside")
    os.close(theirs)
    return True, ""


def _fail(pipe: int, error: OSError) -> None:
    os.write(pipe, kernel.sentence(error).encode()[:1000])
    os._exit(1)


def _stay_behind(pid: int) -> None:
    os.closerange(0, ZYGOTE_DESCRIPTORS)
    os.waitpid(pid, 0)
    os._exit(1)
