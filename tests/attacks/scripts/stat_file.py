"""Learn that a file exists, and its size: stat in all its forms is not on the list."""

import os

UNCONFINED = "succeeds"


def attack(k):
    return f"SUCCESS {os.stat(k['secret_file']).st_size} {os.access(k['secret_file'], os.R_OK)}"
