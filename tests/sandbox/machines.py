"""Machines that lack something, made out of this one: a process that is refused certain system calls.

    python machines.py unshare,setns -- python -m grader doctor

A seccomp filter of two instructions a call refuses them with EPERM (or ENOSYS, as an old kernel would),
for the command and all that it starts. That is also how Docker takes namespaces away.
"""

from __future__ import annotations

import errno
import os
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grader.sandbox.lockdown import bpf, identity, syscalls

#: Numbers that the product itself never needs: arch/x86/entry/syscalls/syscall_64.tbl, asm-generic/unistd.h.
MORE = {
    "x86_64": {
        "unshare": 272,
        "setns": 308,
        "mount": 165,
        "setresuid": 117,
        "prlimit64": 302,
        "setresgid": 119,
    },
    "aarch64": {
        "unshare": 97,
        "setns": 268,
        "mount": 40,
        "setresuid": 147,
        "prlimit64": 261,
        "setresgid": 149,
    },
}


def refusing(names: list[str], number: int) -> bytes:
    """A filter that refuses these calls and allows all others."""
    table = {**syscalls.TABLES[syscalls.MACHINE], **MORE[syscalls.MACHINE]}
    program = [struct.pack("<HBBI", bpf.LOAD, 0, 0, bpf.NUMBER)]
    for name in names:
        program.append(struct.pack("<HBBI", bpf.JUMP_EQUAL, 0, 1, table[name]))
        program.append(struct.pack("<HBBI", bpf.RETURN, 0, 0, bpf.ERRNO | number))
    program.append(struct.pack("<HBBI", bpf.RETURN, 0, 0, bpf.ALLOW))
    return b"".join(program)


if __name__ == "__main__":
    names, _, *command = sys.argv[1:]
    kind = errno.EPERM
    if names.startswith("without:"):
        names, kind = names.removeprefix("without:"), errno.ENOSYS
    identity.no_new_privileges()
    bpf.install(refusing(names.split(","), kind))
    os.execv(command[0], command)
