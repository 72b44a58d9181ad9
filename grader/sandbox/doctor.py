"""Finds out how well this machine can hold student code, why not better, and what to do about it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.model import Limits, Program, Returned, system
from grader.sandbox.launch import START_SECONDS, popen, start_failure
from grader.sandbox.runner import open_runner

SCHEMA = "grader.doctor/1"


@dataclass(frozen=True, slots=True)
class Check:
    """One mechanism: whether its effect was seen, and what to do if not."""

    name: str
    ok: bool
    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Checkup:
    """What this machine offers. ``tier`` is what ``auto`` would use, None where grading is impossible."""

    tier: str | None
    reason: str  # why no higher tier; for None why there is none
    python: str
    numpy: str
    platform: str
    mechanisms: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def grading_possible(self) -> bool:
        """Whether student code can be graded in isolation."""
        return self.tier is not None

    def as_json(self) -> dict[str, Any]:
        """The object that ``grader doctor --json`` prints."""
        return {
            "schema": SCHEMA,
            "grading_possible": self.grading_possible,
            "tier": self.tier,
            "reason": self.reason,
            "python": self.python,
            "numpy": self.numpy,
            "platform": self.platform,
            "mechanisms": list(self.mechanisms),
            "checks": [
                {"name": c.name, "ok": c.ok, "detail": c.detail, "advice": c.advice} for c in self.checks
            ],
        }


def examine(python: str | None = None) -> Checkup:
    """Try every mechanism, then grade a line of code as ``auto`` would."""
    interpreter = python or sys.executable
    if sys.platform != "linux":
        check = Check("Linux", False, f"this is {sys.platform}", advice("Linux", sys.platform))
        reason = "student code can be isolated on Linux only"
        return Checkup(None, reason, "", "", system(), (), (check,))
    try:
        found = _probes(interpreter)
    except SandboxError as error:
        why = _without_ourselves(error)
        check = Check("interpreter", False, why, advice("interpreter", ""))
        return Checkup(None, why, "", "", system(), (), (check,))
    python_version, numpy_version = str(found.pop("python")), str(found.pop("numpy", ""))
    checks = [
        Check(name, seen["ok"], seen["detail"], _advice(name, seen))
        for name, seen in found.items()
        if name != "numpy_error"
    ]
    missing = found.get("numpy_error", "")
    checks.append(
        Check("NumPy", not missing, str(missing) or numpy_version, advice("NumPy", "") if missing else "")
    )
    tier, reason, mechanisms = _trial(interpreter)
    seen = reason if tier is None else f"a function was run in the {tier} tier"
    checks.append(Check("trial", tier is not None, seen))
    if tier == "standard":
        reason = f"not strict: {reason}" if reason else "not strict"
    return Checkup(tier, reason, python_version, numpy_version, system(), mechanisms, tuple(checks))


def _probes(python: str) -> dict[str, Any]:
    process = popen(python, "lockdown.probes", {}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    with process:
        try:
            printed, _ = process.communicate(timeout=START_SECONDS)
            found = json.loads(printed)
        except (subprocess.TimeoutExpired, ValueError):
            raise start_failure(python, process) from None
    assert isinstance(found, dict)
    return found


def _trial(python: str) -> tuple[str | None, str, tuple[str, ...]]:
    """The tier that a real function was run in, why no higher one, and the mechanisms."""
    program = Program("def double(x):\n    return 2 * x\n", ("double",), Limits())
    try:
        with open_runner("auto", python=python) as runner, runner.open(program) as session:
            reply = session.call("double", (21,), 10.0)
            if not isinstance(reply, Returned) or reply.value != 42:
                return None, f"the trial function gave {reply}", ()
            return runner.mode, runner.why_not_strict, runner.mechanisms
    except SandboxError as error:
        return None, _without_ourselves(error), ()


def _without_ourselves(error: SandboxError) -> str:
    return str(error).removesuffix("; see `grader doctor`")


def _advice(name: str, seen: dict[str, Any]) -> str:
    return "" if seen["ok"] else advice(name, seen["detail"])


def advice(name: str, detail: str) -> str:
    """What to do about a mechanism that is missing here."""
    if name == "namespaces":
        return _namespace_advice(detail)
    return {
        "Linux": "Grade in a Linux container or on a Linux machine (any CI runner does). "
        "For a self-check of your own code, `--sandbox portable` runs it without isolation.",
        "interpreter": "Check `runtime.python` in config.yaml: it names an interpreter with NumPy installed.",
        "NumPy": "Install NumPy for this interpreter.",
        "seccomp": "Nothing can be graded safely without it. In Docker, remove `--security-opt seccomp=...`; "
        "on an unusual machine (not x86_64 or aarch64), grade on another one.",
        "landlock": "Optional: it is a second wall. Kernels from 5.13 on have it, if `landlock` is in their "
        "list of security modules (/sys/kernel/security/lsm).",
        "memory limit": "Grade on another machine: this kernel ignores the limit (RLIMIT_AS).",
        "process limit": "Optional: seccomp refuses new processes already.",
        "user": "The grader runs as root and may not become another user. Start the container with the usual "
        "capabilities (SETUID and SETGID), or run the grader as an ordinary user.",
        "pidfd": "Optional: the zygote kills children instead. Kernels from 5.3 on have it.",
    }.get(name, "")


def _namespace_advice(detail: str) -> str:
    """Why the strict tier is not to be had differs from place to place."""
    text = "Optional: the standard tier already refuses every attack in our tests. "
    if _in_container():
        return text + "Containers forbid it by default; do not weaken the container for it."
    if _setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
        return text + (
            "Ubuntu (also the GitHub runner ubuntu-24.04) keeps ordinary users from it: "
            "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0` in a step before grading."
        )
    if _setting("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        return text + "Debian's switch is off: `sudo sysctl kernel.unprivileged_userns_clone=1`."
    if _setting("/proc/sys/user/max_user_namespaces") == "0":
        return text + "They are switched off: `sudo sysctl user.max_user_namespaces=10000`."
    return text + "The kernel, a container or a security module forbids it here."


def _in_container() -> bool:
    return Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()


def _setting(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def render(checkup: Checkup) -> str:
    """The text of ``grader doctor``."""
    lines = [
        f"Student code would be graded in the {checkup.tier} tier."
        if checkup.grading_possible
        else f"Student code cannot be graded here: {checkup.reason}.",
    ]
    if checkup.tier == "standard":
        lines.append(f"Why not strict: {checkup.reason.removeprefix('not strict: ')}.")
    lines.append(f"Python {checkup.python or '?'}, NumPy {checkup.numpy or '?'}, {checkup.platform}.")
    lines.append("")
    for check in checkup.checks:
        lines.append(f"  {'ok' if check.ok else 'no':4}{check.name:15}{check.detail}")
        if check.advice:
            lines.append(f"{'':19}→ {check.advice}")
    if checkup.mechanisms:
        lines += ["", f"In force: {', '.join(checkup.mechanisms)}."]
    return "\n".join(lines)
