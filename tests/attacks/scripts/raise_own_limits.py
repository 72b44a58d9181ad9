"""Raise the own memory limit: the hard limits are low, and prlimit passes only without new values."""

import resource

UNCONFINED = "succeeds"


def attack(k):
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE):
        _, hard = resource.getrlimit(kind)
        try:
            resource.setrlimit(kind, (hard, hard))
            return f"SUCCESS {kind}"
        except (OSError, ValueError):
            pass
    return "refused"
