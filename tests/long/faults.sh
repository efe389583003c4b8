#!/usr/bin/env bash
# Faults in numbers: 100,000 power cuts, 100,000 damages, every I/O error and every allocation that can fail.
#
#   tests/long/faults.sh [CUTS [DAMAGES]]
#
# VRM_SUITES_IN names the folder of store_test and routes_test; without it that of the preset hunt, which optimises them,
# else that of the dev build. VRM_SEED draws others.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
suites=${VRM_SUITES_IN:-}
for preset in hunt dev; do
  [[ -z $suites && -x $root/build/$preset/bin/routes_test ]] && suites=$root/build/$preset/bin
done
if [[ ! -x $suites/store_test || ! -x $suites/routes_test ]]; then
  echo 'skipped: the suites are not built'
  exit 77
fi
export VRM_POWER_CUTS=${1:-100000} VRM_DAMAGES=${2:-100000} VRM_IO_ERRORS=1000000000
failed=0
# run SUITE NAMES
run() {
  local started=$SECONDS
  if "$suites/$1" --test-suite="$2" </dev/null; then
    echo "== $2: passed in $((SECONDS - started)) s"
  else
    echo "== $2: FAILED in $((SECONDS - started)) s"
    failed=1
  fi
}
run store_test 'store/power,store/damage,store/memory'
run routes_test 'routes/power,routes/io_errors,routes/full_disk'
exit $failed
