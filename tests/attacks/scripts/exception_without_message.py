"""Raise an exception whose message raises: reported without one."""

UNCONFINED = "the same: it is reported in every tier"
EXPECT = "Silent"


class Silent(Exception):
    def __str__(self):
        raise SystemExit


def attack(k):
    raise Silent
