"""Change another process's limits: prlimit passes the filter only without new values."""

import resource

UNCONFINED = "succeeds"


def attack(k):
    resource.prlimit(k["target"], resource.RLIMIT_CORE, (0, 0))
    return "SUCCESS"
