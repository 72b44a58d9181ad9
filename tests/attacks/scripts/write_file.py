"""Create a file: no open."""

import os

UNCONFINED = "succeeds"


def attack(k):
    path = k["folder"] + "/written"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))
    os.unlink(path)
    return "SUCCESS"
