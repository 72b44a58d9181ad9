"""Connect to a socket without a file, which no file permission guards: socket is not on the list."""

import socket

UNCONFINED = "succeeds"


def attack(k):
    with socket.socket(socket.AF_UNIX) as end:
        end.connect("\0" + k["abstract"])
    return "SUCCESS"
