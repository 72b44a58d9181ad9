"""Which tier is used, what is refused, and what a runner says of itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.model import Limits, Program, Returned
from grader.sandbox import Runner, open_runner

from .conftest import virtual_environment

PROGRAM = Program("def f(x):\n    return x + 1\n", ("f",))


def answer(runner: Runner) -> object:
    with runner.open(PROGRAM) as session:
        reply = session.call("f", (1,), 20.0)
    assert isinstance(reply, Returned), reply
    return reply.value


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(
        SandboxError, match="the sandbox mode is 'open', expected one of: auto, strict, standard"
    ):
        open_runner("open")


def test_auto_never_means_portable() -> None:
    with open_runner() as runner:
        assert runner.mode in ("strict", "standard")


def test_elsewhere_than_on_linux_auto_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    for mode in ("auto", "standard", "strict"):
        with pytest.raises(SandboxError, match=r"on Linux only, and this is darwin.*see `grader doctor`"):
            open_runner(mode)


@pytest.mark.parametrize("mode", ["standard", "portable"])
def test_an_interpreter_that_does_not_exist_is_one_sentence(mode: str) -> None:
    with pytest.raises(SandboxError, match=r"/no/python cannot be started \(No such file or directory\)"):
        open_runner(mode, python="/no/python")


@pytest.mark.parametrize("mode", ["standard", "portable"])
def test_an_interpreter_without_numpy_is_one_sentence(mode: str, tmp_path: Path) -> None:
    bare = virtual_environment(tmp_path, numpy=False)
    with (
        pytest.raises(SandboxError, match=r"student code cannot be run with .*No module named 'numpy'"),
        open_runner(mode, python=bare) as runner,
    ):
        answer(runner)


@pytest.mark.parametrize("mode", ["standard", "portable"])
def test_something_that_is_no_python_is_one_sentence(mode: str) -> None:
    with (
        pytest.raises(
            SandboxError, match="student code cannot be run with /bin/false: it ended with status 1"
        ),
        open_runner(mode, python="/bin/false") as runner,
    ):
        answer(runner)


@pytest.mark.parametrize("mode", ["standard", "strict", "portable"])
def test_a_course_may_name_its_own_environment(mode: str, tmp_path: Path) -> None:
    """With a module that only that environment has."""
    python = virtual_environment(tmp_path, {"only_here.py": "ANSWER = 42\n"})
    source = "import only_here\nimport numpy\ndef f():\n    return only_here.ANSWER, numpy.__version__\n"
    try:
        with open_runner(mode, python=python) as runner:
            program = Program(source, ("f",), allowed_imports=("numpy", "only_here"))
            with runner.open(program) as session:
                value = session.call("f", (), 20.0).value  # type: ignore[union-attr]
            assert value == (42, runner.numpy)
    except SandboxError as error:
        if mode != "strict":
            raise
        pytest.skip(f"no strict tier here: {error}")


def test_the_path_of_an_interpreter_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker itself starts elsewhere; and the link to the Python that made the environment is kept."""
    virtual_environment(tmp_path, {"only_here.py": "ANSWER = 42\n"})
    monkeypatch.chdir(tmp_path)
    program = Program("import only_here\ndef f(): return 2\n", ("f",), allowed_imports=("numpy", "only_here"))
    for mode in ("standard", "portable"):
        with open_runner(mode, python="venv/bin/python") as runner, runner.open(program) as session:
            assert session.load_errors == ()


def test_the_current_folder_and_the_environment_have_no_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file numpy.py next to the notebook, or PYTHONPATH, must not be what student code runs on."""
    for name in ("numpy.py", "worker.py", "json.py", "sitecustomize.py"):
        (tmp_path / name).write_text("raise SystemExit('hijacked')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "numpy.py"))
    monkeypatch.setenv("PYTHONINSPECT", "1")
    for mode in ("standard", "portable"):
        with open_runner(mode) as runner:
            assert answer(runner) == 2


def test_a_runner_says_what_holds_the_code(caged: Runner) -> None:
    assert "seccomp allow-list" in caged.mechanisms
    assert "no new privileges" in caged.mechanisms
    assert ("unprivileged user" in caged.mechanisms) == (os.getuid() == 0)
    assert ("empty read-only root" in caged.mechanisms) == (caged.mode == "strict")
    assert caged.python.count(".") == 2
    assert caged.numpy


def test_portable_does_not_claim_to_hold_anything() -> None:
    with open_runner("portable") as runner:
        assert runner.mode == "portable"
        assert not {"seccomp allow-list", "no new privileges"} & set(runner.mechanisms)
        assert runner.mechanisms[0] == "separate process"


def test_each_program_has_its_own_limits(standard: Runner) -> None:
    source = "def f(n):\n    return len(bytearray(n << 20))\n"
    for megabytes, fits in ((100, True), (20, False), (100, True)):
        with standard.open(Program(source, ("f",), Limits(memory_mb=megabytes))) as session:
            assert isinstance(session.call("f", (50,), 20.0), Returned) is fits


def test_modules_asked_for_later_are_there(standard: Runner) -> None:
    """The process that stands ready was made before the module was loaded: it must not be used."""
    for module in ("calendar", "fractions", "statistics"):
        with standard.open(Program(f"import {module}\ndef f(x):\n    return x\n", ("f",))) as session:
            assert session.load_errors == ()


def test_two_sessions_at_once_do_not_meet(any_tier: Runner) -> None:
    with any_tier.open(PROGRAM) as one, any_tier.open(PROGRAM) as two:
        for k in range(5):
            assert one.call("f", (k,), 20.0).value == k + 1  # type: ignore[union-attr]
            assert two.call("f", (10 * k,), 20.0).value == 10 * k + 1  # type: ignore[union-attr]


def test_a_closed_runner_starts_again_when_used(standard: Runner) -> None:
    with open_runner("standard") as runner:
        assert answer(runner) == 2
        runner.close()
        assert answer(runner) == 2


def test_many_submissions_leave_no_descriptor_behind(standard: Runner) -> None:
    answer(standard)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        answer(standard)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_importing_the_package_imports_nothing_heavy() -> None:
    """``grader --help`` must not wait for the sandbox, nor the sandbox for NumPy in the parent."""
    code = "import sys, grader.sandbox; from grader.sandbox import open_runner; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"numpy", "scipy", "ctypes", "multiprocessing", "asyncio"} & set(loaded)


@pytest.mark.parametrize("mode", ["portable", "standard", "strict"])
@pytest.mark.parametrize(
    "before",
    ["files = [open(os.devnull) for _ in range(200)]", "os.close(0); os.close(1)"],
    ids=["many files open", "no standard input or output"],
)
def test_it_starts_whatever_files_its_starter_has_open(mode: str, before: str) -> None:
    """A grader inside a Jupyter kernel has hundreds; one that a service starts may have not even the first."""
    code = f"""
import os
{before}
from grader.model import Program, Returned
from grader.sandbox import open_runner
from grader.errors import SandboxError
try:
    with open_runner({mode!r}) as runner, runner.open(Program("def f(x): return x + 1", ("f",))) as session:
        assert isinstance(session.call("f", (1,), 20.0), Returned)
except SandboxError as error:
    import sys
    sys.exit(3 if {mode!r} == "strict" and "strict tier is not possible" in str(error) else str(error))
"""
    ended = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, check=False)
    if ended.returncode == 3:
        pytest.skip("no strict tier here")
    assert ended.returncode == 0, ended.stderr


def test_the_grader_does_not_push_aside_who_computes() -> None:
    code = (
        "import os; from grader.sandbox import open_runner\n"
        "with open_runner('standard') as runner: print(runner.mode, os.sched_getscheduler(0) == os.SCHED_BATCH)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["standard", "True"]
