"""A process that grades one task after the other, for the batch that started it.

It is a program of its own rather than a fork, so that it shares nothing with the batch: not the store,
not its lock, not a half-written buffer. It speaks over its standard input and output in frames: a
length and a message. It ends when its input ends, so that no worker outlives a batch that was killed.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import struct
import sys
import threading
from typing import IO

LENGTH = struct.Struct("<Q")

#: Run with ``python -c``: the batch's own search path and no other, so not the folder it is called in.
BOOT = "import sys; sys.path[:] = sys.argv[1:]; from grader.batch.worker import main; main()"


def write_frame(stream: IO[bytes], data: bytes) -> None:
    """Send one message."""
    stream.write(LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next message, or None at the end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    data = stream.read(length)
    return data if len(data) == length else None


def main() -> None:
    """Serve until the batch goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the batch decides when it is over
    source, target = _own_pipes()
    recipe = read_frame(source)
    if recipe is None:
        os._exit(0)
    code = _serve(recipe, source, target)
    sys.stdout.flush()
    os._exit(code)


def _own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes to the batch, put where no ``print`` of a pack's code can reach them."""
    source, target = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return os.fdopen(source, "rb"), os.fdopen(target, "wb")


def _serve(recipe: bytes, source: IO[bytes], target: IO[bytes]) -> int:
    from grader.batch.task import Failed, Refused, decode_task, encode
    from grader.errors import GraderError

    try:
        grader = pickle.loads(recipe)()  # from the batch that started this process, nobody else
        facts = encode(grader.facts)
    except GraderError as error:
        write_frame(target, encode(Refused(str(error), error.exit_code)))
        return 1
    except Exception as error:
        write_frame(target, encode(Refused(f"a worker could not start: {type(error).__name__}: {error}")))
        return 1
    write_frame(target, facts)
    tasks: queue.Queue[bytes] = queue.Queue(maxsize=1)
    threading.Thread(target=_receive, args=(source, tasks), daemon=True).start()
    while True:
        task = decode_task(tasks.get())
        try:
            reply = encode(grader(task))
        except Exception as error:
            # Whatever it was, the next submission gets a fresh process.
            reason = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
            write_frame(target, encode(Failed(task.key, reason)))
            grader.close()
            return 1
        write_frame(target, reply)


def _receive(source: IO[bytes], tasks: queue.Queue[bytes]) -> None:
    """Tasks as they come; the end of the batch ends this process in the middle of whatever it does."""
    while (data := read_frame(source)) is not None:
        tasks.put(data)
    os._exit(0)
