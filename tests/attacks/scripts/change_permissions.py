"""chmod and chown: not on the list."""

import os

UNCONFINED = "succeeds unless the machine forbids it to everybody"


def attack(k):
    for change in (lambda: os.chmod(k["victim_file"], 0o600), lambda: os.chown(k["victim_file"], -1, -1)):
        try:
            change()
            return "SUCCESS"
        except OSError:
            pass
    return "refused"
