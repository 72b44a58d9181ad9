"""Leave a core dump behind: RLIMIT_CORE is 0 and no file opens."""

import os

UNCONFINED = "not shown: a core dump is off in every tier"
EXPECT = "killed"


def attack(k):
    os.abort()
