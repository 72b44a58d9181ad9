"""Make two connected sockets, to hide data in the kernel: socketpair is not on the list."""

import socket

UNCONFINED = "succeeds"


def attack(k):
    socket.socketpair()
    return "SUCCESS"
