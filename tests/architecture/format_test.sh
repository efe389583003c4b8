#!/usr/bin/env bash
# Every source file is as clang-format leaves it; one that is not is named. To mend it: clang-format -i FILE
set -euo pipefail
cd "$(dirname "$0")/../.."
# A hundred at a time: to start it takes longer than to look at a file.
if ! said=$(find vault cli policies examples tests -name node_modules -prune -o \
  \( -name '*.h' -o -name '*.cc' \) -type f -print0 2>/dev/null |
  xargs -0 -n 100 clang-format --dry-run --Werror 2>&1); then
  sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: error: .*/not formatted: \1/p' <<<"$said" | sort -u
  exit 1
fi
