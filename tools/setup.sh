#!/bin/sh
# Makes .venv: the locked dependencies of requirements/dev.txt and the packages, editable.
# Run again it does nothing, until a lock, a pyproject.toml, the place or this script changes.
# PYTHON=/path/to/python chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."

inputs() {
    pwd
    cat tools/setup.sh pyproject.toml ./*/pyproject.toml requirements/*.txt
}

fits() {
    [ "$("$1" -c 'import sys; print((3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null)" = True ]
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        if fits "$PYTHON"; then echo "$PYTHON"; fi
        return
    fi
    # A version manager's shim is on PATH also for versions that are switched off: each one is run, not only found.
    for candidate in python3 python3.13 python3.12 python3.11 python3.10; do
        if fits "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    uv python find --no-python-downloads '>=3.10,<3.14' 2>/dev/null || true
}

same_version() {
    one=$("$1" -c 'import sys; print(sys.version)' 2>/dev/null) && two=$("$2" -c 'import sys; print(sys.version)') &&
        [ "$one" = "$two" ]
}

# Another interpreter was asked for than .venv has: it is made anew.
if [ -n "${PYTHON:-}" ] && fits "$PYTHON" && ! same_version .venv/bin/python "$PYTHON"; then
    rm -rf .venv
fi

if [ -x .venv/bin/meltano ] && inputs | cmp -s - .venv/set-up-from 2>/dev/null; then
    exit 0
fi

python=$(find_python)
if [ -z "$python" ]; then
    echo "make setup: no Python 3.10 to 3.13 found. Install one (Debian, Ubuntu: apt-get install python3 python3-venv)," >&2
    echo "or name yours: make setup PYTHON=/path/to/python3" >&2
    exit 2
fi

rm -f .venv/set-up-from
if uv --version >/dev/null 2>&1; then
    uv=uv
    fits .venv/bin/python || uv venv --quiet --clear --python "$python" .venv
else
    if ! fits .venv/bin/python; then
        "$python" -m venv --clear .venv || {
            echo "make setup: this Python cannot make virtual environments. Install its venv module" >&2
            echo "(Debian, Ubuntu: apt-get install python3-venv), or uv, then run make setup again." >&2
            exit 2
        }
    fi
    uv=.venv/bin/uv
    if [ ! -x $uv ]; then
        # uv itself is among the locked dependencies (Meltano brings it): its lines, with their hashes, are enough for pip.
        awk '/^uv==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements/dev.txt >.venv/uv.txt
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
    fi
fi

$uv pip sync --quiet --python .venv/bin/python --require-hashes requirements/dev.txt
$uv pip install --quiet --python .venv/bin/python --no-deps --build-constraints requirements/build.txt \
    -e singer-airbyte -e tap-horoshop -e target-esputnik -e fleet -e sandbox
inputs >.venv/set-up-from
echo "ready: .venv/bin has tap-horoshop, target-esputnik, esputnik-ledger, meltano"
