"""Fork twice and leave the session, to live on: there is no fork, and the process group changes nothing."""

import os
import time

UNCONFINED = "succeeds"


def attack(k):
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(theirs, str(os.getpid()).encode())
            time.sleep(3)
        os._exit(0)
    os.waitpid(pid, 0)
    return f"SUCCESS {os.read(ours, 20)!r}"
