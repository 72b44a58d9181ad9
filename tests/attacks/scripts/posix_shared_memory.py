"""A file in /dev/shm outlives its process: no file opens."""

import os

UNCONFINED = "succeeds"


def attack(k):
    path = f"/dev/shm/attack-{os.getpid()}"
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    os.unlink(path)
    return "SUCCESS"
