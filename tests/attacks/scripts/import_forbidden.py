"""Import what the pack does not allow: the message names the module and what is allowed."""

UNCONFINED = "the same: the policy is applied in every tier"
EXPECT = "ModuleNotFoundError"
ALLOW = "numpy"


def attack(k):
    import socket  # noqa: F401 - the import is the attack

    return "SUCCESS"
