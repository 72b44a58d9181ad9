"""Use or take back a capability: all sets are empty, and capset is not on the list."""

import struct
import sys

UNCONFINED = "root only"

ctypes = sys.modules["ctypes"]
libc = ctypes.CDLL(None, use_errno=True)


def attack(k):
    header = ctypes.create_string_buffer(struct.pack("<Ii", 0x20080522, 0), 8)
    full = ctypes.create_string_buffer(struct.pack("<IIIIII", *[0xFFFFFFFF, 0xFFFFFFFF, 0] * 2), 24)
    held = ctypes.create_string_buffer(24)
    if libc.capget(header, held) == 0 and any(held.raw):
        return "SUCCESS holds"
    return "SUCCESS" if libc.capset(header, full) == 0 else "refused"
