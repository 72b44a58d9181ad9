"""Take memory until the machine has none: RLIMIT_AS ends it in a MemoryError."""

UNCONFINED = "unsafe: it would take this machine's memory"
EXPECT = "MemoryError"


def attack(k):
    kept = []
    while True:
        kept.append(bytearray(1 << 24))
