"""Make existing memory executable instead: mprotect with PROT_EXEC is refused."""

import mmap
import sys

UNCONFINED = "succeeds unless the machine forbids it to everybody"

ctypes = sys.modules["ctypes"]
libc = ctypes.CDLL(None, use_errno=True)


def attack(k):
    memory = mmap.mmap(-1, 4096)
    address = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
    READ_WRITE_EXECUTE = 7
    return "SUCCESS" if libc.mprotect(address, 4096, READ_WRITE_EXECUTE) == 0 else "refused"
