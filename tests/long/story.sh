#!/usr/bin/env bash
# The story of the mountain bike, twenty times in a row over the doors and as often over mailboxes: it must not pass
# by luck.
#
#   tests/long/story.sh [TIMES]
#
# VRM_BIN names the folder of vrm, vrmd and vrm-shop; without it that of the release build, else of the dev build.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
times=${1:-20}
programs=${VRM_BIN:-}
for preset in release dev; do
  [[ -z $programs && -x $root/build/$preset/bin/vrmd ]] && programs=$root/build/$preset/bin
done
if [[ -z $programs ]]; then
  echo 'skipped: the programs are not built'
  exit 77
fi
said=$(mktemp)
trap 'rm -f "$said"' EXIT

passed=0
# play_in_a_row CARRIER FLAGS...
play_in_a_row() {
  local carrier=$1 run started=$SECONDS good=0
  shift
  for ((run = 1; run <= times; ++run)); do
    if VRM_BIN=$programs timeout 300 "$root/examples/mountain_bike/run.sh" "$@" >"$said" 2>&1 </dev/null; then
      good=$((good + 1))
    else
      printf 'run %d over %s:\n' "$run" "$carrier"
      tail -n 40 "$said"
    fi
  done
  echo "$good of $times stories over $carrier went as told, in $((SECONDS - started)) s"
  passed=$((passed + good))
}
play_in_a_row doors
play_in_a_row mailboxes --mailboxes
[[ $passed == $((2 * times)) ]]
