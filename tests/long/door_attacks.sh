#!/usr/bin/env bash
# The doors under attack, held to the clock: 400 slow ones of each kind, honest requests p99 <= 50 ms, the owner's <= 30 ms.
#
#   tests/long/door_attacks.sh [--only ATTACK]
#
# VRM_BIN names the folder of the programs; without it that of the release build, else that of the dev build. Other work on
# the machine makes it fail.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
for preset in release dev; do
  [[ -z ${VRM_BIN:-} && -x $root/build/$preset/bin/vrmd ]] && VRM_BIN=$root/build/$preset/bin
done
if [[ ! -x ${VRM_BIN:-}/vrmd ]]; then
  echo 'skipped: the programs are not built'
  exit 77
fi
export VRM_BIN
exec "$root/tests/daemon/door_attacks_test.sh" --strict "$@"
