"""Import past the hook, with the import system's own functions: what is not loaded cannot be read."""

import importlib.util
import sys

UNCONFINED = "succeeds"
ALLOW = "numpy importlib sys"


def attack(k):
    sys.modules.pop("xmlrpc", None)
    importlib.import_module("xmlrpc.client")
    return "SUCCESS"
