"""What can go wrong on our side; a student's mistake is never one of these.

GraderError                 anything the command line reports as one sentence
├── UsageError              a wrong option, a path that cannot be written        exit code 2
├── ConfigError             config.yaml or assignment.yaml: file, field, expected  exit code 2
├── SubmissionError         a file that holds no readable Python at all            exit code 2
└── NotGraded               our failure while grading: never 0, never full marks   exit code 3
    ├── SandboxError        the cage could not be built or its protocol broke on our side
    └── PackError           a reference or a case generator failed
"""

from __future__ import annotations


class GraderError(Exception):
    """Base of every error that ends as one sentence and an exit code."""

    exit_code = 2


class UsageError(GraderError):
    """The command was called in a way that cannot work."""


class ConfigError(GraderError):
    """A settings file is wrong; the message names the file, the field and what was expected."""


class SubmissionError(GraderError):
    """A submission cannot be read at all; the message says why in one sentence."""


class NotGraded(GraderError):
    """Grading failed through no fault of the student."""

    exit_code = 3


class SandboxError(NotGraded):
    """The isolation could not be set up, or it failed on our side."""


class PackError(NotGraded):
    """A pack's own code (reference, cases, fault models) failed."""
