"""Become a shell: execve is not on the list."""

import os

UNCONFINED = "succeeds"
ENDS = True


def attack(k):
    os.execv("/bin/sh", ["sh", "-c", "exit 42"])
