"""The nouns of grading: small frozen facts that every other module speaks in.

They are structs rather than dictionaries, so that a misspelt field is a type error and not a missing
mark; of msgspec, because dataclasses would take a third of the time that `grader run` needs to start.
Nothing in here reads a file, runs code or knows what a convolution is.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeAlias

from msgspec import Struct, field

#: What may cross between the parent and the sandbox: None, bool, int, float, complex, str,
#: np.ndarray (plain, kinds b i u f c), tuple, list, dict with str keys, and, in replies, Opaque.
Value: TypeAlias = Any
#: The positional arguments of one call.
Arguments: TypeAlias = tuple[Value, ...]


class StrEnum(str, Enum):
    """An enum whose members are their own JSON text (Python 3.10 has none)."""

    __str__ = str.__str__


class Outcome(StrEnum):
    """What became of one case."""

    CORRECT = "correct"
    WRONG = "wrong"
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    KILLED = "killed"
    MISSING = "missing"
    NOT_RUN = "not_run"
    UNGRADED = "ungraded"


class Visibility(StrEnum):
    """Whether a student may see the values of a case."""

    PUBLIC = "public"
    HIDDEN = "hidden"


class Status(StrEnum):
    """The verdict on one function."""

    CORRECT = "correct"
    PARTIAL = "partial"
    INCORRECT = "incorrect"
    BLANK = "blank"
    MISSING = "missing"
    NOT_GRADED = "not_graded"


class Level(StrEnum):
    """How much a note matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


# --------------------------------------------------------------------------- the submission


class Place(Struct, frozen=True):
    """A line of the submission: code cell (1-based, None for a plain .py file) and line (1-based)."""

    cell: int | None
    line: int

    def __str__(self) -> str:
        return f"line {self.line}" if self.cell is None else f"cell {self.cell}, line {self.line}"


class Cell(Struct, frozen=True):
    """One code cell. ``number`` counts code cells from 1; it is None in a plain .py file, whose
    lines are then counted through the whole file from ``first_line``. ``index`` is the position
    among all cells of an .ipynb, Markdown cells included (for rendering)."""

    source: str
    number: int | None
    index: int
    first_line: int = 1

    def place(self, line: int) -> Place:
        """Where line ``line`` (1-based, within this cell) stands."""
        return Place(self.number, line + self.first_line - 1)


class Note(Struct, frozen=True):
    """A remark about the submission for the report. One that is made out of a reply to a hidden
    case (or out of anything that happened after one) must say ``visibility=Visibility.HIDDEN``."""

    level: Level
    message: str
    place: Place | None = None
    function: str | None = None
    visibility: Visibility = Visibility.PUBLIC


class Submission(Struct, frozen=True):
    """A file that a student handed in, read but not run."""

    name: str
    sha256: str
    container: str  # "ipynb", "py", "percent", "markdown"
    cells: tuple[Cell, ...]
    notes: tuple[Note, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    raw: bytes = b""

    def __repr__(self) -> str:
        return f"Submission({self.name!r}, {self.sha256!r}, {len(self.cells)} cells)"


# --------------------------------------------------------------------------- extraction


class DefinitionState(StrEnum):
    """What the reader of the source can say about a wanted function before running it."""

    DEFINED = "defined"
    BLANK = "blank"  # looks unfinished: only comments, pass, ..., None left in; decided by running
    BROKEN = "broken"  # its own source does not parse
    MISSING = "missing"


class Definition(Struct, frozen=True):
    """One wanted function as it stands in the submission."""

    name: str
    state: DefinitionState
    place: Place | None = None
    end_line: int | None = None
    detail: str = ""  # for BROKEN the syntax error, for MISSING a near-miss name
    uses: tuple[str, ...] = ()  # other wanted functions that it reaches, directly or through helpers
    undefined: tuple[str, ...] = ()  # names that it reads and that only other cells (or nobody) define


class Dropped(Struct, frozen=True):
    """A piece of the submission that was left out of the slice although it might be missed."""

    place: Place
    reason: str


class ExtractedSource(Struct, frozen=True):
    """The dependency slice of the wanted functions: what is sent to the sandbox.

    ``line_map[k]`` is the place of line ``k + 1`` of ``source`` in the submission.
    """

    source: str
    definitions: Mapping[str, Definition]
    line_map: tuple[Place, ...]
    imports: tuple[str, ...] = ()  # absolute module names that the slice imports
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[Note, ...] = ()

    def place(self, line: int | None) -> Place | None:
        """The place in the submission of a line of ``source``."""
        if line is None or not 1 <= line <= len(self.line_map):
            return None
        return self.line_map[line - 1]


# --------------------------------------------------------------------------- cases


class Output(Struct, frozen=True):
    """One output of a function: its name and how strictly its form is taken.

    ``kind``: ``array`` (exact shape) · ``scalar`` (float, 0-d or any shape of size 1) · ``record``
    (a sequence that starts with the expected elements; more may follow).
    """

    name: str
    kind: str = "array"


class Difference(Struct, frozen=True):
    """The first rung on which a value fails, as a sentence without the values' own numbers in
    ``rung`` (``arity type shape finite dtype values arguments overwritten repeat property``)."""

    rung: str
    message: str
    index: tuple[int, ...] | None = None  # where values first differ
    output: str = ""  # name of the output, e.g. "dW"
    count: int = 0  # entries that differ
    size: int = 0  # entries in all


class Case(Struct, frozen=True):
    """One question to a function: one or more calls and how the answers are judged.

    Without ``judge`` every call's answer is compared with the reference's. With it, ``judge`` is
    given the answers (in order) and says what is wrong, or None. ``outputs`` names the outputs that
    are compared (empty: all). ``unchanged`` asks that the arguments be left alone.
    """

    name: str
    function: str
    calls: tuple[Arguments, ...]
    group: str
    visibility: Visibility
    points: float
    outputs: tuple[str, ...] = ()
    unchanged: bool = False
    judge: Callable[[tuple[Value, ...]], Difference | None] | None = None
    property_id: str = ""  # the property that judges it, if one does
    meaning: str = ""  # one sentence for the student: what this case asks
    group_title: str = ""  # the group in words

    @property
    def inputs(self) -> Arguments:
        """The arguments of the first call."""
        return self.calls[0]

    def __repr__(self) -> str:
        shown = repr(self.calls) if self.visibility is Visibility.PUBLIC else "<hidden>"
        return f"Case({self.name!r}, {self.function!r}, calls={shown}, points={self.points})"


# --------------------------------------------------------------------------- replies of the sandbox


class Opaque(Struct, frozen=True):
    """Stands, inside a returned value, for something that is not plain data."""

    type_name: str
    reason: str  # e.g. "a generator", "8.0 GB, more than the 64 MB a reply may hold"


class Raised(Struct, frozen=True):
    """An exception out of the student's code. ``lines`` are lines of ``ExtractedSource.source``,
    outermost first; text is cleaned of control characters and cut, but still the student's."""

    type_name: str
    message: str
    lines: tuple[int, ...] = ()
    places: tuple[Place, ...] = ()  # the same lines in the submission; filled in by the pipeline


class LoadError(Struct, frozen=True):
    """A top-level statement of the slice that failed when it was executed; ``line`` is one of
    ``ExtractedSource.source``, None where it is not known."""

    line: int | None
    raised: Raised


class Returned(Struct, frozen=True):
    """The function returned; ``value`` was rebuilt by the parent out of plain data."""

    value: Value
    seconds: float = 0.0
    changed: tuple[int, ...] = ()  # positions of arguments whose bytes changed during the call
    printed: str = ""
    overwritten: tuple[int, ...] = ()  # outputs of the function's call before that this call changed


class NoValue(Struct, frozen=True):
    """The function did not return."""

    outcome: Outcome  # RAISED TIMED_OUT KILLED MISSING NOT_RUN UNGRADED
    detail: str
    seconds: float = 0.0
    raised: Raised | None = None
    printed: str = ""


Reply: TypeAlias = Returned | NoValue


class Limits(Struct, frozen=True):
    """What one submission may use."""

    seconds_per_case: float = 2.0
    seconds_per_submission: float = 60.0
    memory_mb: int = 512
    output_kb: int = 64
    reply_mb: int = 64
    source_kb: int = 256
    helper_calls: int = 20_000  # calls of right helpers per case, see Program.stubs


class Program(Struct, frozen=True):
    """Everything the sandbox needs to know of a submission."""

    source: str
    functions: tuple[str, ...]
    limits: Limits = Limits()
    allowed_imports: tuple[str, ...] = ("numpy",)
    compat: tuple[str, ...] = ()  # removed NumPy names to put back, e.g. "np.float"
    stubs: tuple[str, ...] = ()  # functions whose calls are answered by the parent


# --------------------------------------------------------------------------- results


class Certainty(StrEnum):
    """How sure a diagnosis is."""

    LIKELY = "likely"
    POSSIBLE = "possible"


class FaultModel(Struct, frozen=True):
    """A function with one wrong belief built in: trusted code that answers as the student would.

    ``run`` takes the function's arguments and returns what it would return, or raises what it would
    raise. ``misconception`` is the id of the page; ``variant`` tells models of one page apart.
    """

    misconception: str
    function: str
    run: Callable[..., Value]
    variant: str = ""
    summary: str = ""  # overrides the page's summary when the variant needs its own sentence
    # What two faults at once need: ``run_with(settings, *args)`` runs the same code with any settings;
    # models with the same ``run_with`` and no setting in common can be put together.
    settings: Mapping[str, Any] = field(default_factory=dict)
    run_with: Callable[..., Value] | None = None
    synonyms: tuple[str, ...] = ()  # ids that no input can tell from this one
    telling: bool = True  # False where slips outside the catalogue give the same answers: never "likely"
    weight: float = 1.0  # how often it is seen; decides only the order of what fits equally well

    @property
    def label(self) -> str:
        """``kernel-flipped`` or ``kernel-flipped/rows-only``."""
        return f"{self.misconception}/{self.variant}" if self.variant else self.misconception


class Twin(Struct, frozen=True):
    """A tiny public case on which a diagnosed fault shows, worked out by hand.

    All arrays are plain ndarrays; ``products`` is window * kernel, whose sum is ``expected_entry``.
    """

    call: str  # e.g. "conv_forward(A_prev, W, b, {'stride': 1, 'pad': 0})"
    inputs: tuple[tuple[str, Value], ...]  # (name, value), in the order of the arguments
    got: Value
    expected: Value
    output: str = ""
    index: tuple[int, ...] | None = None  # first entry that differs
    got_entry: float | None = None
    expected_entry: float | None = None
    steps: tuple[tuple[str, Value], ...] = ()  # (caption, array or number) in the order of reading
    sentence: str = ""


class Diagnosis(Struct, frozen=True):
    """A misconception that explains a function's answers."""

    id: str
    certainty: Certainty
    summary: str
    question: str
    variant: str = ""
    title: str = ""
    twin: Twin | None = None
    place: Place | None = None  # where in the code a static finding points to
    synonyms: tuple[str, ...] = ()
    tried: int = 0  # fault models that were compared (instructor)


class CaseResult(Struct, frozen=True):
    """What became of one case and what it earned."""

    case: Case
    outcome: Outcome
    detail: str = ""
    score: float = 0.0
    seconds: float = 0.0
    follow_through: bool = False
    replies: tuple[Reply, ...] = ()
    expected: tuple[Value, ...] = ()
    difference: Difference | None = None


class FunctionResult(Struct, frozen=True):
    """The verdict on one function."""

    name: str
    status: Status
    score: float
    max_score: float
    cases: tuple[CaseResult, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    findings: tuple[Note, ...] = ()  # static findings and remarks about this function
    follow_through: bool = False
    blamed: tuple[str, ...] = ()  # helpers that are to blame where follow_through is set
    definition: Definition | None = None
    detail: str = ""  # one sentence: the first thing to look at
    counted: bool = True  # False for practice functions, which carry no points


class Environment(Struct, frozen=True):
    """Enough to reproduce a report."""

    python: str
    numpy: str
    sandbox: str
    mechanisms: tuple[str, ...] = ()
    cases: str = ""  # fingerprint of the case set, never the secret
    pack: str = ""  # digest of the pack
    platform: str = ""


class Report(Struct, frozen=True):
    """The whole answer to one submission."""

    assignment: str
    title: str
    submission: Submission
    functions: tuple[FunctionResult, ...]
    notes: tuple[Note, ...]
    environment: Environment
    grader_version: str
    status: str = "graded"  # or "not_graded"
    reason: str = ""  # why it is not graded

    @property
    def score(self) -> float:
        """The sum of the functions' scores, rounded once, here."""
        return round(sum(f.score for f in self.functions), 6)

    @property
    def max_score(self) -> float:
        """The points that can be had."""
        return round(sum(f.max_score for f in self.functions if f.counted), 6)


def system() -> str:
    """The operating system, its version and the machine, for a report.

    Not ``platform.platform()``, which starts a process to ask for the processor's name.
    """
    return "-".join((platform.system(), platform.release(), platform.machine()))
