"""sys.exit(0) to end the grader: it is an exception like any other."""

UNCONFINED = "the same: it is an exception in every tier"
EXPECT = "SystemExit"


def attack(k):
    raise SystemExit(0)
