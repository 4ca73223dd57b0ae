#!/bin/sh
# setup_apart.sh NAME OLDEST NEWEST: makes .venv-NAME from requirements/NAME.txt, on a Python from OLDEST to NEWEST. Apart from
# .venv, since what lives there asks for other versions of what that holds. Run again it does nothing, until the lock changes.
# Without such a Python it says so, and ends with 3.
set -eu
cd "$(dirname "$0")/.."
lock="requirements/$1.txt"
place=".venv-$1"

if cmp -s "$lock" "$place/set-up-from" 2>/dev/null; then
    exit 0
fi
# Which Python .venv has makes no difference to what is run from there.
if .venv/bin/python -c "import sys; sys.exit(not (3, ${2#3.}) <= sys.version_info[:2] <= (3, ${3#3.}))"; then
    python=.venv/bin/python
else
    python=$(.venv/bin/python -m uv python find --quiet --system --no-python-downloads ">=$2,<3.$((${3#3.} + 1))" || true)
fi
if [ -z "$python" ]; then
    echo "$place: skipped, this machine has no Python $2 to $3" >&2
    exit 3
fi
.venv/bin/python -m uv venv --quiet --clear --python "$python" "$place"
.venv/bin/python -m uv pip sync --quiet --python "$place/bin/python" --require-hashes "$lock"
cp "$lock" "$place/set-up-from"
