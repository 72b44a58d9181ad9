"""A zip is looked into, never unpacked: what is hostile in it is refused and the rest is graded."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from grader.batch import zips
from grader.batch.collect import Found, Reader, collect
from grader.batch.listing import Refused
from grader.errors import UsageError
from grader.notebook import MOST_BYTES


def packed(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def found(path: Path) -> dict[str, Found]:
    return {f.name: f for f in collect([str(path)])}


def content(hand_in: Found) -> bytes:
    with Reader() as reader:
        return reader.read(hand_in.path, hand_in.member)


MOODLE = {
    "Ada Lovelace_12345_assignsubmission_file_/hw.ipynb": b"ada",
    "Bob_12346_assignsubmission_file_/hw.ipynb": b"bob",
    "Eve_12347_assignsubmission_file_/essay.pdf": b"eve",
}
CANVAS = {
    "lovelaceada_1_11_hw.ipynb": b"ada",
    "bob_LATE_2_12_hw-1.ipynb": b"bob",
    "eve_3_13_essay.pdf": b"eve",
}
GRADESCOPE = {
    "assignment_9_export/submission_metadata.yml": (
        b"---\nsubmission_1:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: '7'\n"
        b"submission_2:\n  :submitters:\n  - :name: Bob\nsubmission_3:\n  :submitters:\n  - :name: Eve\n"
    ),
    "assignment_9_export/submission_1/hw.ipynb": b"ada",
    "assignment_9_export/submission_2/hw.ipynb": b"bob",
    "assignment_9_export/submission_3/essay.pdf": b"eve",
}


@pytest.mark.parametrize(
    ("files", "students"),
    [
        pytest.param(MOODLE, ["Ada Lovelace", "Bob", "Eve"], id="Moodle"),
        pytest.param(CANVAS, ["lovelaceada", "bob", "eve"], id="Canvas"),
        pytest.param(GRADESCOPE, ["Ada Lovelace", "Bob", "Eve"], id="Gradescope"),
    ],
)
def test_an_export_is_its_students(tmp_path: Path, files: dict[str, bytes], students: list[str]) -> None:
    hand_ins = list(collect([str(packed(tmp_path / "export.zip", files))]))
    assert sorted(h.student for h in hand_ins) == sorted(students)
    graded = {h.student: content(h) for h in hand_ins if not h.problem}
    assert sorted(graded.values()) == [b"ada", b"bob"]
    assert [h.problem.endswith("essay.pdf") for h in hand_ins if h.problem] == [True]


def test_a_packed_folder_is_its_files(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"hand-ins/alice.ipynb": b"a", "hand-ins/bob.py": b"b"})
    assert sorted(found(path)) == ["alice.ipynb", "bob.py"]


def test_of_two_files_with_one_name_the_last_counts(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("alice.py", b"first")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("alice.py", b"last")
    assert content(found(path)["alice.py"]) == b"last"


# --------------------------------------------------------------------------- hostile members


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        pytest.param("/etc/cron.d/evil.py", "absolute path", id="an absolute path"),
        pytest.param("C:\\evil.py", "absolute path", id="an absolute path of Windows"),
        pytest.param("../../evil.py", "leads out of the zip", id="a path out of the zip"),
        pytest.param("..\\evil.py", "leads out of the zip", id="a path out of the zip, of Windows"),
        pytest.param("a/../../evil.py", "leads out of the zip", id="a path that goes in and out"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str, sentence: str) -> None:
    path = packed(tmp_path / "x.zip", {name: b"evil", "good.py": b"good"})
    hand_ins = found(path)
    assert hand_ins["good.py"].problem == ""
    [evil] = [h for h in hand_ins.values() if h.problem]
    assert sentence in evil.problem
    assert ".." not in evil.label
    assert "/" not in evil.label


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.py")
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "symbolic link" in found(tmp_path / "x.zip")["link.py"].problem


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"alice.py": b"x = 1"}, zipfile.ZIP_STORED)
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + offset] |= 1
    path.write_bytes(raw)
    assert "encrypted" in found(path)["alice.py"].problem


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_method_that_can_eat_memory_is_refused(tmp_path: Path, method: int) -> None:
    path = packed(tmp_path / "x.zip", {"alice.py": b"x = 1" * 100}, method)
    assert "packed by a method" in found(path)["alice.py"].problem


def test_a_zip_in_a_zip_is_refused(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", {"hw.ipynb": b"{}"}).read_bytes()
    path = packed(tmp_path / "x.zip", {"Ada_1_assignsubmission_file_/hw.zip": inner})
    [hand_in] = found(path).values()
    assert "hw.zip is a zip inside the hand-in" in hand_in.problem


def test_a_member_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"big.ipynb": bytes(MOST_BYTES + 1), "good.py": b"good"})
    hand_ins = found(path)
    assert "at most 30 MB are read" in hand_ins["big.ipynb"].problem
    assert content(hand_ins["good.py"]) == b"good"


def test_a_member_that_lies_about_its_size_is_never_read_beyond_the_limit(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"liar.py": bytes(3 * MOST_BYTES)})
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", raw, raw.index(signature) + offset, 10)
    path.write_bytes(raw)
    hand_in = found(path)["liar.py"]
    assert hand_in.problem == ""
    with pytest.raises(Refused, match="damaged"):
        content(hand_in)


def test_a_damaged_member_is_refused_by_itself(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"bad.py": b"b" * 1000, "good.py": b"good"}, zipfile.ZIP_STORED)
    raw = path.read_bytes().replace(b"bbbb", b"cccc", 1)
    path.write_bytes(raw)
    hand_ins = found(path)
    with pytest.raises(Refused, match="damaged"):
        content(hand_ins["bad.py"])
    assert content(hand_ins["good.py"]) == b"good"


# --------------------------------------------------------------------------- hostile archives


def test_a_bomb_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {f"{k}.ipynb": bytes(MOST_BYTES - 1) for k in range(12)})
    with pytest.raises(UsageError, match=r"would unpack to .* GB, as only a zip bomb does"):
        found(path)


def test_an_archive_whose_parts_overlap_is_refused(tmp_path: Path) -> None:
    """The bomb that needs no ratio: one block of data that many names share."""
    path = packed(tmp_path / "x.zip", {"a.py": b"x" * 5000}, zipfile.ZIP_STORED)
    raw = path.read_bytes()
    start = raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    entry, tail = raw[start:end], bytearray(raw[end:])
    entries = b"".join(entry.replace(b"a.py", f"{k}.py".encode()) for k in range(9))
    struct.pack_into("<HHI", tail, 8, 9, 9, len(entries))
    path.write_bytes(raw[:start] + entries + tail)
    with pytest.raises(UsageError, match="overlap"):
        found(path)


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MOST_MEMBERS", 2)
    path = packed(tmp_path / "x.zip", {f"{k}.py": b"" for k in range(3)})
    with pytest.raises(UsageError, match="holds 3 files, at most 2 are read"):
        found(path)


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04 and then nothing", b"no zip at all" * 50])
def test_a_file_called_zip_that_is_none_is_an_error(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(raw)
    with pytest.raises(UsageError, match="is no zip archive that can be read"):
        found(tmp_path / "x.zip")


def test_a_member_that_is_gone_by_its_turn_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"alice.py": b"a"})
    hand_in = found(path)["alice.py"]
    packed(path, {"bob.py": b"b"})
    with pytest.raises(Refused, match="no longer in the zip"):
        content(hand_in)
