"""Change a file's content, length or dates: none of the calls is on the list."""

import os

UNCONFINED = "succeeds unless the machine forbids it to everybody"


def attack(k):
    path = k["victim_file"]
    for change in (
        lambda: os.truncate(path, 5),
        lambda: os.utime(path),
        lambda: os.setxattr(path, "user.x", b"x"),
        lambda: os.close(os.open(path, os.O_WRONLY | os.O_TRUNC)),
    ):
        try:
            change()
            return "SUCCESS"
        except OSError:
            pass
    return "refused"
