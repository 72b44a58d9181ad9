"""One submission: its program is loaded once, and again whenever a call has hung, crashed or killed it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable

from grader.model import Arguments, LoadError, NoValue, Outcome, Program, Raised, Reply
from grader.sandbox.dialogue import Dialogue, Oracle, Request, Stopped
from grader.sandbox.launch import Child

#: Statements of a submission that may hang or crash while loading before we give up.
MAX_RELOADS = 3


class Session:
    """A program and the process that has loaded it. Use it as a context manager."""

    def __init__(
        self,
        spawn: Callable[[], Child],
        program: Program,
        oracle: Oracle | None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """``meanwhile`` is what there is to do while a process loads the program."""
        self._spawn, self._program, self._oracle, self._meanwhile = spawn, program, oracle, meanwhile
        self._dialogue: Dialogue | None = None
        self._is_loaded = False
        self._upcoming: deque[Request] = deque()
        self._skip: dict[int, Raised] = {}
        self._careful = False  # load statement by statement, because one of them hangs or crashes
        self._errors: tuple[LoadError, ...] = ()
        self._failure: NoValue | None = None
        self._load_seconds = 0.0
        size = len(program.source.encode("utf-8", "replace"))
        if size > program.limits.source_kb << 10:
            most = program.limits.source_kb
            text = f"the code is {size / 1024:.0f} KB long; the grader runs at most {most} KB"
            self._failure = NoValue(Outcome.NOT_RUN, text)
        else:
            self._begin()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def load_errors(self) -> tuple[LoadError, ...]:
        """Statements that failed when executed, in the order of their lines."""
        self._loaded()
        return self._errors

    @property
    def load_seconds(self) -> float:
        """How long loading the program has taken so far, every time that it was loaded."""
        return self._load_seconds

    def close(self) -> None:
        """End the process."""
        if self._dialogue is not None:
            self._dialogue.close()
            self._dialogue = None
            self._is_loaded = False

    def plan(self, calls: Iterable[tuple[str, Arguments] | tuple[str, Arguments, int]]) -> None:
        """The calls that will come, in this order: (function, arguments, entropy). Only a hint, for speed.

        The process begins once it has loaded the program. It can read the inputs of planned calls before
        their turn, so never plan a hidden case while a public one, whose answer is shown, is still to come.
        """
        self._upcoming = deque(Request(*call) for call in calls)
        if self._dialogue is not None:
            self._dialogue.begin(self._upcoming, self._is_loaded)

    def call(self, function: str, args: Arguments, seconds: float, *, entropy: int = 0) -> Reply:
        """Call a function of the submission on fresh copies of ``args``.

        ``entropy`` goes into the seed of the random number generators: the same call with two different
        values shows whether an answer is random.
        """
        request = self._next(Request(function, args, entropy))
        for last in (False, True):
            dialogue = self._loaded()
            if isinstance(dialogue, Dialogue) and dialogue.busy_with_others(request):
                self.close()
                dialogue = self._loaded()
            if isinstance(dialogue, NoValue):
                return dialogue
            started = time.monotonic()
            try:
                return dialogue.call(request, seconds, self._upcoming)
            except Stopped as stop:
                self.close()
                if last or not stop.orphaned:
                    taken = time.monotonic() - started
                    return NoValue(stop.outcome, stop.detail, taken, printed=dialogue.printed)
                # Our zygote died, which is not the student's doing: the call is made once more.
            except BaseException:
                self.close()  # an oracle failed, or Ctrl-C: whatever is in the pipes belongs to no later call
                raise
        raise AssertionError

    def _next(self, request: Request) -> Request:
        """The planned request that this is, if it is one; what was planned before it is not to come."""
        for position, planned in enumerate(self._upcoming):
            if planned.same(request):
                for _ in range(position + 1):
                    self._upcoming.popleft()
                return planned
        self._upcoming.clear()
        return request

    def _begin(self) -> None:
        self._dialogue = Dialogue(
            self._spawn(), self._program, self._oracle, self._careful, tuple(self._skip)
        )
        self._is_loaded = False
        self._meanwhile()

    def _loaded(self) -> Dialogue | NoValue:
        """A process that has loaded the program, or why there is none."""
        reloads = orphans = 0
        while self._failure is None:
            if self._dialogue is None:
                self._begin()
            assert self._dialogue is not None
            if self._is_loaded:
                return self._dialogue
            at: list[int] = []
            started = time.monotonic()
            try:
                errors = self._dialogue.loaded(at)
            except Stopped as stop:
                self.close()
                if stop.orphaned and not orphans:
                    orphans += 1
                elif not self._careful:
                    self._careful = True
                elif at and reloads < MAX_RELOADS:
                    reloads += 1
                    self._skip[at[-1]] = Raised(str(stop.outcome), stop.detail, (at[-1],))
                else:
                    self._failure = NoValue(stop.outcome, stop.detail)
            except BaseException:
                self.close()
                raise
            else:
                skipped = tuple(LoadError(line, raised) for line, raised in self._skip.items())
                self._errors = tuple(sorted(errors + skipped, key=lambda error: error.line or 0))
                self._is_loaded = True
            finally:
                self._load_seconds += time.monotonic() - started
        return self._failure
