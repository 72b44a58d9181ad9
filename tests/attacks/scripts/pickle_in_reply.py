"""Return an object whose pickle runs code when it is read: nothing is pickled, so it is only named."""

import os

UNCONFINED = "the same: nothing is pickled in any tier"
EXPECT = "opaque"


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/pickle-bomb",)


def attack(k):
    return Bomb()
