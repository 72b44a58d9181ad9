"""Print terminal commands and lone surrogates: the grader cleans what it reads."""

UNCONFINED = "the same: output is cleaned in every tier"
EXPECT = "clean"


def attack(k):
    print("\x1b[2J\x1b]0;title\x07 \ud800 \u202e \x00")
    return 1
