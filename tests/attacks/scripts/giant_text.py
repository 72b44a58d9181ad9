"""Return a text of 100 MB: replaced by a remark."""

UNCONFINED = "the same: replies are limited in every tier"
EXPECT = "opaque"


def attack(k):
    return "x" * 100_000_000
