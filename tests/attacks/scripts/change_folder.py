"""chdir, fchdir and chroot: not on the list."""

import os

UNCONFINED = "succeeds"


def attack(k):
    for change in (lambda: os.chdir(k["folder"]), lambda: os.chroot(k["folder"])):
        try:
            change()
            return "SUCCESS"
        except OSError:
            pass
    return "refused"
