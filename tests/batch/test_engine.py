"""What a worker does with a hand-in: the report is the one that ``grader run`` gives, wherever it is made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from grader.batch.engine import Engine, PackFiles, Recipe, digest
from grader.batch.flow import Order, Tally, run
from grader.batch.progress import Progress
from grader.batch.task import Graded, Named, Task
from grader.errors import ConfigError, NotGraded
from grader.model import Limits
from grader.pack import Pack, load_pack
from grader.report import render_all
from tests.conftest import ROOT, SECRET

RIGHT = ROOT / "assignments" / "conv_step_by_step" / "submissions" / "right" / "course_style.py"
WRONG = RIGHT.read_text().replace("np.sum(", "np.max(")
PACK = ROOT / "assignments" / "conv_step_by_step"


def recipe(pack: Path | PackFiles = PACK, **more: Any) -> Recipe:
    values: dict[str, Any] = {
        "reference_dir": ROOT / "reference",
        "secret": SECRET,
        "limits": Limits(),
        "sandbox": "auto",
        "python": None,
        "formats": ("json", "text"),
        "audience": "instructor",
        "hints": 2,
    }
    return Recipe(pack, **{**values, **more})


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = recipe()()
    yield made
    made.close()


def task(raw: str | bytes, *names: str, **more: Any) -> Task:
    named = tuple(Named(name, name.partition(".")[0]) for name in names or ("ada.py",))
    return Task("k", named, raw.encode() if isinstance(raw, str) else raw, sha256="ab" * 32, **more)


def without_times(text: str) -> str:
    return re.sub(r'"seconds": [0-9.e-]+', '"seconds": 0', text)


def test_a_report_is_the_one_that_grading_by_hand_gives(engine: Engine, grade_source: Any) -> None:
    for source in (RIGHT.read_text(), WRONG):
        by_hand = render_all([grade_source(source, "ada.py")], "json", "instructor")
        made = engine(task(source)).files["ada"][".json"]
        assert without_times(made) == without_times(by_hand)


def test_rendering_again_gives_the_same_text(engine: Engine) -> None:
    first = engine(task(WRONG))
    again = engine(task(WRONG, document=first.document))
    assert again.files == first.files
    assert again.summary is None


def test_hand_ins_of_one_content_are_called_by_their_own_names(engine: Engine) -> None:
    made = engine(task(WRONG, "ada.py", "bob.py", "eve.txt"))
    names = {label: json.loads(files[".json"])["submission"] for label, files in made.files.items()}
    assert names == {"ada": "ada.py", "bob": "bob.py", "eve": "eve.txt"}


def test_the_notes_about_a_file_name_its_own_name(engine: Engine) -> None:
    made = engine(task(WRONG, "ada.ipynb", "bob.ipynb"))
    for label in ("ada", "bob"):
        notes = json.loads(made.files[label][".json"])["notes"]
        assert (
            sum(f"{label}.ipynb is called .ipynb but holds plain Python" in n["message"] for n in notes) == 1
        )


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"", "empty"), (b'{"cells": 3, "nbformat": 4}', "not a notebook"), (bytes(range(256)), "")],
    ids=["an empty file", "no notebook", "a binary file"],
)
def test_what_holds_no_python_is_unreadable_and_neither_zero_nor_full(
    engine: Engine, raw: bytes, reason: str
) -> None:
    made = engine(task(raw, "ada.ipynb"))
    assert made.summary is not None
    assert made.summary.status == "unreadable"
    assert reason in made.summary.reason
    report = json.loads(made.files["ada"][".json"])
    assert (report["status"], report["score"], report["submission_sha256"]) == ("not_graded", None, "ab" * 32)


def test_a_verdict_is_recorded_without_a_look_at_the_bytes(engine: Engine) -> None:
    made = engine(task(b"\0", verdict="the process ended by SIGSEGV", status="not_graded"))
    report = json.loads(made.files["ada"][".json"])
    assert (report["status"], report["reason"]) == ("not_graded", "the process ended by SIGSEGV")


def test_our_failure_is_an_exception_first_and_recorded_the_second_time(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader import pipeline

    grade = pipeline.grade

    def broken(*args: Any) -> Any:
        return replace(grade(*args), status="not_graded", reason="some cases could not be run")

    monkeypatch.setattr(pipeline, "grade", broken)
    with pytest.raises(NotGraded, match="some cases could not be run"):
        engine(task(WRONG))
    made = engine(task(WRONG, attempt=2))
    assert made.summary is not None
    assert made.summary.status == "not_graded"


def test_a_format_that_cannot_be_made_costs_only_itself(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.report import text

    monkeypatch.setattr(text, "render", lambda *_, **__: 1 / 0)
    made = engine(task(RIGHT.read_text()))
    assert list(made.files["ada"]) == [".json"]
    assert made.problems == ("ada: no text report: ZeroDivisionError: division by zero",)


def test_the_summary_has_a_letter_for_every_case(engine: Engine) -> None:
    made = engine(task(WRONG))
    assert made.summary is not None
    cases = {f: sum(c.function == f for c in engine.facts.cases) for f, _, _ in engine.facts.functions}
    assert {line.name: len(line.outcomes) for line in made.summary.functions} == cases
    assert "w" in "".join(line.outcomes for line in made.summary.functions)


def test_a_pack_with_values_of_everybodys_own_renders_again_as_well(conv: Pack, tmp_path: Path) -> None:
    """Nothing is shared then: every report carries its own inputs."""
    PackFiles.of(conv).unpack(tmp_path)
    home = tmp_path / "assignments" / "conv_step_by_step"
    settings = home / "assignment.yaml"
    settings.write_text(settings.read_text() + "\nvary_by_submission: true\n")
    made = recipe(home, reference_dir=tmp_path / "reference", formats=("json", "html"))()
    try:
        assert made.facts.values == b"" or len(made.facts.values) < 100
        one = made(task(WRONG, "ada.py"))
        assert one.files == made(task(WRONG, "ada.py", document=one.document)).files
        other = made(Task("l", (Named("bob.py", "bob"),), f"{WRONG}\n".encode(), sha256="cd" * 32))
        values = [
            re.findall(r"expected (-?[0-9.]+)", files[".json"])
            for g in (one, other)
            for files in g.files.values()
        ]
        assert values[0] != values[1], "hidden values should differ"
    finally:
        made.close()


# --------------------------------------------------------------------------- the facts


def test_everything_that_decides_a_result_is_in_the_facts(engine: Engine, tmp_path: Path) -> None:
    files = PackFiles.of(load_pack(PACK, ROOT / "reference"))
    files.unpack(tmp_path)
    home = tmp_path / "assignments" / "conv_step_by_step"
    page = home / "misconceptions" / "kernel-flipped.md"
    page.write_text(page.read_text().replace("question: ", "question: So, "))
    other = recipe(
        home, limits=Limits(seconds_per_case=1.0), secret=b"another", reference_dir=tmp_path / "reference"
    )
    changed = other()
    changed.close()
    before, after = engine.facts.setting(), changed.facts.setting()
    changes = {k for k in before if before[k] != after[k]} - {"engine"}  # somebody may be editing it
    assert changes == {"catalogue", "cases", "limits"}


def test_a_digest_is_of_names_and_contents(tmp_path: Path) -> None:
    one, two = tmp_path / "a.py", tmp_path / "b.py"
    one.write_text("x")
    two.write_text("y")
    before = digest([one, two])
    assert digest([two, one, tmp_path]) == before
    two.write_text("z")
    assert digest([one, two]) != before


def test_a_pack_that_is_wrong_says_so_when_the_worker_starts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected a file assignment\.yaml"):
        recipe(tmp_path)()


# --------------------------------------------------------------------------- on another machine


def test_a_pack_as_bytes_is_the_same_pack(conv: Pack, tmp_path: Path) -> None:
    files = PackFiles.of(conv)
    there = files.unpack(tmp_path)
    assert (there.name, there.digest, there.functions) == (conv.name, conv.digest, conv.functions)
    assert not any(name.startswith("submissions/") or name.endswith(".ipynb") for name, _ in files.files)
    assert repr(SECRET) not in repr(recipe(files))


def test_what_was_unpacked_is_removed(conv: Pack) -> None:
    made = recipe(PackFiles.of(conv))()
    folder = made._pack.folder
    assert folder.is_dir()
    made.close()
    assert not folder.exists()


def test_dask_workers_grade_in_their_own_sandbox(
    cluster: Any, conv: Pack, engine: Engine, tmp_path: Path
) -> None:
    """A worker with a nanny is a daemonic process, which may have no children by multiprocessing."""
    from distributed import Client

    from grader.batch.dask_ import DaskExecutor

    hand_ins = tmp_path / "hand-ins"
    hand_ins.mkdir()
    (hand_ins / "ada.py").write_text(WRONG)
    (hand_ins / "bob.py").write_text(RIGHT.read_text())
    packed = recipe(PackFiles.of(conv), reference_dir=None)
    order = Order((str(hand_ins),), tmp_path / "out", ("json",), "v")
    tally = run(order, lambda: DaskExecutor(packed, Client(cluster)), {}, Progress(quiet=True))
    assert tally == Tally(2, 2, 0, 0)
    made = engine(task(WRONG))
    assert isinstance(made, Graded)
    there = (tmp_path / "out" / "reports" / "ada.json").read_text()
    assert without_times(there) == without_times(made.files["ada"][".json"])
