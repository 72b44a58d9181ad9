"""Print without end: what is beyond the limit is dropped inside, and the function's answer still counts."""

UNCONFINED = "the same: output is cut in every tier"
EXPECT = "cut"


def attack(k):
    for line in range(100_000):
        print("flood", line)
    return "done"
