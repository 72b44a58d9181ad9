"""rename, link, symlink and mkdir: not on the list."""

import os

UNCONFINED = "succeeds"


def attack(k):
    path = k["folder"] + "/made"
    for make, undo in (
        (lambda: os.mkdir(path), lambda: os.rmdir(path)),
        (lambda: os.symlink("/", path), lambda: os.unlink(path)),
        (lambda: os.link(k["victim_file"], path), lambda: os.unlink(path)),
        (lambda: os.rename(k["victim_file"], path), lambda: os.rename(path, k["victim_file"])),
        (lambda: os.mkfifo(path), lambda: os.unlink(path)),
    ):
        try:
            make()
            undo()
            return "SUCCESS"
        except OSError:
            pass
    return "refused"
