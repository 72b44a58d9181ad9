"""How far it is: a line now and then in a log file, a bar on a terminal, nothing when asked to be quiet."""

from __future__ import annotations

import io

from grader.batch.progress import EVERY, Progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_file_gets_a_line_now_and_then() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, clock=clock) as progress:
        progress.begin(1000, 0)
        for _ in range(10):
            clock.now += EVERY / 4
            progress.advance(10)
    assert stream.getvalue().splitlines() == [
        "40 of 1000 submissions, 4.0 a second, about 4 min left",
        "80 of 1000 submissions, 4.0 a second, about 4 min left",
    ]


def test_what_failed_and_what_was_there_before_is_said() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, clock=clock) as progress:
        progress.begin(100, 40)
        clock.now += EVERY
        progress.advance(20, 3)
    assert stream.getvalue().splitlines() == [
        "40 of 100 submissions are graded already",
        "60 of 100 submissions, 3 not graded, 2.0 a second, about 20 s left",
    ]


def test_a_terminal_gets_a_bar() -> None:
    stream = Terminal()
    with Progress(stream) as progress:
        progress.begin(10, 0)
        progress.advance(5, 1)
        progress.say("a sentence of its own")
        progress.advance(5)
    shown = stream.getvalue()
    assert "10/10" in shown
    assert "1 not graded" in shown
    assert "a sentence of its own" in shown


def test_nothing_to_do_shows_no_bar() -> None:
    stream = Terminal()
    with Progress(stream) as progress:
        progress.begin(10, 10)
    assert stream.getvalue() == ""


def test_a_files_name_cannot_speak_to_the_terminal() -> None:
    for stream in (io.StringIO(), Terminal()):
        with Progress(stream) as progress:
            progress.begin(10, 0)
            progress.say("grader: \x1b[31mevil\x07.py: changed while the batch was running")
        assert "\x1b[31m" not in stream.getvalue()
        assert "\x07" not in stream.getvalue()
        assert "\\x1b[31mevil\\x07.py: changed" in stream.getvalue()


def test_quiet_is_quiet() -> None:
    stream = Terminal()
    with Progress(stream, quiet=True) as progress:
        progress.begin(10, 5)
        progress.advance(5)
        progress.say("a sentence")
    assert stream.getvalue() == ""
