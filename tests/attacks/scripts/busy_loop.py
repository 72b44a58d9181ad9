"""Never return: the clock is the grader's, and the process is killed."""

UNCONFINED = "the same: the clock is the grader's in every tier"
EXPECT = "timed_out"


def attack(k):
    while True:
        pass
