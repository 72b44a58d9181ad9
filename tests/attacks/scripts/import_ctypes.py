"""Import ctypes although the pack allows everything: it is refused by name."""

UNCONFINED = "the same: the policy is applied in every tier"
EXPECT = "ModuleNotFoundError"


def attack(k):
    import ctypes  # noqa: F401 - the import is the attack

    return "SUCCESS"
