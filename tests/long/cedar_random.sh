#!/usr/bin/env bash
# Cedar's engine and the second evaluator on 5 million random cases, or CASES.
#
#   tests/long/cedar_random.sh [CASES]
#
# VRM_SUITES_IN names the folder of cedar_random_test; without it that of the preset hunt, which optimises it, else that of
# the dev build. VRM_SEED draws others. Two processes share the cases.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
suites=${VRM_SUITES_IN:-}
for preset in hunt dev; do
  [[ -z $suites && -x $root/build/$preset/bin/cedar_random_test ]] && suites=$root/build/$preset/bin
done
if [[ ! -x $suites/cedar_random_test ]]; then
  echo 'skipped: the suite is not built'
  exit 77
fi
cases=${1:-5000000}
seed=${VRM_SEED:-1000000000}
# share NUMBER: half of the cases, with seeds of their own.
share() {
  CEDAR_RANDOM_CASES=$((cases / 2)) CEDAR_RANDOM_SEED=$((seed + $1 * cases)) \
    "$suites/cedar_random_test" --test-suite=cedar/random </dev/null
}
share 0 &
other=$!
failed=0
share 1 || failed=1
wait $other || failed=1
exit $failed
