"""Put a program into anonymous memory and execute it: neither memfd_create nor execveat is on the list."""

import os

UNCONFINED = "succeeds unless the machine forbids it to everybody"
ENDS = True


def attack(k):
    memory = os.memfd_create("program", 0)
    os.write(memory, b"#!/bin/sh\nexit 42\n")
    os.execve(memory, ["program"], {})
