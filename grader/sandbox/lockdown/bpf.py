"""The list of system calls that student code may make, as a program for the kernel's seccomp filter.

Default deny: whatever is not named is refused, so a call that a future kernel adds is refused as well.
There is no open, no socket, no fork and no exec on the list. All that a student may import is loaded
before the filter is installed; from then on a computation needs memory, time and its pipes.
"""

from __future__ import annotations

import ctypes
import errno
import struct

from . import kernel, syscalls

# Classic BPF (include/uapi/linux/bpf_common.h): load a word; jump if equal, at least, any bit set; return.
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
# include/uapi/linux/seccomp.h
ALLOW, ERRNO, KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
SECCOMP_SET_MODE_FILTER = 1
# struct seccomp_data: int nr; u32 arch; u64 instruction_pointer; u64 args[6]; all little-endian here.
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
#: __X32_SYSCALL_BIT of arch/x86/include/uapi/asm/unistd.h: the x32 ABI shares the architecture of x86_64.
X32 = 0x40000000
PROT_EXEC = 4  # include/uapi/asm-generic/mman-common.h
#: PR_SET_NAME, PR_GET_NAME and PR_SET_VMA, which glibc's allocator and threads use: they only put labels.
LABELS = (15, 16, 0x53564D41)

ALLOWED = (
    # Its own memory, its pipes, the time: the calls of every computation come first.
    "read", "write", "mmap", "munmap", "mprotect", "brk", "mremap", "madvise", "futex", "clock_gettime",
    "getrandom", "readv", "writev", "pread64", "pwrite64", "lseek", "close", "fstat",
    # Its own signals.
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall",
    "sched_yield", "nanosleep", "clock_nanosleep", "clock_getres", "gettimeofday", "time",
    "poll", "ppoll", "select", "pselect6", "exit", "exit_group", "set_robust_list", "rseq",
    # Reading about itself.
    "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getrusage", "times", "getcpu",
    "sched_getaffinity", "sysinfo", "uname", "getcwd",
)  # fmt: skip

#: Stands for the child's own process id, which is known only after the fork.
OWN_PID = 0x5AFE51D0

Instruction = bytes


def _load(offset: int) -> Instruction:
    return struct.pack("<HBBI", LOAD, 0, 0, offset)


def _jump(kind: int, value: int, then: int, otherwise: int) -> Instruction:
    return struct.pack("<HBBI", kind, then, otherwise, value)


def _return(action: int) -> Instruction:
    return struct.pack("<HBBI", RETURN, 0, 0, action)


def _refuse(number: int) -> Instruction:
    return _return(ERRNO | number)


def _low(argument: int) -> Instruction:
    """Load the low half of an argument: all of it where the kernel takes an int."""
    return _load(ARGUMENTS + 8 * argument)


def _high(argument: int) -> Instruction:
    return _load(ARGUMENTS + 8 * argument + 4)


def _conditional() -> dict[str, list[Instruction]]:
    """What is decided by looking at an argument. Each list ends in a return on every way."""
    refused, allowed = _refuse(errno.EPERM), _return(ALLOW)
    own_process = [_low(0), _jump(JUMP_EQUAL, OWN_PID, 0, 1), allowed, refused]
    not_executable = [_low(2), _jump(JUMP_BITS, PROT_EXEC, 0, 1), _refuse(errno.EACCES), allowed]
    last = len(LABELS) - 1
    label = [_jump(JUMP_EQUAL, value, last - k + 1, 0) for k, value in enumerate(LABELS)]
    return {
        "kill": own_process,
        "tgkill": own_process,
        # No new code after the lock-down: what runs is what was loaded.
        "mmap": not_executable,
        "mprotect": not_executable,
        "prctl": [_low(0), *label, refused, allowed],
        # Reading limits is harmless (`resource.getrlimit`); a pointer to new ones must be null.
        "prlimit64": [
            *[_low(2), _jump(JUMP_EQUAL, 0, 0, 3)],
            *[_high(2), _jump(JUMP_EQUAL, 0, 0, 1)],
            *[allowed, refused],
        ],
        # What glibc and Python expect of a system that cannot start threads now.
        "clone": [_refuse(errno.EAGAIN)],
        "clone3": [_refuse(errno.ENOSYS)],
    }


def build(machine: str | None = None) -> bytes:
    """The filter for a machine, with ``OWN_PID`` in the place of the process's own id."""
    machine = machine or syscalls.MACHINE
    table = syscalls.TABLES[machine]
    program = [
        _load(ARCHITECTURE),
        _jump(JUMP_EQUAL, syscalls.ARCHITECTURES[machine], 1, 0),
        _return(KILL_PROCESS),
        _load(NUMBER),
    ]
    if machine == "x86_64":
        program += [_jump(JUMP_AT_LEAST, X32, 0, 1), _return(KILL_PROCESS)]
    conditional = _conditional()
    for name in ALLOWED:
        if name in table:
            body = conditional.pop(name, [_return(ALLOW)])
            program += [_jump(JUMP_EQUAL, table[name], 0, len(body)), *body]
    for name, body in conditional.items():
        program += [_jump(JUMP_EQUAL, table[name], 0, len(body)), *body]
    program.append(_refuse(errno.EPERM))
    return b"".join(program)


def for_process(program: bytes, pid: int) -> bytes:
    """The filter with a process's own id filled in."""
    return program.replace(struct.pack("<I", OWN_PID), struct.pack("<I", pid))


class _Program(ctypes.Structure):
    """struct sock_fprog of include/uapi/linux/filter.h."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def install(program: bytes) -> None:
    """Put the calling process under the filter, for good."""
    buffer = ctypes.create_string_buffer(program, len(program))
    described = _Program(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    kernel.syscall("seccomp", SECCOMP_SET_MODE_FILTER, 0, ctypes.byref(described))
