#!/bin/sh
# Installs Debian's Chromium, which drives the statistics page in tests/browser, if it is not there: in CI, and by
# `make browser`. Elsewhere it changes nothing: a developer without it sees those tests skipped.
set -eu
if command -v chromium >/dev/null 2>&1; then
    exit 0
fi
if [ "${CI:-}" != true ] && [ "${1:-}" != asked ]; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    [ "${1:-}" != asked ] || { echo "make browser: needs root and apt-get; or install Chromium yourself" >&2; exit 2; }
    exit 0
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
