"""A report file is complete or absent, and an existing one is replaced, never truncated."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.report.write import check_writable, write_atomic


def test_a_folder_that_is_not_there_is_said_before_grading(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot write .*: there is no folder .*nowhere"):
        check_writable(tmp_path / "nowhere" / "a.html")


def test_a_folder_instead_of_a_file_is_said_before_grading(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it is a folder, expected a file name"):
        check_writable(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write anywhere")
def test_a_folder_without_permission_is_said_before_grading(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="Permission denied"):
        check_writable(tmp_path / "a.html")


@pytest.mark.parametrize("name", ["a\0.html", "a" * 300], ids=["a null character", "too long"])
def test_a_name_that_the_file_system_refuses_is_said_before_grading(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        check_writable(tmp_path / name)
    with pytest.raises(UsageError, match="cannot write"):
        write_atomic(tmp_path / name, "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        check_writable(pipe)
        write_atomic(pipe, "✓")
        assert os.read(reader, 100) == "✓".encode()
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_asking_leaves_nothing_behind_and_touches_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a.html"
    target.write_text("old")
    check_writable(target)
    check_writable(tmp_path / "new.html")
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]
    assert target.read_text() == "old"


def test_the_text_is_written_in_utf_8_with_plain_line_ends(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.html", "é\n✓\n")
    assert (tmp_path / "a.html").read_bytes() == "é\n✓\n".encode()


def test_a_lone_surrogate_does_not_stop_a_report(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.html", "a\ud800b")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == "a?b"


def test_a_write_that_breaks_off_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.html"
    target.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write_atomic(target, "new" * 1000)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]


def test_the_old_file_is_there_until_the_new_one_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.html"
    target.write_text("old")
    seen = []
    real = os.fsync

    def look(handle: int) -> None:
        real(handle)
        seen.append(target.read_text())

    monkeypatch.setattr(os, "fsync", look)
    write_atomic(target, "new")
    assert (seen, target.read_text()) == (["old"], "new")


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_permissions_are_a_new_files_or_those_it_had(tmp_path: Path) -> None:
    fresh, kept = tmp_path / "fresh", tmp_path / "kept"
    kept.write_text("old")
    kept.chmod(0o640)
    mask = os.umask(0o022)
    try:
        write_atomic(fresh, "x")
        write_atomic(kept, "x")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o644
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640


@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("old")
    (tmp_path / "link").symlink_to(real)
    write_atomic(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert real.read_text() == "new"
