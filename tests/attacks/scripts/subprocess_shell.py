"""Start a shell and read what it says: no pipe, no fork, no exec."""

import subprocess

UNCONFINED = "succeeds"


def attack(k):
    return "SUCCESS " + subprocess.run(["/bin/echo", "hello"], capture_output=True, text=True).stdout
