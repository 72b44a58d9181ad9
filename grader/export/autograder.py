"""Grades one submission inside Gradescope's container and writes ``results.json``, whatever happens.

Three endings that must never be mixed up: graded; not graded because the file that was handed in cannot
be read, which its author is told and can mend; not graded through a failure of ours, which gets no
score at all, because 0 would be one.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.cases import prepare
from grader.config import Settings, find_pack, limits, load_settings
from grader.errors import NotGraded, SubmissionError
from grader.model import Report, Submission
from grader.notebook import read_submission
from grader.pack import Pack
from grader.pipeline import Options, grade, not_graded
from grader.report.write import write_atomic
from grader.sandbox import open_runner

_SUFFIXES = (".ipynb", ".py", ".md")
_OUR_FAULT = "This submission could not be graded, through no fault of yours. Your instructor can see why."


def main(root: Path) -> None:
    """Grade what is in ``root/submission``; ``root`` is laid out as Gradescope's ``/autograder``."""
    try:
        results = _graded(root)
    except SubmissionError as error:
        results = _unreadable(str(error))
    except BaseException as error:  # whatever it is, there must be a result
        traceback.print_exc(file=sys.stdout)
        results = _failed(f"{type(error).__name__}: {error}")
    write_atomic(root / "results" / "results.json", json.dumps(results, indent=2, ensure_ascii=False) + "\n")


def _graded(root: Path) -> dict[str, Any]:
    from grader.report import gradescope
    from grader.report.audience import Audience

    source = root / "source"
    order = json.loads((source / "autograder.json").read_text(encoding="utf-8"))
    metadata = _metadata(root / "submission_metadata.json")
    settings = load_settings(source / "course" / "config.yaml")
    pack = find_pack(settings, order["assignment"])
    report = _report(_submission(root / "submission", pack), pack, settings)
    text = gradescope.render(report, Audience.INSTRUCTOR, hidden_cases=order["hidden_cases"])
    results: dict[str, Any] = json.loads(text)
    results["extra_data"] |= _facts(report, metadata)
    if report.status != "graded":
        print(f"not graded: {report.reason}")
    possible = _total_points(metadata)
    if possible is not None and abs(possible - report.max_score) > 1e-9:
        print(f"The assignment is worth {possible:g} points on Gradescope, and {report.max_score:g} here.")
    return results


def _report(submission: Submission, pack: Pack, settings: Settings) -> Report:
    cases = prepare(pack, settings.secret, submission.sha256 if pack.vary_by_submission else "")
    allowed = limits(pack.limits, settings.file.limits)
    mode, imports = settings.file.sandbox, pack.allowed_imports
    try:
        with open_runner(mode, limits=allowed, allowed_imports=imports) as runner:
            return grade(submission, pack, cases, runner, Options(allowed, settings.file.hints))
    except NotGraded as error:
        return not_graded(submission, pack, str(error))


def _facts(report: Report, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What an instructor may want to know later; students do not see it."""
    environment = report.environment
    return {
        "submission_id": metadata.get("id"),
        "created_at": metadata.get("created_at"),
        "sandbox": environment.sandbox,
        "mechanisms": list(environment.mechanisms),
        "python": environment.python,
        "numpy": environment.numpy,
        "cases": environment.cases,
        "pack": environment.pack,
        **({"reason": report.reason} if report.reason else {}),
    }


def _metadata(path: Path) -> Mapping[str, Any]:
    """What Gradescope says of the submission. No mark depends on it, so that nothing is too broken."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"{path.name} cannot be read: {error}")
        return {}
    return data if isinstance(data, dict) else {}


def _total_points(metadata: Mapping[str, Any]) -> float | None:
    assignment = metadata.get("assignment")
    total = assignment.get("total_points") if isinstance(assignment, dict) else None
    try:
        return float(total)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _submission(folder: Path, pack: Pack) -> Submission:
    """The one file in ``folder`` that is meant.

    Raises SubmissionError, with a sentence for the student, where it is not clear which.
    """
    expected = f"{pack.name}.ipynb"
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix.lower() in _SUFFIXES and not _is_hidden(path.relative_to(folder))
    ]
    for suffix in _SUFFIXES:
        found = [path for path in paths if path.suffix.lower() == suffix]
        named = [path for path in found if path.name == expected]
        if len(named) == 1 or len(found) == 1:
            return read_submission((named or found)[0])
        if found:
            listed = ", ".join(path.relative_to(folder).as_posix() for path in found[:5])
            raise SubmissionError(f"Which file is it? Found {listed}; hand in one, called {expected}.")
    raise SubmissionError(f"There is no notebook in what was handed in; expected {expected}.")


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def _unreadable(sentence: str) -> dict[str, Any]:
    return {
        "score": 0.0,
        "output": f"{sentence}\n\nNothing was graded. Please hand in again.",
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"status": "unreadable", "reason": sentence},
    }


def _failed(reason: str) -> dict[str, Any]:
    return {
        "output": _OUR_FAULT,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"status": "not_graded", "reason": reason},
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
