"""Return an integer of a million digits, which takes minutes to print: replaced by a remark."""

UNCONFINED = "the same: replies are limited in every tier"
EXPECT = "opaque"


def attack(k):
    return 1 << 4_000_000
