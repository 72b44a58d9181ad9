"""The flow of a batch: nothing twice, nobody lost, and every end but the power switch is a sentence."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.batch.flow import MOST_NAMES, Interrupted, Order, Tally, run
from grader.batch.progress import Progress
from grader.errors import NotGraded, UsageError
from grader.store import open_store
from tests.batch.fakes import FACTS, FakeFactory, Inline


class Course:
    """A folder of hand-ins, and batches over it."""

    def __init__(self, root: Path) -> None:
        self.root, self.log = root, root / "log"
        self.hand_ins, self.out = root / "hand-ins", root / "out"
        self.hand_ins.mkdir()
        self.executor: Inline | None = None

    def hand_in(self, **contents: str) -> None:
        for name, content in contents.items():
            (self.hand_ins / f"{name}.py").write_text(content)

    def batch(
        self, prepare: Callable[[Inline], None] = lambda _: None, factory: Any = None, **options: Any
    ) -> Tally:
        formats = options.pop("formats", ("json",))
        turn = options.pop("turn", 0)
        order = Order((str(self.hand_ins),), self.out, formats, " ".join(formats), **options)

        def executor() -> Inline:
            self.executor = Inline(factory or FakeFactory(self.log, formats), turn=turn)
            prepare(self.executor)
            return self.executor

        return run(order, executor, {}, Progress(quiet=True))

    @property
    def graded(self) -> list[str]:
        """The names in the order of their gradings; empties the log."""
        names = [line.split()[0] for line in self.log.read_text().splitlines()] if self.log.exists() else []
        self.log.write_text("")
        return names

    def reports(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in sorted((self.out / "reports").iterdir())}

    def scores(self) -> list[dict[str, str]]:
        return list(csv.DictReader((self.out / "scores.csv").read_text().splitlines()))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


def test_a_batch_leaves_reports_scores_and_the_class(course: Course) -> None:
    course.hand_in(ada="score 10", bob="score 3")
    assert course.batch() == Tally(2, 2, 0, 0)
    assert sorted(course.reports()) == ["ada.json", "bob.json"]
    assert [(r["student"], r["score"], r["status"]) for r in course.scores()] == [
        ("ada", "10", "graded"),
        ("bob", "3", "graded"),
    ]
    assert "2</strong> hand-ins" in (course.out / "class.html").read_text()


# --------------------------------------------------------------------------- nothing twice


def test_a_second_run_grades_nothing_and_changes_nothing(course: Course) -> None:
    course.hand_in(ada="score 10", bob="score 3")
    course.batch()
    before = (
        course.reports(),
        (course.out / "scores.csv").read_bytes(),
        (course.out / "class.html").read_bytes(),
    )
    assert sorted(course.graded) == ["ada.py", "bob.py"]
    course.batch()
    after = (
        course.reports(),
        (course.out / "scores.csv").read_bytes(),
        (course.out / "class.html").read_bytes(),
    )
    assert course.graded == []
    assert before == after


def test_a_changed_file_is_graded_again_and_no_other(course: Course) -> None:
    course.hand_in(ada="score 10", bob="score 3")
    course.batch()
    course.graded.clear()
    assert course.graded == []
    course.hand_in(bob="score 4")
    course.batch()
    assert course.graded == ["bob.py"]
    assert json.loads(course.reports()["bob.json"])["score"] == 4


@pytest.mark.parametrize("copies", [2, MOST_NAMES, MOST_NAMES + 1, 3 * MOST_NAMES + 5])
def test_identical_files_are_graded_once_and_each_has_its_own_report(course: Course, copies: int) -> None:
    course.hand_in(**{f"s{k:03}": "score 7" for k in range(copies)})
    assert course.batch().graded == copies
    assert len(course.graded) == 1
    names = [json.loads(text)["submission"] for text in course.reports().values()]
    assert names == [f"s{k:03}.py" for k in range(copies)]


def test_a_settings_change_grades_everything_again(course: Course) -> None:
    course.hand_in(ada="score 10")
    course.batch()
    assert course.graded == ["ada.py"]
    for name in ("pack", "fingerprint", "engine", "python", "numpy", "sandbox", "limits", "catalogue"):
        changed = FakeFactory(course.log, facts=replace_fact(name))
        course.batch(factory=changed)
        assert course.graded == ["ada.py"], name
    course.batch()
    assert course.graded == [], "what was graded before is still known"


def replace_fact(name: str) -> Any:
    import msgspec

    return msgspec.structs.replace(FACTS, **{name: "another"})


def test_regrade_grades_everything_again(course: Course) -> None:
    course.hand_in(ada="score 10", bob="score 3")
    course.batch()
    assert len(course.graded) == 2
    course.batch(regrade=True)
    assert len(course.graded) == 2


def test_another_format_is_rendered_without_grading(course: Course) -> None:
    course.hand_in(ada="score 10")
    course.batch()
    assert len(course.graded) == 1
    course.batch(formats=("json", "text"))
    assert course.graded == []
    assert sorted(course.reports()) == ["ada.json", "ada.txt"]
    course.batch(formats=("json",))
    assert sorted(course.reports()) == ["ada.json"]


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("{")])
def test_a_report_that_is_gone_or_cut_is_made_again_without_grading(
    course: Course, damage: Callable[[Path], Any]
) -> None:
    course.hand_in(ada="score 10", bob="score 3")
    course.batch()
    before = course.reports()
    assert len(course.graded) == 2
    damage(course.out / "reports" / "ada.json")
    course.batch()
    assert course.graded == []
    assert course.reports() == before


def test_the_report_of_a_student_who_left_is_removed(course: Course) -> None:
    course.hand_in(ada="score 10", bob="score 3")
    course.batch()
    (course.hand_ins / "bob.py").unlink()
    assert course.batch().total == 1
    assert list(course.reports()) == ["ada.json"]


# --------------------------------------------------------------------------- nobody lost


def test_what_fails_once_is_tried_again(course: Course) -> None:
    course.hand_in(ada="fail_once\nscore 10", bob="score 3")
    assert course.batch() == Tally(2, 2, 0, 0)
    assert sorted(course.graded) == ["ada.py", "ada.py", "bob.py"]


def test_what_fails_twice_is_not_graded_and_says_why(course: Course) -> None:
    course.hand_in(ada="fail the sandbox broke", bob="score 3")
    assert course.batch() == Tally(2, 1, 0, 1)
    [ada, bob] = course.scores()
    assert (ada["status"], ada["score"]) == ("not_graded", "")
    assert (bob["status"], bob["score"]) == ("graded", "3")
    assert json.loads(course.reports()["ada.json"])["status"] == "not_graded"
    assert "the sandbox broke (tried 2 times)" in (course.out / "class.html").read_text()


def test_only_failed_grades_what_failed_and_nothing_else(course: Course) -> None:
    course.hand_in(ada="fail", bob="score 3")
    course.batch()
    assert sorted(course.graded) == ["ada.py", "ada.py", "bob.py"]
    course.batch()
    assert course.graded == [], "a plain run leaves it as it was"
    course.hand_in(eve="score 1")
    tally = course.batch(only_failed=True)
    assert course.graded == ["ada.py", "ada.py"]
    assert tally == Tally(3, 1, 0, 1, pending=1)
    assert course.scores()[2]["status"] == "not_graded", "eve has no mark yet"


def test_a_hand_in_that_is_refused_has_a_row_and_a_report(course: Course) -> None:
    course.hand_in(ada="score 10")
    (course.hand_ins / "bob.ipynb").symlink_to("/etc/passwd")
    assert course.batch() == Tally(2, 1, 1, 0)
    assert [(r["student"], r["status"]) for r in course.scores()] == [
        ("ada", "graded"),
        ("bob", "not_graded"),
    ]
    assert "a link to a place outside" in (course.out / "class.html").read_text()
    assert course.graded == ["ada.py"]


def test_a_file_that_changes_while_the_batch_runs_is_left_for_the_next_run(course: Course) -> None:
    course.hand_in(ada="score 10")

    def change(_: Inline) -> None:
        course.hand_in(ada="score 10")

    class Changing(Inline):
        def room(self) -> bool:
            course.hand_in(ada="score 4")
            return super().room()

    order = Order((str(course.hand_ins),), course.out, ("json",), "json")
    tally = run(order, lambda: Changing(FakeFactory(course.log)), {}, Progress(quiet=True))
    assert tally == Tally(1, 0, 0, 0, pending=1)
    assert course.batch() == Tally(1, 1, 0, 0)
    assert course.scores()[0]["score"] == "4"


def test_a_class_of_nobody_is_an_error(course: Course) -> None:
    with pytest.raises(UsageError, match="no submission found in"):
        course.batch()


# --------------------------------------------------------------------------- whoever grades


@pytest.mark.parametrize("turn", [0, 1, -1, 2])
def test_the_order_of_the_answers_changes_nothing(course: Course, turn: int) -> None:
    course.hand_in(**{f"s{k:02}": f"score {k % 11}" for k in range(30)})
    course.batch(turn=turn)
    first = (
        (course.out / "scores.csv").read_bytes(),
        (course.out / "class.html").read_bytes(),
        course.reports(),
    )
    other = Course.__new__(Course)
    other.__dict__.update(course.__dict__, out=course.root / "other")
    other.batch()
    second = (other.out / "scores.csv").read_bytes(), (other.out / "class.html").read_bytes(), other.reports()
    assert first == second


def test_no_more_is_handed_out_than_there_is_room_for(course: Course) -> None:
    course.hand_in(**{f"s{k:02}": f"score {k % 11}" for k in range(40)})
    course.batch()
    assert course.executor is not None
    assert course.executor.most_seen == 4


# --------------------------------------------------------------------------- broken off


def test_after_an_interrupt_the_next_run_goes_on(course: Course) -> None:
    course.hand_in(**{f"s{k:02}": f"score {k / 4}" for k in range(20)})

    def stop(executor: Inline) -> None:
        executor.stop_after = 7

    with pytest.raises(Interrupted) as caught:
        course.batch(stop)
    assert (caught.value.total, caught.value.done) == (20, 7)
    assert course.executor is not None
    assert course.executor.closed
    assert course.batch() == Tally(20, 20, 0, 0)
    assert len(course.graded) == 20


def test_after_the_workers_went_away_the_next_run_goes_on(course: Course) -> None:
    course.hand_in(**{f"s{k:02}": f"score {k / 4}" for k in range(20)})

    def lose(executor: Inline) -> None:
        executor.stop_after = 5
        executor.stop = NotGraded("the scheduler went away")

    with pytest.raises(NotGraded, match="the scheduler went away"):
        course.batch(lose)
    assert course.batch() == Tally(20, 20, 0, 0)
    assert len(course.graded) == 20


def test_a_report_that_nobody_can_make_ends_the_batch_rather_than_repeats_for_ever(course: Course) -> None:
    course.hand_in(ada="fail")

    class Broken(FakeFactory):
        def __call__(self) -> Any:
            grader = super().__call__()
            render = grader._files

            def broken(report: Any, task: Any) -> Any:
                if task.verdict:
                    raise ZeroDivisionError("no report today")
                return render(report, task)

            grader._files = broken  # type: ignore[method-assign]
            return grader

    with pytest.raises(NotGraded, match=r"ada: not even its report could be made: no report today"):
        course.batch(factory=Broken(course.log))


def test_a_mark_is_never_lost_to_a_report_that_cannot_be_made(course: Course) -> None:
    course.hand_in(ada="score 10")
    course.batch()

    class Broken(FakeFactory):
        def __call__(self) -> Any:
            grader = super().__call__()
            grader._files = lambda *_: 1 / 0  # type: ignore[method-assign]
            return grader

    tally = course.batch(factory=Broken(course.log, ("json", "text")), formats=("json", "text"))
    assert tally == Tally(1, 1, 0, 0, unrendered=1)
    assert course.scores()[0]["score"] == "10"
    assert course.batch(formats=("json", "text")) == Tally(1, 1, 0, 0)


def test_a_second_batch_on_the_folder_stops_before_it_starts_a_worker(course: Course) -> None:
    course.hand_in(ada="score 10")
    course.out.mkdir()
    with open_store(course.out), pytest.raises(UsageError, match="another batch is at work"):
        course.batch()
    assert course.executor is None


# --------------------------------------------------------------------------- clusters with a name


def test_a_cluster_that_an_instructor_named_is_called_so(course: Course) -> None:
    course.hand_in(ada="score 3", bob="score 3\nscore 3")
    course.batch()
    [(cluster,)] = set(rows(course, "SELECT value FROM trait WHERE kind = 'failure'"))
    page = (course.out / "class.html").read_text()
    assert f"<code>{cluster}</code>" in page
    assert "forgets the last row of all" not in page
    (course.out / "clusters.yaml").write_text(f"{cluster}: forgets the last row of all\n")
    course.batch()
    assert "forgets the last row of all" in (course.out / "class.html").read_text()


@pytest.mark.parametrize("content", ["- a list", "{ broken", "just words"])
def test_a_file_of_names_that_is_none_is_an_error_before_anything_runs(course: Course, content: str) -> None:
    course.hand_in(ada="score 3")
    course.out.mkdir()
    (course.out / "clusters.yaml").write_text(content)
    with pytest.raises(UsageError, match=r"clusters\.yaml"):
        course.batch()
    assert course.executor is None


def rows(course: Course, query: str) -> list[tuple[Any, ...]]:
    with open_store(course.out) as store:
        return list(store.query(query))
