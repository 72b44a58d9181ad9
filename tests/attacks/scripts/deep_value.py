"""Return a list nested a million deep, which overflows a parser's stack: cut at a fixed depth."""

UNCONFINED = "the same: replies are limited in every tier"
EXPECT = "opaque"


def attack(k):
    value = []
    for _ in range(1_000_000):
        value = [value]
    return value
