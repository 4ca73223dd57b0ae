#!/bin/sh
# Makes .venv-airbyte, in which Airbyte's own kits live (requirements/airbyte.txt): apart from .venv, since they ask for
# other versions of what that holds. Run again it does nothing, until the lock changes.
set -eu
cd "$(dirname "$0")/.."

if cmp -s requirements/airbyte.txt .venv-airbyte/set-up-from 2>/dev/null; then
    exit 0
fi
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] > (3, 12))'; then
    echo "make test-airbyte: PyAirbyte runs on Python 3.10 to 3.12; make setup PYTHON=/path/to/python3.12 first" >&2
    exit 2
fi
.venv/bin/python -m uv venv --quiet --clear --python .venv/bin/python .venv-airbyte
.venv/bin/python -m uv pip sync --quiet --python .venv-airbyte/bin/python --require-hashes requirements/airbyte.txt
cp requirements/airbyte.txt .venv-airbyte/set-up-from
