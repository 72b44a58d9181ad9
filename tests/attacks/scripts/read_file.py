"""Open a file of the grader and read it: the list of system calls has no open."""

import io

UNCONFINED = "succeeds"


def attack(k):
    with io.open(k["secret_file"]) as file:
        return "SUCCESS " + file.read()
