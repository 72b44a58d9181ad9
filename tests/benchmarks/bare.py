"""The floor: a process that imports NumPy, executes a program and runs the same cases; nothing else.

python bare.py PROGRAM CASES       CASES is a pickle of our own: [(function, [arguments, …]), …]
"""

import pickle
import sys
from pathlib import Path

import numpy  # noqa: F401 - every program needs it

program, cases = sys.argv[1:]
namespace = {"__name__": "student"}
with Path(program).open(encoding="utf-8") as file:
    exec(compile(file.read(), program, "exec"), namespace)
with Path(cases).open("rb") as file:
    for function, calls in pickle.load(file):
        for arguments in calls:
            namespace[function](*arguments)
