"""The numbers of the system calls that are allowed, judged or made here, for the machines we know.

Sources: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (aarch64) of the Linux
kernel. A number never changes its meaning. A machine that is not listed gets no cage, and so no grading.
"""

from __future__ import annotations

import os

X86_64 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10,
    "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17,
    "pwrite64": 18, "readv": 19, "writev": 20, "select": 23, "sched_yield": 24, "mremap": 25,
    "madvise": 28, "nanosleep": 35, "getpid": 39, "clone": 56, "exit": 60, "kill": 62, "uname": 63,
    "getcwd": 79, "gettimeofday": 96, "getrusage": 98, "sysinfo": 99, "times": 100, "getuid": 102,
    "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110, "capset": 126, "sigaltstack": 131,
    "pivot_root": 155, "prctl": 157, "gettid": 186, "time": 201, "futex": 202, "sched_getaffinity": 204,
    "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230,
    "exit_group": 231, "tgkill": 234, "pselect6": 270, "ppoll": 271, "set_robust_list": 273,
    "prlimit64": 302, "getcpu": 309, "seccomp": 317, "getrandom": 318, "rseq": 334, "pidfd_open": 434,
    "clone3": 435, "landlock_create_ruleset": 444, "landlock_restrict_self": 446,
}  # fmt: skip

AARCH64 = {
    "getcwd": 17, "pivot_root": 41, "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65,
    "writev": 66, "pread64": 67, "pwrite64": 68, "pselect6": 72, "ppoll": 73, "fstat": 80, "capset": 91,
    "exit": 93, "exit_group": 94, "futex": 98, "set_robust_list": 99, "nanosleep": 101,
    "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "sched_getaffinity": 123,
    "sched_yield": 124, "restart_syscall": 128, "kill": 129, "tgkill": 131, "sigaltstack": 132,
    "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "times": 153, "uname": 160,
    "getrusage": 165, "prctl": 167, "getcpu": 168, "gettimeofday": 169, "getpid": 172, "getppid": 173,
    "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177, "gettid": 178, "sysinfo": 179,
    "brk": 214, "munmap": 215, "mremap": 216, "clone": 220, "mmap": 222, "mprotect": 226, "madvise": 233,
    "prlimit64": 261, "seccomp": 277, "getrandom": 278, "rseq": 293, "pidfd_open": 434, "clone3": 435,
    "landlock_create_ruleset": 444, "landlock_restrict_self": 446,
}  # fmt: skip

MACHINE = os.uname().machine

TABLES = {"x86_64": X86_64, "aarch64": AARCH64}

#: AUDIT_ARCH_* of include/uapi/linux/audit.h: what the filter sees in ``seccomp_data.arch``.
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def known(machine: str | None = None) -> bool:
    """Whether there is a table for this machine."""
    return (machine or MACHINE) in TABLES


def number(name: str, machine: str | None = None) -> int:
    """The number of a system call; OSError on a machine that is not listed."""
    machine = machine or MACHINE
    if machine not in TABLES:
        raise OSError(f"the system calls of a {machine} are not known to the grader")
    return TABLES[machine][name]
