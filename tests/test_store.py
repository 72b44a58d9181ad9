"""The store: what it keeps is kept, nothing is kept twice, and one batch works in a folder at a time."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import NotGraded, UsageError
from grader.store import FILE, HandIn, Result, Store, Written, key_of, open_store, read_store

SETTING = {"pack": "p", "cases": "c", "engine": "0.1", "sandbox": "strict"}


def hand_in(label: str, key: str = "", **more: str) -> HandIn:
    values = {"name": f"{label}.ipynb", "student": label, "path": f"/x/{label}.ipynb", "member": ""}
    return HandIn(label=label, sha256="0" * 64, key=key or f"key of {label}", **{**values, **more})


def result(key: str, score: float = 1.0, status: str = "graded") -> Result:
    return Result(key, status, score, 10.0, 0.5, b"summary of " + key.encode(), b"document", ())


def written(label: str, key: str, view: str = "v") -> Written:
    return Written(label, key, view, {".json": 3})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


# --------------------------------------------------------------------------- what decides a key


@pytest.mark.parametrize("name", SETTING)
def test_a_key_changes_with_everything_that_decides_a_result(name: str) -> None:
    changed = {**SETTING, name: "other"}
    assert key_of("a", ".ipynb", changed) != key_of("a", ".ipynb", SETTING)


def test_a_key_is_the_same_whatever_the_order_of_the_settings() -> None:
    assert key_of("a", ".py", dict(reversed(SETTING.items()))) == key_of("a", ".py", SETTING)


def test_a_key_knows_the_content_and_how_its_name_ends() -> None:
    keys = {key_of(sha, suffix, SETTING) for sha in "ab" for suffix in (".py", ".ipynb")}
    assert len(keys) == 4


# --------------------------------------------------------------------------- results


def test_a_result_is_stored_once(store: Store) -> None:
    store.set_class([hand_in("ada", "k")])
    store.save([result("k", 1.0)], [])
    store.save([result("k", 2.0)], [])
    assert list(store.query("SELECT score FROM result")) == [(1.0,)]


def test_the_traits_of_a_result_go_with_it(store: Store) -> None:
    store.set_class([hand_in("ada", "k")])
    trait = ("misconception", "f", "kernel-flipped", "likely", 0)
    store.save([Result("k", "graded", 1.0, 1.0, 0.0, b"", b"", (trait,))], [])
    assert list(store.query("SELECT kind, function, value, text, size FROM trait")) == [trait]
    store.forget(("graded",))
    assert list(store.query("SELECT * FROM trait")) == []


def test_a_result_survives_the_process_that_is_killed_right_after(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from grader.store import open_store, Result
        store = open_store(Path(sys.argv[1]))
        for k in range(50):
            store.save([Result(f"k{k}", "graded", 1.0, 1.0, 0.0, b"", b"x" * 5000, ())], [])
            print(k, flush=True)
            if k == 30:
                os.kill(os.getpid(), signal.SIGKILL)
    """)
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        check=False,
        cwd=Path(__file__).resolve().parents[1],
    )
    assert ended.returncode == -signal.SIGKILL
    with open_store(tmp_path) as store:
        assert list(store.query("SELECT COUNT(*) FROM result")) == [(31,)]


def test_a_failed_transaction_leaves_nothing_behind(store: Store) -> None:
    store.set_class([hand_in("ada", "k")])

    def broken() -> Iterator[HandIn]:
        yield hand_in("bob", "l")
        raise UsageError("a folder cannot be read")

    with pytest.raises(UsageError):
        store.set_class(broken())
    assert [h.label for h in store.hand_ins()] == ["ada"]


# --------------------------------------------------------------------------- the class


def test_labels_that_are_one_on_some_systems_get_a_mark_of_their_own(store: Store) -> None:
    names = ["Ada", "ada", "bob", "a\u0308", "\u00e4"]
    store.set_class(hand_in(n, name=f"{k}/{n}.ipynb") for k, n in enumerate(names))
    labels = [h.label for h in store.hand_ins()]
    assert "bob" in labels
    assert len(labels) == 5
    assert sum("~" in label for label in labels) == 4


def test_a_mark_depends_on_nobody_else_in_the_class(store: Store) -> None:
    first = [hand_in("ada", name="x/ada.py"), hand_in("ada", name="y/ada.py")]
    store.set_class(first)
    before = {h.name: h.label for h in store.hand_ins()}
    store.set_class([hand_in("ada", name="a/ada.py"), *reversed(first)])
    after = {h.name: h.label for h in store.hand_ins()}
    assert before.items() < after.items()


def test_the_same_path_twice_is_two_hand_ins(store: Store) -> None:
    store.set_class([hand_in("ada"), hand_in("ada")])
    assert len({h.label for h in store.hand_ins()}) == 2


@pytest.mark.skipif(os.name == "nt", reason="names on Windows are text")
def test_a_path_that_is_no_text_is_kept_byte_by_byte(store: Store) -> None:
    path = os.fsdecode(b"/x/\xff\xfe.ipynb")
    store.set_class([hand_in("ada", path=path)])
    assert [h.path for h in store.hand_ins()] == [path]


# --------------------------------------------------------------------------- what is to be done


def test_work_is_each_content_once_with_all_who_handed_it_in(store: Store) -> None:
    store.set_class([hand_in("ada", "k"), hand_in("bob", "k"), hand_in("eve", "l")])
    work = {w.key: w.labels for w in store.work("v", 10)}
    assert work == {"k": ("ada", "bob"), "l": ("eve",)}


def test_work_names_no_more_hand_ins_at_once_than_asked(store: Store) -> None:
    store.set_class(hand_in(f"s{k}", "k") for k in range(5))
    assert [w.labels for w in store.work("v", 2)] == [("s0", "s1")]


def test_what_has_its_report_is_no_work(store: Store) -> None:
    store.set_class([hand_in("ada", "k"), hand_in("bob", "k")])
    store.save([result("k")], [written("ada", "k")])
    assert [w.labels for w in store.work("v", 10)] == [("bob",)]


@pytest.mark.parametrize(
    "stale",
    [
        pytest.param(written("ada", "k", "other view"), id="rendered in another way"),
        pytest.param(written("ada", "old key"), id="of an older version of the file"),
    ],
)
def test_a_stale_report_is_work(store: Store, stale: Written) -> None:
    store.set_class([hand_in("ada", "k")])
    store.save([result("k")], [stale])
    assert [w.key for w in store.work("v", 10)] == ["k"]


def test_work_can_be_read_while_results_come_in(store: Store) -> None:
    store.set_class(hand_in(f"s{k:03}", f"k{k:03}") for k in range(200))
    seen = []
    for work in store.work("v", 10):
        seen.append(work.key)
        store.save([result(work.key)], [written(label, work.key) for label in work.labels])
    assert sorted(seen) == [f"k{k:03}" for k in range(200)]


def test_forgetting_keeps_to_the_statuses_and_makes_them_work_again(store: Store) -> None:
    store.set_class([hand_in("ada", "k"), hand_in("bob", "l"), hand_in("eve", "m")])
    store.save([result("k"), result("l", status="not_graded")], [written("ada", "k"), written("bob", "l")])
    assert store.forget(("not_graded",)) == 1
    assert [w.key for w in store.work("v", 10, only=True)] == ["l"]
    assert [w.key for w in store.work("v", 10)] == ["l", "m"]


def test_reports_of_nobody_in_the_class_are_named(store: Store) -> None:
    store.set_class([hand_in("ada", "k")])
    store.save([result("k")], [written("ada", "k"), written("bob", "l")])
    assert list(store.gone()) == ["bob"]


def test_scores_come_in_the_order_of_the_labels_with_the_missing_ones(store: Store) -> None:
    store.set_class([hand_in("c", "k"), hand_in("a", "l"), hand_in("b", "k")])
    store.save([result("k")], [])
    assert [(h.label, s) for h, s in store.scores()] == [
        ("a", None),
        ("b", b"summary of k"),
        ("c", b"summary of k"),
    ]


# --------------------------------------------------------------------------- the file


def test_a_second_batch_on_the_folder_is_told_who_works_there(tmp_path: Path) -> None:
    with open_store(tmp_path), pytest.raises(UsageError, match=f"another batch is at work.*{os.getpid()}"):
        open_store(tmp_path)


def test_a_lock_left_by_a_killed_process_stops_nobody(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from grader.store import open_store;"
        "open_store(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).resolve().parents[1]
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, cwd=root)
    assert (tmp_path / "store.lock").exists()
    open_store(tmp_path).close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_what_holds_hidden_cases_is_for_nobody_else_to_read(store: Store, tmp_path: Path) -> None:
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_store_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"certainly not a database, but long enough to be looked at" * 100)
    with pytest.raises(UsageError, match="is no store of grader"):
        open_store(tmp_path)


def test_a_store_of_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("CREATE TABLE result (old)")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(UsageError, match="another version"):
        open_store(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before
    assert read_store(tmp_path) is None


def test_a_store_can_be_read_while_a_batch_writes_it(tmp_path: Path) -> None:
    with open_store(tmp_path) as writing:
        writing.set_class([hand_in("ada", "k")])
        reading = read_store(tmp_path)
        assert reading is not None
        writing.save([result("k")], [])
        with reading:
            assert reading.document("k") == b"document"


def test_a_folder_without_a_store_has_none_to_read(tmp_path: Path) -> None:
    assert read_store(tmp_path) is None


def fill(store: Store) -> None:
    for k in range(1000):
        store.save([Result(f"k{k}", "graded", 1.0, 1.0, 0.0, b"", b"x" * 10_000, ())], [])


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        next(store.query("PRAGMA max_page_count = 100"), None)
        with pytest.raises(NotGraded, match="the disk is full; what is graded so far is kept"):
            fill(store)
        kept = int(next(store.query("SELECT COUNT(*) FROM result"))[0])
        assert 0 < kept < 1000
    with open_store(tmp_path) as store:
        assert list(store.query("SELECT COUNT(*) FROM result")) == [(kept,)]
