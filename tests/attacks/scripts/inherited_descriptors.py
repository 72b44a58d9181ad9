"""Look for files or sockets that were left open: only /dev/null and three pipes are."""

import os

UNCONFINED = "not shown: the worker closes its descriptors in every tier"
EBADF = 9


def attack(k):
    pipes, files = [], []
    for number in range(3, 1024):
        try:
            os.lseek(number, 0, os.SEEK_CUR)
        except OSError as error:
            if error.errno != EBADF:
                pipes.append(number)
        else:
            files.append(number)
    return f"SUCCESS {pipes} {files}" if files or len(pipes) != 3 else "three pipes"
