"""Talk to a virtual machine's host, which no network namespace would stop: socket is not on the list."""

import socket

UNCONFINED = "not shown: not every machine is virtual"


def attack(k):
    socket.socket(getattr(socket, "AF_VSOCK", 40), socket.SOCK_STREAM).close()
    return "SUCCESS"
