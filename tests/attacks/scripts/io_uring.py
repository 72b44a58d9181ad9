"""io_uring does file and network work past the list of calls: its calls are not on the list."""

import sys

UNCONFINED = "not shown: many systems switch io_uring off"
MACHINE = "x86_64"

ctypes = sys.modules["ctypes"]
libc = ctypes.CDLL(None, use_errno=True)


def attack(k):
    IO_URING_SETUP = 425
    got = libc.syscall(IO_URING_SETUP, 8, ctypes.create_string_buffer(120))
    return f"SUCCESS {got}" if got >= 0 else "refused"
