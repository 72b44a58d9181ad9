"""What is found in folders, patterns and files: everybody who handed in, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.batch.collect import Found, Reader, collect
from grader.batch.listing import Refused
from grader.errors import UsageError
from grader.notebook import MOST_BYTES


def tree(root: Path, *files: str) -> Path:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
    return root


def found(*paths: Path | str) -> dict[str, Found]:
    return {f.name: f for f in collect([str(p) for p in paths])}


def test_a_folder_of_files_is_one_student_a_file(tmp_path: Path) -> None:
    tree(tmp_path, "bob.py", "alice.ipynb", "carol.md", "README.pdf", ".hidden.py", "__pycache__/x.py")
    assert [(f.name, f.student) for f in collect([str(tmp_path)])] == [
        ("alice.ipynb", "alice"),
        ("bob.py", "bob"),
        ("carol.md", "carol"),
    ]


def test_a_folder_of_folders_is_one_student_a_folder(tmp_path: Path) -> None:
    tree(tmp_path, "alice/ps1/hw.ipynb", "alice/ps1/helper.py", "bob/hw.py")
    assert {(f.name, f.student, f.label) for f in collect([str(tmp_path)])} == {
        ("alice/ps1/hw.ipynb", "alice", "alice"),
        ("bob/hw.py", "bob", "bob"),
    }


def test_copies_that_jupyter_makes_are_left_out(tmp_path: Path) -> None:
    tree(tmp_path, "alice/hw.ipynb", "alice/.ipynb_checkpoints/hw-checkpoint.ipynb", "__MACOSX/._hw.ipynb")
    assert list(found(tmp_path)) == ["alice/hw.ipynb"]


def test_two_notebooks_of_one_student_are_told_apart(tmp_path: Path) -> None:
    tree(tmp_path, "alice/one.ipynb", "alice/two.ipynb", "bob/hw.ipynb")
    assert [f.label for f in collect([str(tmp_path)])] == ["alice one", "alice two", "bob"]


def test_a_folder_that_an_unpacked_zip_put_around_everything_is_looked_through(tmp_path: Path) -> None:
    tree(tmp_path, "export/alice/hw.ipynb", "export/bob/hw.ipynb")
    assert [f.student for f in collect([str(tmp_path)])] == ["alice", "bob"]


def test_a_gradescope_folder_has_the_names_of_its_metadata(tmp_path: Path) -> None:
    tree(tmp_path, "submission_1/hw.ipynb", "submission_2/hw.ipynb")
    (tmp_path / "submission_metadata.yml").write_text(
        "---\nsubmission_1:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: '7'\n"
        "submission_2:\n  :submitters: []\n"
    )
    assert [f.student for f in collect([str(tmp_path)])] == ["Ada Lovelace", "submission_2"]


def test_broken_metadata_costs_the_names_only(tmp_path: Path) -> None:
    tree(tmp_path, "submission_1/hw.ipynb")
    (tmp_path / "submission_metadata.yml").write_text("{ never closed: [")
    assert [f.student for f in collect([str(tmp_path)])] == ["submission_1"]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(["Ada_1_assignsubmission_file_/report.pdf"], id="Moodle"),
        pytest.param(["lovelaceada_1_2_report.pdf"], id="Canvas"),
        pytest.param(["submission_1/report.pdf"], id="Gradescope"),
        pytest.param(["ada/report.pdf"], id="a folder of her own"),
    ],
)
def test_a_student_without_a_notebook_is_found_with_the_reason(tmp_path: Path, files: list[str]) -> None:
    tree(tmp_path, *files, "bob/hw.ipynb")
    problems = [f.problem for f in collect([str(tmp_path)]) if f.problem]
    assert problems == [f"there is no notebook in this hand-in, only {files[0].split('/')[-1]}"]


def test_online_text_beside_a_notebook_is_no_second_hand_in(tmp_path: Path) -> None:
    tree(
        tmp_path,
        "Ada_1_assignsubmission_file_/hw.ipynb",
        "Ada_1_assignsubmission_onlinetext_/onlinetext.html",
    )
    assert [(f.student, f.problem) for f in collect([str(tmp_path)])] == [("Ada", "")]


def test_a_zip_inside_a_folder_is_refused_by_name(tmp_path: Path) -> None:
    tree(tmp_path, "ada/hw.zip", "bob/hw.ipynb")
    assert "hw.zip is a zip inside the hand-in" in found(tmp_path)["ada/hw.zip"].problem


def test_the_batchs_own_folder_is_never_graded(tmp_path: Path) -> None:
    tree(tmp_path, "alice.ipynb", "out/reports/alice.md")
    assert [f.name for f in collect([str(tmp_path)], skip=tmp_path / "out")] == ["alice.ipynb"]


# --------------------------------------------------------------------------- several paths


def test_several_folders_with_one_hand_in_each_are_called_after_the_folders(tmp_path: Path) -> None:
    tree(tmp_path, "alice/hw.ipynb", "bob/hw.ipynb")
    assert [(f.name, f.student) for f in collect([str(tmp_path / "alice"), str(tmp_path / "bob")])] == [
        ("alice/hw.ipynb", "alice"),
        ("bob/hw.ipynb", "bob"),
    ]


def test_several_folders_of_many_keep_the_students_apart(tmp_path: Path) -> None:
    tree(tmp_path, "monday/alice.ipynb", "monday/bob.ipynb", "friday/alice.ipynb", "friday/eve.ipynb")
    everybody = list(collect([str(tmp_path / "monday"), str(tmp_path / "friday")]))
    assert [(f.name, f.student) for f in everybody] == [
        ("monday/alice.ipynb", "alice"),
        ("monday/bob.ipynb", "bob"),
        ("friday/alice.ipynb", "alice"),
        ("friday/eve.ipynb", "eve"),
    ]


def test_a_pattern_that_the_shell_left_alone_is_looked_up(tmp_path: Path) -> None:
    tree(tmp_path, "a1.ipynb", "a2.ipynb", "b.ipynb")
    assert list(found(tmp_path / "a*.ipynb")) == ["a1.ipynb", "a2.ipynb"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nobody.ipynb", "there is no such file or folder"),
        ("no*body", "no file has a name like this"),
    ],
)
def test_a_path_that_is_nothing_is_an_error(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        found(tmp_path / name)


# --------------------------------------------------------------------------- what may not be followed


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_and_waits_for_nobody(tmp_path: Path) -> None:
    tree(tmp_path, "alice.ipynb")
    os.mkfifo(tmp_path / "bob.ipynb")
    assert found(tmp_path)["bob.ipynb"].problem.startswith("refused: it is not a file")
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        found(tmp_path / "bob.ipynb")
    with pytest.raises(Refused), Reader() as reader:
        reader.read(tmp_path / "bob.ipynb", "")


@pytest.mark.parametrize("target", ["../secret.py", "/etc/passwd", "nowhere", "alice.ipynb"])
def test_only_a_link_inside_the_folder_is_followed(tmp_path: Path, target: str) -> None:
    root = tree(tmp_path / "in", "alice.ipynb")
    tree(tmp_path, "secret.py")
    (root / "link.ipynb").symlink_to(target)
    problem = found(root)["link.ipynb"].problem
    assert (problem == "") == (target == "alice.ipynb")
    if problem:
        assert problem.startswith("refused: it is a link")


def test_a_linked_folder_is_not_entered(tmp_path: Path) -> None:
    tree(tmp_path, "outside/secret.ipynb", "in/alice.ipynb")
    (tmp_path / "in" / "bob").symlink_to(tmp_path / "outside")
    assert [f.name for f in collect([str(tmp_path / "in")])] == ["alice.ipynb"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    root = tree(tmp_path, "alice.ipynb")
    (root / "a.ipynb").symlink_to("b.ipynb")
    (root / "b.ipynb").symlink_to("a.ipynb")
    assert [f.name for f in collect([str(root)]) if not f.problem] == ["alice.ipynb"]


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    tree(tmp_path, "alice.ipynb")
    os.truncate(tmp_path / "alice.ipynb", MOST_BYTES + 1)
    assert "at most 30 MB are read" in found(tmp_path)["alice.ipynb"].problem


@pytest.mark.skipif(os.name == "nt", reason="names on Windows are text")
def test_a_file_name_that_is_no_text_is_found(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.py")).write_text("x = 1")
    [hand_in] = collect([str(tmp_path)])
    with Reader() as reader:
        assert reader.read(hand_in.path, hand_in.member) == b"x = 1"


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "alice/hw.ipynb", "bob/hw.ipynb")
    listdir = os.listdir

    def refuse(path: Path) -> list[str]:
        if Path(path).name == "bob":
            raise PermissionError(13, "Permission denied")
        return listdir(path)

    monkeypatch.setattr(os, "listdir", refuse)
    assert {f.name: f.problem for f in collect([str(tmp_path)])} == {
        "alice/hw.ipynb": "",
        "bob": "the folder cannot be read: Permission denied",
    }


def test_a_class_in_a_folder_that_cannot_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UsageError, match="cannot be read: Permission denied"):
        found(tmp_path)
