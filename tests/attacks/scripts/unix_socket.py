"""Connect to a socket in the file system: socket is not on the list."""

import socket

UNCONFINED = "succeeds"


def attack(k):
    with socket.socket(socket.AF_UNIX) as end:
        end.connect(k["unix"])
    return "SUCCESS"
