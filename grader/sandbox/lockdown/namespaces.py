"""Namespaces: a process's own view of files, processes, network and so on (the ``strict`` tier).

The zygote becomes process 1 of namespaces of its own, so its death ends everything in them. Each child
moves into an empty read-only file system that was made once, and is the only process of its own process
namespace.
"""

from __future__ import annotations

import ctypes
import os
import socket
from array import array

from . import kernel

# include/uapi/linux/sched.h
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
# include/uapi/linux/mount.h
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
#: Any existing folder can carry the new root while it is made; nothing of it is kept or changed.
CARRIERS = ("/tmp", "/usr", "/etc")


def leave() -> None:
    """Move this process into new namespaces; its next child is process 1 there."""
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWPID
    if uid:
        flags |= CLONE_NEWUSER
    kernel.unshare(flags)
    if uid:
        # Ubuntu 24.04 lets the line above pass and refuses here, or only at the first mount.
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{uid} {uid} 1")
        _write("/proc/self/gid_map", f"{gid} {gid} 1")


def empty_root() -> int:
    """A descriptor of a mount namespace that holds one empty read-only folder and nothing else.

    Made by a helper process, because the zygote must go on seeing the files that it imports from.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            kernel.unshare(CLONE_NEWNS)
            made = os.open("/proc/self/ns/mnt", os.O_RDONLY)
            _pivot()
            theirs.sendmsg([b"!"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [made]))])
            status = 0
        except OSError as error:
            theirs.send(kernel.sentence(error).encode())
        finally:
            os._exit(status)
    theirs.close()
    text, ancillary, _, _ = ours.recvmsg(1000, socket.CMSG_SPACE(4))
    ours.close()
    os.waitpid(pid, 0)
    if not ancillary:
        raise OSError(text.decode("utf-8", "replace") or "no empty root could be made")
    return int(array("i", ancillary[0][2])[0])  # Python sets close-on-exec on descriptors that it receives


def own_process_namespace() -> int:
    """A descriptor of the namespace that this process's ids belong to."""
    return os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)


def _pivot() -> None:
    carrier = next(folder for folder in CARRIERS if os.path.isdir(folder))  # noqa: PTH112
    kernel.mount("none", "/", None, MS_REC | MS_PRIVATE)
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    kernel.mount("tmpfs", carrier, "tmpfs", flags, "size=4k,nr_inodes=2,mode=555")
    os.chdir(carrier)
    # pivot_root(".", ".") stacks the old root on the new one, from where it is then taken away.
    here = ctypes.c_char_p(b".")
    kernel.syscall("pivot_root", here, here)
    kernel.unmount(".", MNT_DETACH)
    kernel.mount("none", "/", None, MS_REMOUNT | MS_BIND | MS_RDONLY | flags)
    os.chdir("/")


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:  # noqa: PTH123
        file.write(text)
