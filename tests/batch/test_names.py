"""Whose file it is: the habits of each platform, and names that no file system may see as they are."""

from __future__ import annotations

import pytest

from grader.batch.names import MOST_CHARACTERS, owner, safe, submitters


@pytest.mark.parametrize(
    ("path", "student", "label"),
    [
        pytest.param("alice.ipynb", "alice", "alice", id="a file is called after its student"),
        pytest.param("alice/ps1/hw.ipynb", "alice", "alice", id="a folder is a student's"),
        pytest.param(
            "Ada Lovelace_12345_assignsubmission_file_/hw.ipynb",
            "Ada Lovelace",
            "Ada Lovelace_12345",
            id="Moodle, a folder a student",
        ),
        pytest.param(
            "Ada Lovelace_12345_assignsubmission_file/hw.ipynb",
            "Ada Lovelace",
            "Ada Lovelace_12345",
            id="Moodle, without the last underscore",
        ),
        pytest.param(
            "Ada Lovelace_12345_assignsubmission_file_hw.ipynb",
            "Ada Lovelace",
            "Ada Lovelace_12345",
            id="Moodle, without folders",
        ),
        pytest.param(
            "Group 3-Ada_Lovelace_12345_assignsubmission_file_/a/b/hw.ipynb",
            "Group 3-Ada_Lovelace",
            "Group 3-Ada_Lovelace_12345",
            id="Moodle, a name with an underscore and folders inside",
        ),
        pytest.param(
            "Ада Лавлейс_assignsubmission_file_/hw.ipynb",
            "Ада Лавлейс",
            "Ада Лавлейс",
            id="Moodle, no number",
        ),
        pytest.param("lovelaceada_4711_98765_hw-2.ipynb", "lovelaceada", "lovelaceada_4711", id="Canvas"),
        pytest.param(
            "lovelaceada_LATE_4711_98765_my_hw.ipynb", "lovelaceada", "lovelaceada_4711", id="Canvas, late"
        ),
        pytest.param(
            "submission_77/hw.ipynb", "submission_77", "submission_77", id="Gradescope, no metadata"
        ),
    ],
)
def test_the_student_is_read_from_the_path(path: str, student: str, label: str) -> None:
    found = owner(path)
    assert (found.student, found.label) == (student, label)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("my_notebook_1.ipynb", id="underscores and one number are not Canvas"),
        pytest.param("ada_2024_01.ipynb", id="nothing after the second number"),
        pytest.param("submission_1.ipynb", id="a file is no Gradescope folder"),
        pytest.param("assignsubmission_file_.ipynb", id="no name in front of Moodle's words"),
    ],
)
def test_what_only_looks_like_a_platform_is_a_plain_file(path: str) -> None:
    assert owner(path).exported is False


def test_gradescope_names_come_from_its_metadata() -> None:
    metadata = {
        "submission_1": {":submitters": [{":name": "Ada", ":sid": "7"}, {":name": "Bob"}]},
        "submission_2": {"submitters": [{"name": "Eve"}]},
    }
    people = submitters(metadata)
    assert owner("submission_1/hw.ipynb", people).student == "Ada & Bob"
    assert owner("submission_2/a/hw.ipynb", people).label == "Eve_2"


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        [],
        "text",
        {"submission_1": None},
        {"submission_1": {":submitters": None}},
        {"submission_1": {":submitters": [None, {":name": None}]}},
    ],
)
def test_metadata_of_another_shape_names_nobody(metadata: object) -> None:
    assert submitters(metadata) == {}


def test_all_files_of_one_hand_in_share_a_unit() -> None:
    paths = ["Ada_1_assignsubmission_file_/x.ipynb", "Ada_1_assignsubmission_onlinetext_/onlinetext.html"]
    assert len({owner(p).unit for p in paths}) == 1


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Ada Lovelace_12345", "Ada Lovelace_12345"),
        ("Zoë Ünal", "Zoë Ünal"),
        ("a/b\\c:d", "a_b_c_d"),
        ("..", "_"),
        ("", "_"),
        (".hidden", "hidden"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("trailing. ", "trailing"),
        ("<script>", "_script_"),
        ("tab\tnewline\n", "tab_newline_"),
        ("mark~mark", "mark_mark"),
    ],
)
def test_a_label_is_a_file_name_everywhere(label: str, expected: str) -> None:
    assert safe(label) == expected


def test_long_labels_are_cut_and_stay_apart() -> None:
    one, other = safe("x" * 500 + "1"), safe("x" * 500 + "2")
    assert one != other
    assert len(one) <= MOST_CHARACTERS
    assert len(safe("名" * 500).encode()) <= 2 * MOST_CHARACTERS


def test_a_name_that_is_no_text_can_be_written() -> None:
    safe("a\udcff").encode("utf-8")
