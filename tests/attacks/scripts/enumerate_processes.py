"""See which processes run here: /proc cannot be listed, and kill(pid, 0) reaches nobody else."""

import os

UNCONFINED = "succeeds"


def attack(k):
    seen = []
    try:
        seen = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        for pid in (k["parent"], k["zygote"], k["target"]):
            try:
                os.kill(pid, 0)
                seen.append(str(pid))
            except OSError:
                pass
    return "SUCCESS " + " ".join(seen) if seen else "nobody"
