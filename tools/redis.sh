#!/bin/sh
# For CI: installs Redis's server, which `make demo-fleet` starts by itself, if it is not there. Elsewhere it changes nothing:
# a developer without it is told so.
set -eu
if command -v redis-server >/dev/null 2>&1; then
    exit 0
fi
if [ "${CI:-}" != true ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    exit 0
fi
# RUNLEVEL: the package would start a server of the machine's own, which nothing would use.
apt-get update -qq
DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends redis-server >/dev/null
