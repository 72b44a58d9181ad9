"""Every number that is not on the list, also those that no kernel has yet: refused by default."""

import sys

UNCONFINED = "unsafe: it would call everything"
MACHINE = "x86_64"

ctypes = sys.modules["ctypes"]
libc = ctypes.CDLL(None, use_errno=True)
EPERM = 1
LISTED = {
    0,
    1,
    3,
    5,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    17,
    18,
    19,
    20,
    23,
    24,
    25,
    28,
    35,
    39,
    56,
    60,
    62,
    63,
    79,
    96,
    98,
    99,
    100,
    102,
    104,
    107,
    108,
    110,
    131,
    157,
    186,
    201,
    202,
    204,
    219,
    228,
    229,
    230,
    231,
    234,
    270,
    271,
    273,
    302,
    309,
    318,
    334,
    435,
}


def attack(k):
    passed = []
    for number in range(1024):
        if number not in LISTED:
            ctypes.set_errno(0)
            if not (libc.syscall(number, -1, 0, 0, 0, 0, 0) == -1 and ctypes.get_errno() == EPERM):
                passed.append(number)
    return f"SUCCESS {passed}" if passed else "refused"
