"""Calls with a history of bugs or for administrators: bpf, perf, keyrings, userfaultfd, modules, ..."""

import sys

UNCONFINED = "succeeds"
MACHINE = "x86_64"

ctypes = sys.modules["ctypes"]
libc = ctypes.CDLL(None, use_errno=True)
EPERM = 1
CALLS = {
    "bpf": 321,
    "perf_event_open": 298,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "userfaultfd": 323,
    "init_module": 175,
    "finit_module": 313,
    "delete_module": 176,
    "kexec_load": 246,
    "syslog": 103,
    "quotactl": 179,
    "swapon": 167,
    "acct": 163,
    "settimeofday": 164,
    "clock_settime": 227,
    "adjtimex": 159,
    "sethostname": 170,
    "iopl": 172,
    "ioperm": 173,
    "modify_ldt": 154,
    "personality": 135,
    "lookup_dcookie": 212,
    "migrate_pages": 256,
    "move_pages": 279,
    "mbind": 237,
    "fanotify_init": 300,
    "name_to_handle_at": 303,
    "open_by_handle_at": 304,
    "kcmp": 312,
    "seccomp": 317,
    "landlock_create_ruleset": 444,
    "memfd_secret": 447,
    "process_madvise": 440,
    "membarrier": 324,
    "ioctl": 16,
    "fcntl": 72,
    "dup": 32,
    "setitimer": 38,
    "alarm": 37,
    "timer_create": 222,
    "eventfd2": 290,
    "epoll_create1": 291,
    "signalfd4": 289,
    "timerfd_create": 283,
    "vmsplice": 278,
    "splice": 275,
    "tee": 276,
    "copy_file_range": 326,
    "sendfile": 40,
    "pkey_mprotect": 329,
    "remap_file_pages": 216,
    "uselib": 134,
    "statfs": 137,
    "sync": 162,
    "vhangup": 153,
    "getdents64": 217,
}


def attack(k):
    passed = []
    for name, number in CALLS.items():
        ctypes.set_errno(0)
        result = libc.syscall(number, -1, 0, 0, 0, 0, 0)
        if not (result == -1 and ctypes.get_errno() == EPERM):
            passed.append(name)
    return "SUCCESS " + " ".join(passed) if passed else "refused"
