#!/bin/sh
# Makes .venv-airbyte, in which Airbyte's own kits live (requirements/airbyte.txt): apart from .venv, since they ask for
# other versions of what that holds. Run again it does nothing, until the lock changes.
set -eu
cd "$(dirname "$0")/.."

if cmp -s requirements/airbyte.txt .venv-airbyte/set-up-from 2>/dev/null; then
    exit 0
fi
# PyAirbyte runs on Python 3.10 to 3.12; which one .venv has makes no difference, since the connectors run there.
if .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] > (3, 12))'; then
    python=.venv/bin/python
else
    python=$(.venv/bin/python -m uv python find --quiet --system --no-python-downloads '>=3.10,<3.13' || true)
fi
if [ -z "$python" ]; then
    echo "make test-airbyte: skipped, this machine has no Python 3.10 to 3.12, on which PyAirbyte runs" >&2
    exit 0
fi
.venv/bin/python -m uv venv --quiet --clear --python "$python" .venv-airbyte
.venv/bin/python -m uv pip sync --quiet --python .venv-airbyte/bin/python --require-hashes requirements/airbyte.txt
cp requirements/airbyte.txt .venv-airbyte/set-up-from
