"""Make a socket of any family, connected or not: neither socket nor socketpair is on the list."""

import socket

UNCONFINED = "succeeds"


def attack(k):
    for family in range(1, 46):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind).close()
                return f"SUCCESS {family} {kind}"
            except OSError:
                pass
    return "refused"
