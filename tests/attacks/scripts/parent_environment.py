"""Read the grader's environment in /proc: no file opens, and in strict there is no /proc."""

import io

UNCONFINED = "succeeds unless the machine forbids it to everybody"


def attack(k):
    with io.open(f"/proc/{k['parent']}/environ", "rb") as file:
        return f"SUCCESS {len(file.read())} bytes"
