"""A template repository for GitHub Classroom: the hand-out, and a workflow that gives points on every push.

Whoever can push to a repository can read everything that its workflows can read. So the points on a push
come from the public checks alone, and no reference, hidden case or seed is anywhere near; the grade is
given by ``grader batch`` on the clones, on the instructor's side.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.checker.result import CheckResult, FunctionCheck
from grader.errors import GraderError
from grader.model import Outcome
from grader.pack import Pack
from grader.release.handout import HandOut
from grader.report.words import clean

PROTECTED = ".github/classroom/protected.sha256"
WORKFLOW = ".github/workflows/classroom.yml"
#: What to enter in Classroom as protected file paths.
PATTERNS = (".github/**/*", "checks/**/*", "*.whl", "README.md")

_WORKFLOW = """\
# Gives the points of the public checks on every push; hidden checks decide the grade, later and elsewhere.
name: Autograding Tests
on: [push, repository_dispatch, workflow_dispatch]
permissions:
  checks: write
  actions: read
  contents: read
jobs:
  run-autograding-tests:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    if: github.actor != 'github-classroom[bot]'
    steps:
      - uses: actions/checkout@v4
      - name: The protected files are as they were handed out
        run: sha256sum --check --strict --quiet {protected}
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Install the grader
        run: python -m pip install --quiet ./{wheel}
      - name: Run the public checks
        id: grade
        run: python -m grader.export.classroom {notebook} >> "$GITHUB_OUTPUT"
      - name: Autograding Reporter
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
{results}
        with:
          runners: {runners}
"""


def repository(hand_out: HandOut, pack: Pack) -> dict[str, bytes]:
    """The files of the template repository."""
    wheel = next(name for name in hand_out.files if name.endswith(".whl"))
    names = [f.name for f in pack.functions]
    results = "\n".join(
        f'          {variable(name)}_RESULTS: "${{{{ steps.grade.outputs.{runner(name)} }}}}"'
        for name in names
    )
    files = dict(hand_out.files)
    files[WORKFLOW] = _WORKFLOW.format(
        protected=PROTECTED,
        wheel=wheel,
        notebook=hand_out.notebook,
        results=results,
        runners=",".join(map(runner, names)),
    ).encode()
    sums = [
        f"{hashlib.sha256(content).hexdigest()}  {name}"
        for name, content in files.items()
        if name != hand_out.notebook
    ]
    files[PROTECTED] = ("\n".join(sums) + "\n").encode()
    return files


def runner(function: str) -> str:
    """What the workflow calls a function's results."""
    return re.sub(r"\W", "_", function).lower()


def variable(function: str) -> str:
    """The name of the variable in which the reporter looks for them."""
    return runner(function).upper()


# --------------------------------------------------------------------------- inside the workflow


def outputs(result: CheckResult) -> Mapping[str, str]:
    """For each function what the reporter reads: JSON in base64."""
    return {
        runner(f.name): base64.b64encode(json.dumps(_payload(f)).encode()).decode() for f in result.functions
    }


def _payload(function: FunctionCheck) -> dict[str, Any]:
    """One function: every public check is worth the same share of its points."""
    full = function.public.points if function.public.spec.role == "required" else 0.0
    share = full / max(function.total, 1)
    return {
        "version": 1,
        "status": "pass" if function.holds else "fail",
        "max_score": full,
        "tests": [
            {
                "name": f"{function.name}: {c.case.name}",
                "status": "pass" if c.outcome is Outcome.CORRECT else "fail",
                "score": share if c.outcome is Outcome.CORRECT else 0,
                "message": clean(c.detail or function.headline, 500)
                if c.outcome is not Outcome.CORRECT
                else None,
                "test_code": "",
                "filename": "",
                "line_no": 0,
                "duration": 0,
            }
            for c in function.result.cases
        ],
    }


def main(arguments: Sequence[str]) -> int:
    """Check the notebook; results go to stdout for ``$GITHUB_OUTPUT``, words to stderr for the log."""
    from grader.checker.find import find_checks
    from grader.checker.run import run_checks
    from grader.notebook import read_submission
    from grader.sandbox import open_runner

    notebook = Path(arguments[0])
    try:
        submission = read_submission(notebook)
        checks = find_checks(notebook.parent, submission.metadata)
        with open_runner("auto", limits=checks.limits, allowed_imports=checks.allowed_imports) as sandbox:
            result = run_checks(submission, checks, sandbox)
    except GraderError as error:
        print(f"grader: {error}", file=sys.stderr)
        return error.exit_code
    print(result.text(verbose=True), file=sys.stderr)
    for name, encoded in outputs(result).items():
        print(f"{name}={encoded}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
