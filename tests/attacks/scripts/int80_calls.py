"""Call the kernel through int 0x80, where numbers mean other calls: that needs own machine code, see there;
and the filter kills a process that uses another architecture's entry."""

import mmap
import sys

UNCONFINED = "not shown: not every kernel has the 32-bit entry"
MACHINE = "x86_64"

ctypes = sys.modules["ctypes"]


def attack(k):
    GETPID = 20
    code = b"\xb8" + GETPID.to_bytes(4, "little") + b"\xcd\x80\xc3"  # mov eax, 20; int 0x80; ret
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return f"SUCCESS {ctypes.CFUNCTYPE(ctypes.c_int)(address)()}"
