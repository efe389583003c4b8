#!/usr/bin/env bash
# Runs every test and closes with one line: N passed, N failed, N skipped.
#
#   tests/run.sh                every suite in the dev build, every script and story on the release programs
#                               (at most 15 minutes on 2 cores)
#   tests/run.sh --sanitizers   the asan and tsan builds instead (at most 40)
#   tests/run.sh --preset P     that build alone: dev release asan tsan clang
#   tests/run.sh --long         every fuzz target for a minute, and tests/long/*.sh
#
# It installs what is missing first (.ci/deps.sh --tests). A skipped test fails the run where ../shared is present.
# What counts: a case of a room's suite, a script or story that ctest runs, a build that fails.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

usage() {
  echo "usage: tests/run.sh [--sanitizers] [--long] [--preset P]" >&2
  exit 2
}

presets="dev release"
long=no
while [ $# -gt 0 ]; do
  case "$1" in
    --sanitizers) presets="asan tsan" ;;
    --long) long=yes ;;
    --preset)
      [ $# -ge 2 ] || usage
      presets=$2
      shift
      ;;
    *) usage ;;
  esac
  shift
done
[ $long = no ] || presets=""

passed=0 failed=0 skipped=0
jobs=2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

since() { # SECONDS at the start -> "1 min 12 s"
  local s=$((SECONDS - $1))
  if [ $s -ge 60 ]; then printf '%d min %d s' $((s / 60)) $((s % 60)); else printf '%d s' $s; fi
}

# Counts one thing that is not a test of ctest's.
count() {
  case "$1" in
    passed) passed=$((passed + 1)) ;;
    failed) failed=$((failed + 1)) ;;
    skipped) skipped=$((skipped + 1)) ;;
  esac
}

# Configures and builds one preset; on failure shows the end of what was said.
build() {
  local preset=$1 start=$SECONDS log=$scratch/build-$1.log
  local -a launcher=()
  # Of the dev build the suites, and of the release build what its scripts run: vrm-bench is not among it.
  local -a wanted=()
  if [ "$preset" = dev ]; then wanted=(--target suites); fi
  if [ "$preset" = release ]; then wanted=(--target vrm vrmd vrm-shop); fi
  if [ "$preset" = fuzz ]; then wanted=(--target fuzzers); fi
  # What tests/long/faults.sh and tests/long/cedar_random.sh run very often is optimised.
  if [ "$preset" = hunt ]; then wanted=(--target store_test routes_test cedar_random_test); fi
  if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  if cmake --preset "$preset" "${launcher[@]}" >"$log" 2>&1 </dev/null &&
    cmake --build --preset "$preset" "${wanted[@]}" -- -j$jobs >>"$log" 2>&1 </dev/null; then
    echo "== build $preset ($(since $start))"
    return 0
  fi
  echo "== build $preset FAILED ($(since $start))"
  grep -nE 'FAILED:|error:|Error ' "$log" | head -20
  tail -n 40 "$log"
  count failed
  return 1
}

# Runs ctest on one preset and adds up its cases.
run_ctest() {
  local preset=$1 start=$SECONDS log=$scratch/ctest-$1.log xml=$scratch/$1.xml sum
  # On the release programs there are scripts alone, which wait more than they work.
  local at_once=$jobs
  [ "$preset" != release ] || at_once=$((jobs + 1))
  ctest --test-dir "build/$preset" -j$at_once --timeout 900 --no-tests=error --output-on-failure --output-junit "$xml" \
    --test-output-size-passed 1000000 --test-output-size-failed 1000000 >"$log" 2>&1 </dev/null
  local status=$?
  if ! sum=$(python3 tests/tally.py "$xml" "$scratch/$preset.skipped"); then
    tail -n 40 "$log"
    sum="0 1 0"
  fi
  local p f s
  read -r p f s <<<"$sum"
  if [ $status -ne 0 ] && [ "$f" = 0 ]; then f=1; fi
  if [ "$f" != 0 ]; then grep -vE '^ *[0-9]+/[0-9]+ Test .* Passed |^ +Start +[0-9]+:|^Internal ctest|^Test project' "$log"; fi
  if [ -s "$scratch/$preset.skipped" ]; then cat "$scratch/$preset.skipped"; fi
  echo "== tests $preset ($(since $start)): $p passed, $f failed, $s skipped"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# One fuzz target for a minute, from its kept inputs where there are some; new inputs are thrown away.
fuzz() {
  local name=${1##*/fuzz_} start=$SECONDS log=$scratch/fuzz.log corpus=$scratch/corpus
  mkdir -p "$corpus"
  local -a seeds=()
  if [ -d "tests/fuzz/corpus/$name" ]; then seeds=("tests/fuzz/corpus/$name"); fi
  if "$1" -max_total_time=60 -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$scratch/" "$corpus" "${seeds[@]}" \
    >"$log" 2>&1 </dev/null; then
    echo "== fuzz $name ($(since $start)): $(grep -E '^Done ' "$log")"
    count passed
  else
    echo "== fuzz $name FAILED"
    tail -n 60 "$log"
    base64 "$scratch"/crash-* "$scratch"/leak-* "$scratch"/timeout-* "$scratch"/oom-* 2>/dev/null
    count failed
  fi
  rm -rf "$corpus"
}

run_long() {
  local script start target
  if build fuzz; then
    for target in build/fuzz/bin/fuzz_*; do
      [ -x "$target" ] && fuzz "$target"
    done
  fi
  build hunt
  build release
  for script in tests/long/*.sh; do
    [ -f "$script" ] || continue
    start=$SECONDS
    "$script" </dev/null
    case $? in
      0) count passed && echo "== $script ($(since $start))" ;;
      77) count skipped && echo "== $script skipped" ;;
      *) count failed && echo "== $script FAILED ($(since $start))" ;;
    esac
  done
}

# What tests alone need comes while the first preset is built.
.ci/deps.sh || exit 1
.ci/deps.sh --tests &
tools=$!
for preset in $presets; do
  if build "$preset"; then
    [ -z "$tools" ] || wait "$tools" || exit 1
    tools=""
    run_ctest "$preset"
  fi
done
[ -z "$tools" ] || wait "$tools" || exit 1
if [ $long = yes ]; then run_long; fi

status=0
[ $failed = 0 ] || status=1
if [ $((passed + failed)) = 0 ]; then
  echo "no test was run"
  status=1
fi
if [ $skipped != 0 ] && [ -d ../shared ]; then
  echo "../shared is present, so nothing may be skipped"
  status=1
fi
echo "== all in $(since 0)"
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
