"""Return a list of ten million items, which would fill the grader's memory: replaced by a remark."""

UNCONFINED = "the same: replies are limited in every tier"
EXPECT = "opaque"


def attack(k):
    return [0] * 3_000_000
