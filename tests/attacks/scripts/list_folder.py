"""List a folder: neither open nor getdents is on the list."""

import os

UNCONFINED = "succeeds"


def attack(k):
    return "SUCCESS " + " ".join(os.listdir(k["folder"]))
