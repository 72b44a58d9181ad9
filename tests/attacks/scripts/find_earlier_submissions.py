"""Search all objects of the interpreter for what another submission left: sources and inputs never pass
through the zygote, so a child is born without them."""

import gc

UNCONFINED = "the same: every submission has a process of its own in every tier"


def attack(k):
    needle = bytes(letter ^ 0x55 for letter in bytes.fromhex(k["masked_canary"])).decode()
    seen = set()

    def holds(value, depth):
        if id(value) in seen or depth > 6:
            return False
        seen.add(id(value))
        if isinstance(value, str):
            return needle in value and value is not needle
        if isinstance(value, bytes):
            return needle.encode() in value
        if isinstance(value, dict):
            return any(holds(v, depth + 1) for v in list(value.values()))
        if isinstance(value, (list, tuple, set)):
            return any(holds(v, depth + 1) for v in list(value))
        return False

    for thing in gc.get_objects():
        if holds(thing, 0):
            return "SUCCESS"
    return "nothing"
