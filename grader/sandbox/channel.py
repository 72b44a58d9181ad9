"""Bytes to and from a student's process: what is sent never waits, what is read never waits too long.

Two ways of the same: ``PollChannel`` asks the kernel which pipe is ready; ``ThreadChannel`` lets threads
block instead, because Windows cannot wait for pipes.
"""

from __future__ import annotations

import os
import queue
import select
import threading
import time
from abc import ABC, abstractmethod

from grader.sandbox.protocol import Frame, FrameReader

CHUNK = 1 << 16
#: A process that did not ring is looked at this often: it may have died or hang, or keep the bell to itself.
LOOK_MILLISECONDS = 20


class Expired(Exception):
    """The time was up before the frame was whole."""


class Closed(Exception):
    """The other end closed its pipe: the process ended, or closed its descriptors."""


class Channel(ABC):
    """One process's pipes. ``deadline`` is a value of ``time.monotonic``."""

    def __init__(self, max_payload: int) -> None:
        self._reader = FrameReader(max_payload)

    @abstractmethod
    def post(self, data: bytes) -> None:
        """Send ``data``, now or while waiting for an answer; a process that is gone shows when reading."""

    @abstractmethod
    def _read(self, deadline: float) -> bytes:
        """At least one byte; raises Expired or Closed."""

    @abstractmethod
    def _silent(self) -> bool:
        """Whether nothing waits to be read (the end of the stream counts as nothing)."""

    @abstractmethod
    def close(self) -> None:
        """Give the pipes back."""

    @property
    def quiet(self) -> bool:
        """Whether the process said nothing that it was not asked for."""
        return self._reader.empty and self._silent()

    def receive(self, deadline: float) -> Frame:
        """The next frame; raises Expired, Closed or Unreadable."""
        while True:
            frame = self._reader.take()
            if frame is not None:
                return frame
            if time.monotonic() >= deadline:
                raise Expired  # even if bytes keep dripping in
            self._reader.feed(self._read(deadline))


class PollChannel(Channel):
    """Two pipes and a bell that says when to look at the second, waited for with ``poll``.

    The process sleeps until ``start`` is rung, which is when it has something to read. Both are eventfds.
    """

    def __init__(self, target: int, source: int, bell: int, start: int, max_payload: int) -> None:
        super().__init__(max_payload)
        self._target, self._source, self._bell, self._start = target, source, bell, start
        self._has_begun = False
        os.set_blocking(target, False)
        os.set_blocking(source, False)
        self._unsent = b""

    def post(self, data: bytes) -> None:
        """Send ``data``, now or while waiting for an answer."""
        self._unsent = self._unsent + data if self._unsent else data
        self._flush()
        if not self._has_begun:
            self._has_begun = True
            os.eventfd_write(self._start, 1)

    def _flush(self) -> None:
        try:
            while self._unsent:
                self._unsent = self._unsent[os.write(self._target, self._unsent) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self._unsent = b""

    def _read(self, deadline: float) -> bytes:
        while True:
            is_late = time.monotonic() >= deadline
            try:
                data = os.read(self._source, CHUNK)
            except BlockingIOError:
                if is_late:
                    raise Expired from None
                self._wait(deadline)
            else:
                if not data:
                    raise Closed
                return data

    def _wait(self, deadline: float) -> None:
        """Until the bell rings, what is left to send can be sent, or it is time to look anyway."""
        poll = select.poll()
        # In the middle of a frame the process may be waiting for us to make room in the pipe.
        poll.register(self._bell if self._reader.empty else self._source, select.POLLIN)
        if self._unsent:
            poll.register(self._target, select.POLLOUT)
        ready = poll.poll(min(_milliseconds(deadline), LOOK_MILLISECONDS))
        if self._unsent:
            self._flush()
        if any(descriptor == self._bell for descriptor, _ in ready):
            os.eventfd_read(self._bell)

    def _silent(self) -> bool:
        poll = select.poll()
        poll.register(self._source, select.POLLIN)
        return not any(event & select.POLLIN for _, event in poll.poll(0))

    def close(self) -> None:
        """Give the pipes back."""
        for descriptor in (self._target, self._source, self._bell, self._start):
            os.close(descriptor)


class ThreadChannel(Channel):
    """Two blocking descriptors with a thread each; the queue in is short, so a flood stays in the pipe."""

    def __init__(self, target: int, source: int, max_payload: int) -> None:
        super().__init__(max_payload)
        self._target, self._source = target, source
        self._incoming: queue.Queue[bytes] = queue.Queue(maxsize=4)
        self._outgoing: queue.Queue[bytes | None] = queue.Queue()
        self._seen = b""
        for job in (self._pull, self._push):
            threading.Thread(target=job, daemon=True).start()

    def _pull(self) -> None:
        while True:
            try:
                data = os.read(self._source, CHUNK)
            except OSError:
                data = b""
            self._incoming.put(data)
            if not data:
                os.close(self._source)
                return

    def _push(self) -> None:
        broken = False
        while (data := self._outgoing.get()) is not None:
            view = memoryview(data)
            try:
                while view and not broken:
                    view = view[os.write(self._target, view) :]
            except OSError:
                broken = True
        os.close(self._target)

    def post(self, data: bytes) -> None:
        """Hand ``data`` to the thread that writes."""
        self._outgoing.put(data)

    def _read(self, deadline: float) -> bytes:
        if self._seen:
            data, self._seen = self._seen, b""
            return data
        try:
            data = self._incoming.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise Expired from None
        if not data:
            self._incoming.put(b"")  # so that a later read sees the end as well
            raise Closed
        return data

    def _silent(self) -> bool:
        if not self._seen:
            try:
                self._seen = self._incoming.get_nowait()
            except queue.Empty:
                return True
        if not self._seen:
            self._incoming.put(b"")
        return not self._seen

    def close(self) -> None:
        """Called after the process was killed: both threads then meet the end of their pipes."""
        self._outgoing.put(None)
        while True:  # make room for a reader that waits with a full queue
            try:
                self._incoming.get_nowait()
            except queue.Empty:
                return


def _milliseconds(deadline: float) -> int:
    return max(0, int((deadline - time.monotonic()) * 1000) + 1)
