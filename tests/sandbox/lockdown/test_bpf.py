"""The filter, run in an interpreter of classic BPF: what each machine would allow, without being it."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from grader.sandbox.lockdown import bpf, syscalls

MACHINES = list(syscalls.TABLES)
PID = 4711
ALLOW, EPERM, KILL = bpf.ALLOW, bpf.ERRNO | errno.EPERM, bpf.KILL_PROCESS

#: Calls that reach files, networks, other processes or the kernel's administration. None may ever be allowed.
NEVER = """
    open openat openat2 creat execve execveat fork vfork socket socketpair connect bind listen accept
    accept4 sendto sendmsg sendmmsg recvfrom recvmsg ptrace process_vm_readv process_vm_writev
    pidfd_open pidfd_getfd pidfd_send_signal tkill rt_sigqueueinfo rt_tgsigqueueinfo mount umount2
    pivot_root chroot chdir fchdir unshare setns bpf perf_event_open io_uring_setup io_uring_enter
    io_uring_register userfaultfd keyctl add_key request_key memfd_create memfd_secret shmget shmat
    shmctl msgget msgsnd semget semop mq_open chmod fchmod fchmodat chown fchown fchownat link linkat
    symlink symlinkat unlink unlinkat rename renameat renameat2 mkdir mkdirat mknod mknodat truncate
    ftruncate fallocate inotify_init1 fanotify_init name_to_handle_at open_by_handle_at setuid setgid
    setresuid setresgid setgroups capset setsid setpgid sched_setaffinity sched_setscheduler setpriority
    setrlimit personality quotactl acct swapon reboot kexec_load init_module finit_module delete_module
    syslog settimeofday clock_settime clock_adjtime sethostname seccomp landlock_create_ruleset ioctl
    fcntl dup dup2 dup3 pipe pipe2 stat lstat newfstatat statx access faccessat readlink readlinkat
    getdents getdents64 setitimer timer_create eventfd2 epoll_create1 signalfd4 timerfd_create mlock
    mlockall pkey_mprotect process_madvise
""".split()  # noqa: SIM905 - a list of names reads better so


def run(program: bytes, machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter returns for a call, as the kernel would run it."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    arch = syscalls.ARCHITECTURES[machine] if architecture is None else architecture
    data = struct.pack("<iIQ6Q", number if number < 1 << 31 else number - (1 << 32), arch, 0, *padded)
    accumulator = at = steps = 0
    while True:
        code, then, otherwise, k = struct.unpack_from("<HBBI", program, 8 * at)
        at, steps = at + 1, steps + 1
        assert steps < 1000
        if code == bpf.LOAD:
            (accumulator,) = struct.unpack_from("<I", data, k)
        elif code == bpf.JUMP_EQUAL:
            at += then if accumulator == k else otherwise
        elif code == bpf.JUMP_AT_LEAST:
            at += then if accumulator >= k else otherwise
        elif code == bpf.JUMP_BITS:
            at += then if accumulator & k else otherwise
        else:
            assert code == bpf.RETURN
            return k


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def program(machine: str) -> bytes:
    return bpf.for_process(bpf.build(machine), PID)


def test_every_number_that_is_not_named_is_refused(machine: str, program: bytes) -> None:
    """Also those that no kernel has yet."""
    named = {
        number for name, number in syscalls.TABLES[machine].items() if name in (*bpf.ALLOWED, *CONDITIONAL)
    }
    for number in [*range(1200), 0x3FFFFFFF]:
        if number not in named:
            assert run(program, machine, number) == EPERM, number


CONDITIONAL = ("kill", "tgkill", "prctl", "prlimit64", "clone", "clone3")


def test_every_call_on_the_list_is_allowed(machine: str, program: bytes) -> None:
    for name in bpf.ALLOWED:
        if name in syscalls.TABLES[machine]:
            assert run(program, machine, syscalls.TABLES[machine][name]) == ALLOW, name


def test_no_dangerous_call_is_on_the_list() -> None:
    assert not set(NEVER) & {*bpf.ALLOWED, *CONDITIONAL}


def test_another_architecture_is_killed(machine: str, program: bytes) -> None:
    """On x86_64 this is int 0x80, where number 11 means execve."""
    i386, other = 0x40000003, 0xC00000B7 if machine == "x86_64" else 0xC000003E
    for architecture in (i386, other, 0):
        assert run(program, machine, 0, architecture=architecture) == KILL


def test_the_x32_numbers_are_killed() -> None:
    program = bpf.for_process(bpf.build("x86_64"), PID)
    for number in (0x40000000, 0x40000000 | 59, 0x40000000 | 520, 0xFFFFFFFF):
        assert run(program, "x86_64", number) == KILL


HIGH = 1 << 32
ARGUMENTS = [
    pytest.param("kill", (PID, 9), ALLOW, id="kill: itself"),
    pytest.param("kill", (PID + 1, 9), EPERM, id="kill: another"),
    pytest.param("kill", (0, 9), EPERM, id="kill: the group"),
    pytest.param("kill", ((1 << 64) - 1, 9), EPERM, id="kill: everybody"),
    pytest.param(
        "kill", (HIGH | (PID + 1), 9), EPERM, id="kill: another, with high bits that the kernel drops"
    ),
    pytest.param("tgkill", (PID, 1, 9), ALLOW, id="tgkill: itself"),
    pytest.param("tgkill", (1, 1, 9), EPERM, id="tgkill: another"),
    pytest.param("prctl", (15,), ALLOW, id="prctl: a thread's name"),
    pytest.param("prctl", (0x53564D41,), ALLOW, id="prctl: a mapping's name"),
    *[
        pytest.param("prctl", (n,), EPERM, id=f"prctl: {n}")
        for n in (0, 1, 4, 8, 14, 17, 22, 24, 38, 47, 0x59616D61)
    ],
    pytest.param("prlimit64", (0, 7, 0, 4096), ALLOW, id="prlimit64: reading"),
    pytest.param("prlimit64", (0, 7, 4096, 0), EPERM, id="prlimit64: writing"),
    pytest.param("prlimit64", (0, 7, HIGH, 0), EPERM, id="prlimit64: writing from a high address"),
    pytest.param("mmap", (0, 4096, 3), ALLOW, id="mmap: data"),
    pytest.param("mmap", (0, 4096, 4), bpf.ERRNO | errno.EACCES, id="mmap: code"),
    pytest.param("mmap", (0, 4096, HIGH | 7), bpf.ERRNO | errno.EACCES, id="mmap: all with high bits"),
    pytest.param("mprotect", (0, 4096, 1), ALLOW, id="mprotect: read-only"),
    pytest.param("mprotect", (0, 4096, 5), bpf.ERRNO | errno.EACCES, id="mprotect: code"),
    pytest.param("clone", (0x11,), bpf.ERRNO | errno.EAGAIN, id="clone: a process"),
    pytest.param("clone", (0x3D0F00,), bpf.ERRNO | errno.EAGAIN, id="clone: a thread"),
    pytest.param("clone3", (), bpf.ERRNO | errno.ENOSYS, id="clone3"),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), ARGUMENTS)
def test_arguments_decide(
    machine: str, program: bytes, name: str, arguments: tuple[int, ...], expected: int
) -> None:
    assert run(program, machine, syscalls.TABLES[machine][name], *arguments) == expected


def test_the_program_is_one_that_the_kernel_accepts(program: bytes) -> None:
    """At most 4096 instructions, every jump inside, a return at the end."""
    count, rest = divmod(len(program), 8)
    assert rest == 0
    assert count <= 4096
    for at in range(count):
        code, then, otherwise, k = struct.unpack_from("<HBBI", program, 8 * at)
        if code == bpf.LOAD:
            assert k % 4 == 0
            assert k < 64
        if code not in (bpf.LOAD, bpf.RETURN):
            assert at + 1 + max(then, otherwise) < count
    assert struct.unpack_from("<H", program, 8 * (count - 1))[0] == bpf.RETURN


def test_the_own_process_id_is_filled_in_everywhere(program: bytes) -> None:
    assert struct.pack("<I", bpf.OWN_PID) not in program
    assert program.count(struct.pack("<I", PID)) == 2


HEADERS = {
    "x86_64": [Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm/unistd_64.h")],
    "aarch64": [Path("/usr/include/asm-generic/unistd.h")],
}


def test_the_numbers_are_those_of_the_kernels_headers(machine: str) -> None:
    """Where the headers are installed."""
    path = next((path for path in HEADERS[machine] if path.exists()), None)
    if path is None:
        pytest.skip("the kernel's headers are not installed")
    text = path.read_text()
    found = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    for name, number in syscalls.TABLES[machine].items():
        assert found[name] == number, name


def test_an_unknown_machine_gets_no_cage() -> None:
    assert not syscalls.known("riscv64")
    with pytest.raises(OSError, match="the system calls of a riscv64 are not known to the grader"):
        syscalls.number("read", "riscv64")
