#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the container; our files are in /autograder/source.
set -euo pipefail
SOURCE="${AUTOGRADER_ROOT:-/autograder}/source"
PYTHON="${PYTHON:-python3}"

# Python 3.10 or newer that can make virtual environments.
if ! "$PYTHON" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv
fi
"$PYTHON" -m venv "$SOURCE/venv"
"$SOURCE/venv/bin/python" -m pip install --quiet --no-cache-dir --disable-pip-version-check "$SOURCE"/stepgrader-*.whl

# The reference, the hidden cases and the seed are for root. Student code runs as another user.
chmod -R go-rwx "$SOURCE/course" "$SOURCE/autograder.json"
