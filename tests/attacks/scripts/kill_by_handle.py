"""pidfd_open and pidfd_send_signal are kill without a number: neither is on the list."""

import os
import signal

UNCONFINED = "succeeds unless the machine forbids it to everybody"


def attack(k):
    handle = os.pidfd_open(k["target"])
    signal.pidfd_send_signal(handle, 0)
    return "SUCCESS"
