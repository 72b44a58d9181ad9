"""Whatever ends a batch, the next run ends it right: killed, out of disk, interrupted.

The folder that comes out is compared byte by byte with that of a batch which nothing happened to.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")


@pytest.fixture(scope="module")
def hand_ins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hand-ins")
    for k in range(60):  # the last ten have the contents of the first ten
        (folder / f"s{k:02}.py").write_text(f"sleep 0.01\nscore {k % 50 % 7}\n# {k % 50}")
    return folder


@pytest.fixture(scope="module")
def undisturbed(hand_ins: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a batch leaves to which nothing happens."""
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    subprocess.run(command(hand_ins, out), check=True, cwd=ROOT)
    return contents(out)


def command(hand_ins: Path, out: Path) -> list[str]:
    log = out.parent.parent / "log" if out.parent.name == "disk" else out.parent / "log"
    return [sys.executable, "-m", "tests.batch.drive", str(hand_ins), str(out), str(log)]


def contents(out: Path) -> dict[str, bytes]:
    """Everything that a batch leaves but its store, without times."""
    found = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and not path.name.startswith("store."):
            raw = re.sub(rb'"seconds": [0-9.e-]+', b"", path.read_bytes())
            raw = re.sub(rb'(?s)<h2 id="slowest">.*?</section>', b"", raw)
            found[str(path.relative_to(out))] = raw
    return found


def kill_after_reports(arguments: list[str], out: Path, number: int) -> bool:
    """Run a batch and kill it once so many reports are there; whether it was still running."""
    batch = subprocess.Popen(arguments, cwd=ROOT)
    reports = out / "reports"
    while batch.poll() is None and sum(1 for _ in reports.glob("*")) < number:
        time.sleep(0.001)
    killed = batch.poll() is None
    batch.kill()
    batch.wait()
    return killed


def test_a_batch_killed_again_and_again_comes_out_as_if_nothing_had_happened(
    hand_ins: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    moments = sorted(random.Random(7).sample(range(2, 110), 4))
    kills = sum(kill_after_reports(command(hand_ins, out), out, moment) for moment in moments)
    assert kills >= 3, "the batch should be killed while it runs"
    subprocess.run(command(hand_ins, out), check=True, cwd=ROOT)
    assert contents(out) == undisturbed


def test_a_killed_batch_repeats_only_what_was_under_way(hand_ins: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    log = tmp_path / "log"
    assert kill_after_reports(command(hand_ins, out), out, 60)
    begun = len(log.read_text().splitlines())
    subprocess.run(command(hand_ins, out), check=True, cwd=ROOT)
    again = len(log.read_text().splitlines()) - 50  # contents, of which ten are handed in twice
    assert 0 <= again <= 2 * 2, f"{begun} were begun, {again} were graded twice; two workers have two each"


def test_ctrl_c_ends_a_batch_cleanly(tmp_path: Path) -> None:
    hand_ins, out, smooth = tmp_path / "hand-ins", tmp_path / "out", tmp_path / "smooth" / "out"
    hand_ins.mkdir()
    for k in range(30):
        (hand_ins / f"s{k:02}.py").write_text(f"sleep 0.1\nscore {k % 7}\n# {k}")
    batch = subprocess.Popen(
        command(hand_ins, out),
        cwd=ROOT,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # A job in the background of a shell, as these tests may be, ignores Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while sum(1 for _ in (out / "reports").glob("*")) < 5:
        time.sleep(0.001)
    os.killpg(batch.pid, signal.SIGINT)
    _, said = batch.communicate(timeout=60)
    assert b"Interrupted: (30," in said
    assert not (out / "scores.csv").exists()
    for folder in (out, smooth):
        subprocess.run(command(hand_ins, folder), check=True, cwd=ROOT)
    assert contents(out) == contents(smooth)


def test_tables_are_made_again_only_where_something_changed(hand_ins: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tables = [out / "scores.csv", out / "class.html"]

    def run() -> list[int]:
        subprocess.run(command(hand_ins, out), check=True, cwd=ROOT)
        return [table.stat().st_ino for table in tables]

    first, texts = run(), [table.read_bytes() for table in tables]
    assert run() == first
    tables[0].write_text("somebody has saved it from a spreadsheet")
    second = run()
    assert second != first
    assert [table.read_bytes() for table in tables] == texts
    (out / "clusters.yaml").write_text("abc: a name for a cluster")
    assert run() != second


# --------------------------------------------------------------------------- a full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of eight megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if not sys.platform.startswith("linux") or mount is None or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root on Linux")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=8m", "none", str(disk)], capture_output=True)
    if made.returncode:
        pytest.skip(f"mounting is not allowed here: {made.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("room", [8, 160, 420], ids=lambda kb: f"{kb} KB free")
def test_a_full_disk_is_a_sentence_and_the_batch_goes_on_when_there_is_room(
    hand_ins: Path, undisturbed: dict[str, bytes], small_disk: Path, room: int
) -> None:
    out = small_disk / "out"
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes((8192 - room) * 1024))
    first = subprocess.run(command(hand_ins, out), cwd=ROOT, capture_output=True, text=True, check=False)
    assert first.returncode in (2, 3), first.stderr
    assert "Traceback" not in first.stderr
    assert len(first.stderr.strip().splitlines()) == 1
    assert "full" in first.stderr or "No space left" in first.stderr or "cannot be written" in first.stderr
    ballast.unlink()
    subprocess.run(command(hand_ins, out), check=True, cwd=ROOT)
    assert contents(out) == undisturbed
