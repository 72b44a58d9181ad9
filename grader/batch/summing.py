"""Sums a class up for its page, by questions to the store: nothing here grows with the class.

Identical files were graded once but are counted once for every student who handed them in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from grader.batch.engine import LETTERS
from grader.batch.scores import PENDING
from grader.batch.task import CaseLine, Facts, Summary
from grader.model import Outcome, Status
from grader.report.classpage import (
    AlikeRow,
    Bar,
    CaseRow,
    ClassReport,
    ClusterRow,
    Examples,
    FunctionRow,
    Link,
    MisconceptionRow,
    Page,
    TimedRow,
    UngradedRow,
)
from grader.report.words import OUTCOME_WORDS, STATUS_WORDS
from grader.store import HandIn, Store

#: Rows of a table, and names in one row.
MOST_ROWS, MOST_NAMES = 200, 5
SLOWEST = 10
BARS = 10

_OUTCOMES = {letter: outcome for outcome, letter in LETTERS.items()}
_RIGHT = LETTERS[Outcome.CORRECT] + LETTERS[Outcome.UNGRADED]  # an ungraded case costs nothing


def sum_up(
    store: Store, facts: Facts, suffix: str, names: Mapping[str, str], pages: Mapping[str, Page]
) -> ClassReport:
    """The class as it is in ``store``. ``suffix`` is that of the reports to link to, ``names`` are the
    clusters' as an instructor gave them, ``pages`` the catalogue's."""
    question = _Question(store, suffix)
    totals = _Totals(facts)
    for hand_in, data in store.scores():
        totals.add(hand_in, msgspec.msgpack.decode(data, type=Summary) if data is not None else None)
    misconceptions = tuple(question.misconceptions(pages))
    return ClassReport(
        assignment=facts.assignment,
        title=facts.title,
        graded=totals.graded,
        max_score=totals.full,
        mean=totals.score / totals.graded if totals.graded else 0.0,
        quartiles=question.quartiles(totals.graded),
        bars=totals.histogram(),
        functions=totals.function_rows(),
        cases=totals.case_rows(),
        misconceptions=misconceptions,
        clusters=tuple(question.clusters(names)),
        alike=tuple(question.alike()),
        slowest=tuple(question.slowest()),
        ungraded=tuple(UngradedRow(question.link(h), reason) for h, reason in totals.ungraded),
        ungraded_count=totals.ungraded_count,
        pages=tuple(pages[m.id] for m in misconceptions if m.id in pages),
        footer=f"grader {facts.engine.split()[0]} · Python {facts.python} · NumPy {facts.numpy}"
        f" · sandbox {facts.sandbox} · cases {facts.fingerprint} · pack {facts.pack}",
    )


# --------------------------------------------------------------------------- counted while streaming


@dataclass
class _Count:
    """What is counted for one function or case."""

    lost: float = 0.0
    number: int = 0
    words: dict[str, int] = field(default_factory=dict)
    follow_through: int = 0

    def word(self, word: str) -> None:
        self.words[word] = self.words.get(word, 0) + 1


class _Totals:
    """Counters for functions, cases and scores; as many as the pack has of them."""

    def __init__(self, facts: Facts) -> None:
        self.full = sum(points for _, points, counted in facts.functions if counted)
        self.graded = self.ungraded_count = 0
        self.score = 0.0
        self.ungraded: list[tuple[HandIn, str]] = []
        self._points = {name: points for name, points, _ in facts.functions}
        self._functions = {name: _Count() for name in self._points}
        self._cases: dict[str, list[tuple[CaseLine, _Count]]] = {name: [] for name in self._points}
        for case in facts.cases:
            self._cases[case.function].append((case, _Count()))
        self._bars = [0] * BARS

    def add(self, hand_in: HandIn, summary: Summary | None) -> None:
        """Count one hand-in."""
        if summary is None or summary.status != "graded":
            self.ungraded_count += 1
            if len(self.ungraded) < MOST_ROWS:
                self.ungraded.append((hand_in, summary.reason if summary else PENDING))
            return
        self.graded += 1
        self.score += summary.score
        share = summary.score / self.full if self.full else 1.0
        self._bars[min(int(share * BARS + 1e-9), BARS - 1)] += 1
        for line in summary.functions:
            count = self._functions[line.name]
            count.lost += max(line.max_score - line.score, 0.0)
            count.word(STATUS_WORDS[Status(line.status)])
            count.follow_through += line.follow_through
            cases = self._cases[line.name]
            if len(cases) != len(line.outcomes):
                continue
            for (case, of_case), letter in zip(cases, line.outcomes, strict=True):
                if letter not in _RIGHT:
                    of_case.lost += case.points
                    of_case.number += 1
                    of_case.word(OUTCOME_WORDS[_OUTCOMES[letter]])

    def histogram(self) -> tuple[Bar, ...]:
        """The intervals of the scores."""
        width = self.full / BARS
        return tuple(Bar(k * width, (k + 1) * width, count) for k, count in enumerate(self._bars))

    def function_rows(self) -> tuple[FunctionRow, ...]:
        """The functions in the order of the rubric."""
        if not self.graded:
            return ()
        return tuple(
            FunctionRow(name, self._points[name], c.lost / self.graded, _sorted(c.words), c.follow_through)
            for name, c in self._functions.items()
        )

    def case_rows(self) -> tuple[CaseRow, ...]:
        """The cases that somebody failed, the dearest first."""
        rows = [
            CaseRow(
                case.function,
                case.name,
                case.group,
                case.visibility == "hidden",
                count.lost / self.graded,
                count.number,
                _sorted(count.words),
            )
            for cases in self._cases.values()
            for case, count in cases
            if count.number
        ]
        return tuple(sorted(rows, key=lambda row: -row.lost))


def _sorted(words: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(words.items(), key=lambda pair: (-pair[1], pair[0])))


# --------------------------------------------------------------------------- asked of the store

#: Every hand-in with its result and what it shares with others.
_SHARED = "hand_in h JOIN result r ON r.key = h.key JOIN trait t ON t.result = r.id"


class _Question:
    """Questions to the store, each answered in a fixed order."""

    def __init__(self, store: Store, suffix: str) -> None:
        self._store, self._suffix = store, suffix

    def link(self, hand_in: HandIn) -> Link:
        """Where the report of a hand-in is."""
        return self._link(hand_in.label)

    def _link(self, label: str) -> Link:
        return Link(label, f"reports/{label}{self._suffix}")

    def _examples(self, count: int, where: str, *parameters: str) -> Examples:
        rows = self._store.query(
            f"SELECT DISTINCT h.label FROM {_SHARED} WHERE {where} ORDER BY h.label LIMIT {MOST_NAMES}",
            parameters,
        )
        return Examples(count, tuple(self._link(row[0]) for row in rows))

    def quartiles(self, graded: int) -> tuple[float, float, float]:
        """The scores at a quarter, a half and three quarters of the graded class."""
        if not graded:
            return (0.0, 0.0, 0.0)
        found = [self._score_at(k * (graded - 1) / 4) for k in (1, 2, 3)]
        return (found[0], found[1], found[2])

    def _score_at(self, position: float) -> float:
        rows = self._store.query(
            "SELECT r.score FROM hand_in h JOIN result r ON r.key = h.key WHERE r.status = 'graded'"
            " ORDER BY r.score LIMIT 2 OFFSET ?",
            (int(position),),
        )
        scores = [float(row[0]) for row in rows]
        share = position - int(position)
        return scores[0] if not share else scores[0] * (1 - share) + scores[-1] * share

    def misconceptions(self, pages: Mapping[str, Page]) -> Iterator[MisconceptionRow]:
        """The misconceptions, the most frequent first."""
        rows = list(
            self._store.query(
                "SELECT t.value, COUNT(DISTINCT h.label),"
                " COUNT(DISTINCT CASE WHEN t.text = 'likely' THEN h.label END)"
                f" FROM {_SHARED} WHERE t.kind = 'misconception'"
                f" GROUP BY t.value ORDER BY 2 DESC, 1 LIMIT {MOST_ROWS}"
            )
        )
        for value, count, likely in rows:
            functions = self._store.query(
                f"SELECT DISTINCT t.function FROM {_SHARED} WHERE t.kind = 'misconception' AND t.value = ?"
                " ORDER BY 1",
                (value,),
            )
            yield MisconceptionRow(
                value,
                pages[value].title if value in pages else value,
                tuple(row[0] for row in functions),
                likely,
                self._examples(count, "t.kind = 'misconception' AND t.value = ?", value),
            )

    def clusters(self, names: Mapping[str, str]) -> Iterator[ClusterRow]:
        """Ways to fail that at least two hand-ins share, or that have a name."""
        rows = list(
            self._store.query(
                "SELECT t.value, t.function, COUNT(DISTINCT h.label), MIN(t.text)"
                f" FROM {_SHARED} WHERE t.kind = 'failure' GROUP BY t.function, t.value"
                f" HAVING COUNT(DISTINCT h.label) > 1 ORDER BY 3 DESC, 2, 1 LIMIT {MOST_ROWS}"
            )
        )
        for value, function, count, text in rows:
            where = "t.kind = 'failure' AND t.function = ? AND t.value = ?"
            examples = self._examples(count, where, function, value)
            yield ClusterRow(value, function, names.get(value, ""), text, examples)

    def alike(self) -> Iterator[AlikeRow]:
        """Hand-ins with the same syntax trees, then those that are the same file without having any."""
        rows = list(
            self._store.query(
                "SELECT t.value, MAX(t.size), COUNT(DISTINCT h.label), COUNT(DISTINCT h.sha256)"
                f" FROM {_SHARED} WHERE t.kind = 'structure' GROUP BY t.value"
                f" HAVING COUNT(DISTINCT h.label) > 1 ORDER BY 3 DESC, 2 DESC, 1 LIMIT {MOST_ROWS}"
            )
        )
        for value, size, count, files in rows:
            texts = self._store.query(
                "SELECT COUNT(DISTINCT t.value) FROM trait t WHERE t.kind = 'source' AND t.result IN"
                " (SELECT result FROM trait WHERE kind = 'structure' AND value = ?)"
                " AND t.result IN (SELECT r.id FROM result r JOIN hand_in h ON h.key = r.key)",
                (value,),
            )
            examples = self._examples(count, "t.kind = 'structure' AND t.value = ?", value)
            yield AlikeRow(files, next(texts)[0], size, examples)
        yield from self._same_files()

    def _same_files(self) -> Iterator[AlikeRow]:
        without = (
            "h.sha256 <> '' AND h.key NOT IN (SELECT r.key FROM result r JOIN trait t ON t.result = r.id"
            " WHERE t.kind = 'structure')"
        )
        rows = list(
            self._store.query(
                f"SELECT h.sha256, COUNT(*) FROM hand_in h WHERE {without} GROUP BY h.sha256"
                f" HAVING COUNT(*) > 1 ORDER BY 2 DESC, 1 LIMIT {MOST_ROWS}"
            )
        )
        for sha256, count in rows:
            names = self._store.query(
                f"SELECT label FROM hand_in h WHERE sha256 = ? AND {without} ORDER BY 1 LIMIT {MOST_NAMES}",
                (sha256,),
            )
            yield AlikeRow(1, 1, 0, Examples(count, tuple(self._link(row[0]) for row in names)))

    def slowest(self) -> Iterator[TimedRow]:
        """The hand-ins that took longest."""
        rows = self._store.query(
            "SELECT h.label, r.seconds FROM hand_in h JOIN result r ON r.key = h.key"
            f" WHERE r.status = 'graded' ORDER BY r.seconds DESC, h.label LIMIT {SLOWEST}"
        )
        for label, seconds in rows:
            yield TimedRow(self._link(label), float(seconds))
