#!/usr/bin/env bash
# kill -9 at every write of every verb, 500 times at least, and 1,000 times at random.
#
#   tests/long/kills.sh [AT_WRITES [AT_RANDOM]]
#
# VRM_BIN names the folder of vrm, vrmd and vrm-shop; without it that of the release build, else of the dev build.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
programs=${VRM_BIN:-}
for preset in release dev; do
  [[ -z $programs && -x $root/build/$preset/bin/vrmd ]] && programs=$root/build/$preset/bin
done
if [[ -z $programs ]]; then
  echo 'skipped: the programs are not built'
  exit 77
fi
export VRM_BIN=$programs
"$root/tests/daemon/kill_test.py" --every-write "${1:-500}"
"$root/tests/daemon/kill_test.py" --times "${2:-1000}"
