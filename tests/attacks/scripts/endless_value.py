"""Return a list that contains itself: cut at a fixed depth."""

UNCONFINED = "the same: replies are limited in every tier"
EXPECT = "opaque"


def attack(k):
    value = [1]
    value.append(value)
    return value
