"""Register code for the end of the process (atexit, __del__, gc): the process is killed, never ended."""

import atexit
import gc
import os

UNCONFINED = "the same: the process is killed in every tier"
EXPECT = "done"


class Late:
    def __del__(self):
        os.write(1, b"late")


def attack(k):
    atexit.register(os.unlink, k["victim_file"])
    gc.callbacks.append(lambda *_: None)
    global kept
    kept = Late()
    return "done"
