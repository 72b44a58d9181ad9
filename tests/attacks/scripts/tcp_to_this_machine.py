"""Connect to a service on this machine: socket is not on the list."""

import socket

UNCONFINED = "succeeds"


def attack(k):
    socket.create_connection(("127.0.0.1", k["port"]), timeout=2).close()
    return "SUCCESS"
