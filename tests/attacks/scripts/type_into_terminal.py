"""Push characters into the grader's terminal (TIOCSTI): no terminal is open, none opens, no ioctl."""

import fcntl
import os

UNCONFINED = "not shown: tests have no terminal"


def attack(k):
    TIOCSTI = 0x5412
    for number in range(5):
        try:
            fcntl.ioctl(number, TIOCSTI, b"x")
            return "SUCCESS"
        except OSError:
            pass
    os.open("/dev/tty", os.O_RDWR)
    return "SUCCESS"
