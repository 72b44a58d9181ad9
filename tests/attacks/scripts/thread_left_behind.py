"""Leave a thread behind that goes on after the answer: threads cannot be started."""

import threading
import time

UNCONFINED = "succeeds"


def attack(k):
    thread = threading.Thread(target=time.sleep, args=(0.5,), daemon=True)
    thread.start()
    return "SUCCESS"
