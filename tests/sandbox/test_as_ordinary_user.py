"""When the tests run as root (containers, Gradescope), they can run a second time as an ordinary user.

It takes as long again, so it is asked for: GRADER_TEST_AS_USER=1 python -m pytest tests/sandbox
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORDINARY = 12_345

#: Becomes the user and runs the tests; HOME is where hypothesis and others may write.
AGAIN = """
import os, sys
os.setgroups([]); os.setresgid({user}, {user}, {user}); os.setresuid({user}, {user}, {user})
os.environ.update(HOME={home!r}, PYTHONDONTWRITEBYTECODE="1", HYPOTHESIS_STORAGE_DIRECTORY={home!r})
os.execv(sys.executable, [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *sys.argv[1:]])
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the user may enter and write: pytest's own is root's alone."""
    with tempfile.TemporaryDirectory(prefix="ordinary-") as name:
        Path(name).chmod(0o777)
        yield Path(name)


def again(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest as the ordinary user."""
    code = AGAIN.format(user=ORDINARY, home=str(home))
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=900,
    )


@pytest.mark.skipif(os.getuid() != 0, reason="these tests run as an ordinary user already")
@pytest.mark.skipif(not os.environ.get("GRADER_TEST_AS_USER"), reason="asked for with GRADER_TEST_AS_USER=1")
@pytest.mark.parametrize("tests", ["tests/attacks", "tests/sandbox"])
def test_the_same_tests_pass_as_an_ordinary_user(tests: str, home: Path) -> None:
    if again(home, "--version").returncode:
        pytest.skip("an ordinary user cannot run this Python: it is in a folder that only root may enter")
    result = again(home, tests, "-m", "not slow and not browser", f"--basetemp={home / 'own'}")
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
