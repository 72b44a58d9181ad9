"""process_vm_readv copies another process's memory: it is not on the list."""

import sys

UNCONFINED = "succeeds unless the machine forbids it to everybody"

ctypes = sys.modules["ctypes"]
libc = ctypes.CDLL(None, use_errno=True)


class Piece(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def attack(k):
    buffer = ctypes.create_string_buffer(8)
    here = Piece(ctypes.addressof(buffer), 8)
    there = Piece(k["target_address"], 8)
    got = libc.process_vm_readv(k["target"], ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    return f"SUCCESS {buffer.raw!r}" if got == 8 else "refused"
