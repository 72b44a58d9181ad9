"""Keeps the results of a batch, so that whatever ends it costs only what was being graded just then.

One SQLite file in the batch's folder, written by one process. Every result is on the disk before the
next is asked for (write-ahead log, synchronous=FULL): neither ``kill -9`` nor a power cut takes one
back. A result is found again by its key, a hash of all that decides it, so an unchanged submission is
never graded twice and a changed one always is.

Who handed what in is written anew by every run; the results stay. Everything that a whole class needs
is asked of the database, in order and row by row: no list in memory grows with the class.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from grader.errors import NotGraded, UsageError

FILE = "store.sqlite"
LOCK = "store.lock"
#: Raised where the tables below change; an older store is then not read but refused.
VERSION = 1

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE result (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    score REAL NOT NULL,
    max_score REAL NOT NULL,
    seconds REAL NOT NULL,
    summary BLOB NOT NULL,
    document BLOB NOT NULL
);
CREATE TABLE trait (
    result INTEGER NOT NULL REFERENCES result (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    function TEXT NOT NULL,
    value TEXT NOT NULL,
    text TEXT NOT NULL,
    size INTEGER NOT NULL
);
CREATE INDEX trait_value ON trait (kind, function, value);
CREATE INDEX trait_result ON trait (result);
CREATE TABLE hand_in (
    label TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    student TEXT NOT NULL,
    path BLOB NOT NULL,
    member TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    key TEXT NOT NULL,
    problem TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX hand_in_key ON hand_in (key);
CREATE TABLE written (
    label TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    view TEXT NOT NULL,
    sizes TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE common (fingerprint TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class HandIn:
    """One row of the class: a file, its student, its report's name, and the key of its result."""

    label: str
    name: str
    student: str
    path: str
    member: str
    sha256: str
    key: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What one content got; ``summary`` and ``document`` are the caller's own bytes."""

    key: str
    status: str
    score: float
    max_score: float
    seconds: float
    summary: bytes
    document: bytes
    traits: tuple[tuple[str, str, str, str, int], ...] = ()  # kind, function, value, text, size


@dataclass(frozen=True, slots=True)
class Written:
    """The files of one report: for which key and view, and how long each is."""

    label: str
    key: str
    view: str
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Work:
    """One content that is not done: its key, and hand-ins whose reports are missing."""

    key: str
    labels: tuple[str, ...]


def key_of(sha256: str, suffix: str, setting: Mapping[str, Any]) -> str:
    """The key of a result: the submission's hash, how its name ends, and all else that decides."""
    text = json.dumps([sha256, suffix, dict(setting)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Store:
    """The results in one folder. A context manager; ``open_store`` makes one."""

    def __init__(self, connection: sqlite3.Connection, folder: Path, lock: IO[bytes] | None) -> None:
        self._connection, self._folder, self._lock = connection, folder, lock

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give file and lock back; what was kept is on the disk already."""
        self._connection.close()
        if self._lock is not None:
            self._lock.close()

    # ----------------------------------------------------------------- the class

    def set_class(self, hand_ins: Iterable[HandIn]) -> None:
        """Replace the list of hand-ins, labels made unique; all of it or nothing.

        Where two hand-ins would have the same file name, each gets a mark made of its own path, so
        that neither depends on what else is in the class. A label has no ``~`` of its own.
        """
        with self._writing() as db:
            db.execute("DROP TABLE IF EXISTS temp.found")
            db.execute(
                "CREATE TEMP TABLE found (seq INTEGER PRIMARY KEY, folded TEXT, label TEXT, name TEXT,"
                " student TEXT, path TEXT, member TEXT, sha256 TEXT, key TEXT, problem TEXT)"
            )
            db.executemany(
                "INSERT INTO found VALUES (NULL, folded(?1), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                map(_row, hand_ins),
            )
            db.execute("DELETE FROM hand_in")
            db.execute(
                "INSERT INTO hand_in SELECT CASE WHEN COUNT(*) OVER same > 1"
                "  THEN label || '~' || mark(name, ROW_NUMBER() OVER (PARTITION BY name ORDER BY seq))"
                "  ELSE label END, name, student, path, member, sha256, key, problem"
                " FROM found WINDOW same AS (PARTITION BY folded)"
            )
            db.execute("DROP TABLE temp.found")

    def count(self) -> tuple[int, int]:
        """How many hand-ins there are, and how many of them have a result."""
        total = self._one("SELECT COUNT(*) FROM hand_in")
        done = self._one("SELECT COUNT(*) FROM hand_in WHERE key IN (SELECT key FROM result)")
        return int(total), int(done)

    def count_written(self, view: str) -> int:
        """How many hand-ins have their reports in this view."""
        return int(
            self._one("SELECT COUNT(*) FROM hand_in JOIN written USING (label, key) WHERE view = ?", view)
        )

    def count_status(self) -> dict[str, int]:
        """How many hand-ins have a result of each status."""
        rows = self._rows("SELECT status, COUNT(*) FROM hand_in JOIN result USING (key) GROUP BY status")
        return {str(status): int(number) for status, number in rows}

    def hand_ins(self) -> Iterator[HandIn]:
        """Every hand-in, in the order of the labels."""
        for row in self._rows("SELECT * FROM hand_in ORDER BY label"):
            yield _hand_in(row)

    def hand_in(self, label: str) -> HandIn | None:
        """The hand-in whose report has this name."""
        row = next(self._rows("SELECT * FROM hand_in WHERE label = ?", (label,)), None)
        return None if row is None else _hand_in(row)

    def scores(self) -> Iterator[tuple[HandIn, bytes | None]]:
        """Every hand-in with its result's summary, or None, in the order of the labels."""
        query = "SELECT h.*, r.summary FROM hand_in h LEFT JOIN result r USING (key) ORDER BY h.label"
        for row in self._rows(query):
            yield _hand_in(row[:-1]), row[-1]

    # ----------------------------------------------------------------- what is to be done

    def work(self, view: str, most: int, only: bool = False) -> Iterator[Work]:
        """What has no result, or no report in this view: each content once, with ``most`` of its hand-ins.

        May be read while results are being added. ``only`` keeps to the keys given to ``forget``.
        """
        after = ""
        chosen = "AND h.key IN (SELECT key FROM temp.chosen)" if only else ""
        query = (
            "SELECT h.key FROM hand_in h LEFT JOIN written w ON w.label = h.label AND w.key = h.key"
            f" AND w.view = ?1 WHERE w.label IS NULL AND h.key > ?2 {chosen}"
            " GROUP BY h.key ORDER BY h.key LIMIT 64"
        )
        while keys := [row[0] for row in self._rows(query, (view, after))]:
            for key in keys:
                if labels := self.missing(key, view, most):
                    yield Work(key, labels)
            after = keys[-1]

    def missing(self, key: str, view: str, most: int) -> tuple[str, ...]:
        """Hand-ins with this key that have no report in this view."""
        rows = self._rows(
            "SELECT h.label FROM hand_in h LEFT JOIN written w ON w.label = h.label AND w.key = h.key"
            " AND w.view = ?2 WHERE h.key = ?1 AND w.label IS NULL ORDER BY h.label LIMIT ?3",
            (key, view, most),
        )
        return tuple(row[0] for row in rows)

    def document(self, key: str) -> bytes | None:
        """The result's document, or None where there is no result."""
        row = next(self._rows("SELECT document FROM result WHERE key = ?", (key,)), None)
        return None if row is None else bytes(row[0])

    def forget(self, statuses: Sequence[str]) -> int:
        """Drop the results of this class with these statuses, so that they are graded again.

        Returns how many there were; their keys are what ``work(only=True)`` keeps to.
        """
        marks = ", ".join("?" * len(statuses))
        with self._writing() as db:
            db.execute("CREATE TEMP TABLE IF NOT EXISTS chosen (key TEXT PRIMARY KEY)")
            db.execute(
                "INSERT OR IGNORE INTO chosen SELECT key FROM result JOIN hand_in USING (key)"
                f" WHERE status IN ({marks})",
                tuple(statuses),
            )
            db.execute("DELETE FROM written WHERE key IN (SELECT key FROM chosen)")
            return db.execute("DELETE FROM result WHERE key IN (SELECT key FROM chosen)").rowcount

    # ----------------------------------------------------------------- results

    def save(self, results: Sequence[Result], written: Sequence[Written]) -> None:
        """Keep results and what was written of them; on the disk when this returns."""
        with self._writing() as db:
            for r in results:
                cursor = db.execute(
                    "INSERT OR IGNORE INTO result VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
                    (r.key, r.status, r.score, r.max_score, r.seconds, r.summary, r.document),
                )
                if cursor.rowcount:
                    number = cursor.lastrowid
                    db.executemany(
                        "INSERT INTO trait VALUES (?, ?, ?, ?, ?, ?)", ((number, *t) for t in r.traits)
                    )
            db.executemany(
                "INSERT OR REPLACE INTO written VALUES (?, ?, ?, ?)",
                ((w.label, w.key, w.view, json.dumps(dict(w.sizes), sort_keys=True)) for w in written),
            )

    def written(self) -> Iterator[Written]:
        """The files of all reports, those of hand-ins that are gone included."""
        for label, key, view, sizes in self._rows("SELECT * FROM written ORDER BY label"):
            yield Written(label, key, view, json.loads(sizes))

    def gone(self) -> Iterator[str]:
        """Labels of reports that belong to no hand-in of the class any more."""
        for row in self._rows("SELECT label FROM written WHERE label NOT IN (SELECT label FROM hand_in)"):
            yield row[0]

    def unwrite(self, labels: Sequence[str]) -> None:
        """Forget that these reports were written."""
        with self._writing() as db:
            db.executemany("DELETE FROM written WHERE label = ?", ((label,) for label in labels))

    def unwrite_other_views(self, view: str) -> None:
        """Forget the reports that were rendered in another way."""
        with self._writing() as db:
            db.execute("DELETE FROM written WHERE view <> ?", (view,))

    def keep_common(self, fingerprint: str, content: bytes) -> None:
        """Keep, once, what many results have in common."""
        if self.common(fingerprint) is None:
            with self._writing() as db:
                db.execute("INSERT INTO common VALUES (?, ?)", (fingerprint, content))

    def common(self, fingerprint: str) -> bytes | None:
        """What was kept under this fingerprint."""
        row = next(self._rows("SELECT content FROM common WHERE fingerprint = ?", (fingerprint,)), None)
        return None if row is None else bytes(row[0])

    def mark(self, more: Sequence[Any]) -> str:
        """A hash of the class with its results, and of ``more``: the same where nothing has changed."""
        found = hashlib.sha256(json.dumps(more).encode())
        query = (
            "SELECT h.*, r.seconds, r.summary FROM hand_in h LEFT JOIN result r USING (key) ORDER BY h.label"
        )
        for row in self._rows(query):
            found.update(repr(row).encode("utf-8", "backslashreplace"))
        return found.hexdigest()

    def set_meta(self, name: str, value: str) -> None:
        """Keep one word about the whole batch."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def meta(self, name: str) -> str | None:
        """The word kept under this name."""
        row = next(self._rows("SELECT value FROM meta WHERE name = ?", (name,)), None)
        return None if row is None else str(row[0])

    # ----------------------------------------------------------------- questions about the class

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a question that only reads."""
        return self._rows(sql, tuple(parameters))

    def _one(self, sql: str, *parameters: Any) -> Any:
        return next(self._rows(sql, parameters))[0]

    def _rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._connection.execute(sql, parameters)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.rollback()
            raise self._failed(error) from error

    def _failed(self, error: sqlite3.Error) -> NotGraded:
        return _failed(error, self._folder)


def _row(h: HandIn) -> tuple[Any, ...]:
    """A name that is no text on this file system keeps its bytes, which SQLite takes for no text either."""
    return (h.label, h.name, h.student, os.fsencode(h.path), h.member, h.sha256, h.key, h.problem)


def _hand_in(row: Sequence[Any]) -> HandIn:
    label, name, student, path, *rest = row
    return HandIn(label, name, student, os.fsdecode(bytes(path)), *rest)


def _failed(error: sqlite3.Error, folder: Path) -> NotGraded:
    what = str(error)
    if "full" in what:
        return NotGraded(
            f"{folder}: the disk is full; what is graded so far is kept, make room and run again"
        )
    if "disk I/O" in what:
        return NotGraded(f"{folder}: the disk cannot be written ({what}); what is graded so far is kept")
    return NotGraded(f"{folder / FILE}: {what}")


# --------------------------------------------------------------------------- opening


def open_store(folder: Path) -> Store:
    """The store in ``folder``, made where there is none, for this process alone.

    Raises UsageError where another batch works in this folder, or where the file is no store.
    """
    lock = _lock(folder)
    try:
        return _opened(folder, lock)
    except BaseException:
        lock.close()
        raise


def read_store(folder: Path) -> Store | None:
    """The store in ``folder`` for reading, also while a batch writes it; None where there is none."""
    if not (folder / FILE).is_file():
        return None
    try:
        uri = f"{(folder / FILE).resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        if connection.execute("PRAGMA user_version").fetchone()[0] == VERSION:
            return Store(connection, folder, None)
        connection.close()
    except sqlite3.Error:
        pass
    return None


def _opened(folder: Path, lock: IO[bytes]) -> Store:
    path = folder / FILE
    connection = None
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
        if tables and version != VERSION:
            raise UsageError(
                f"{path} was made by another version of grader; give another --out, or remove it"
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = FILE")
        connection.create_function("folded", 1, _folded, deterministic=True)
        connection.create_function("mark", 2, _mark, deterministic=True)
        if not tables:
            path.chmod(0o600)  # it holds hidden cases and their answers
            connection.execute("BEGIN IMMEDIATE")
            for statement in filter(str.strip, _TABLES.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.commit()
        return Store(connection, folder, lock)
    except sqlite3.DatabaseError as error:
        if connection is not None:
            connection.close()
        if "not a database" in str(error) or "malformed" in str(error):
            raise UsageError(
                f"{path} is no store of grader ({error}); give another --out, or remove it"
            ) from None
        raise _failed(error, folder) from error
    except BaseException:
        if connection is not None:
            connection.close()
        raise


def _folded(label: str) -> str:
    """What two labels have in common that some file systems would take for one name."""
    import unicodedata

    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", label).casefold())


def _mark(name: str, number: int) -> str:
    """Characters that tell one hand-in from another, the same on every machine."""
    text = name if number == 1 else f"{name}#{number}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _lock(folder: Path) -> IO[bytes]:
    """A lock that the system takes back when this process ends, however it ends."""
    path = folder / LOCK
    try:
        file = path.open("a+b", buffering=0)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    try:
        _lock_file(file)
    except OSError:
        file.seek(1)
        who = (file.read(60) or b"").decode("ascii", "replace").strip()
        file.close()
        by = f" (process {who})" if who else ""
        raise UsageError(
            f"another batch is at work in {folder}{by}; wait for it, or give another --out"
        ) from None
    with suppress(OSError):  # who holds the lock is only said for people; a full disk may not end it here
        file.truncate(1)
        file.write(f"\n{os.getpid()}".encode())
    return file


def _lock_file(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)  # the first byte is locked; what is said about the process stands after it
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
