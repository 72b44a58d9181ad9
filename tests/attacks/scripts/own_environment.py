"""Look for secrets in the environment: the worker starts with an explicit one, in which none is."""

import io
import os

UNCONFINED = "not shown: the environment is clean in every tier"


def attack(k):
    found = dict(os.environ)
    try:
        with io.open("/proc/self/environ") as file:
            found["proc"] = file.read()
    except Exception:
        pass
    leaked = [name for name, value in found.items() if k["secret"] in value or "HOME" in name]
    return "SUCCESS " + " ".join(leaked) if leaked else "nothing"
