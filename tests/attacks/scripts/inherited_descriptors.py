"""Look for files or sockets that were left open: only /dev/null, two pipes and the bell (an eventfd) are."""

import os

UNCONFINED = "not shown: the worker closes its descriptors in every tier"
EBADF, EINVAL = 9, 22


def attack(k):
    pipes, bells, files = [], [], []
    for number in range(3, 1024):
        try:
            os.lseek(number, 0, os.SEEK_CUR)
        except OSError as error:
            if error.errno != EBADF:
                pipes.append(number)
            continue
        try:
            os.write(number, b"?")  # an eventfd takes eight bytes and nothing else
        except OSError as error:
            (bells if error.errno == EINVAL else files).append(number)
        else:
            files.append(number)
    found = f"{pipes} {bells} {files}"
    return f"SUCCESS {found}" if files or (len(pipes), len(bells)) not in ((2, 1), (2, 0)) else found
