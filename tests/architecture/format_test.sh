#!/usr/bin/env bash
# Every source file is as clang-format leaves it; one that is not is named. To mend it: clang-format -i FILE
set -euo pipefail
cd "$(dirname "$0")/../.."
wrong=0
while IFS= read -r -d '' file; do
  if ! clang-format --dry-run --Werror "$file" 2>/dev/null; then
    echo "not formatted: ${file#./}"
    wrong=1
  fi
done < <(find vault cli policies examples tests -name node_modules -prune -o \( -name '*.h' -o -name '*.cc' \) -type f -print0 2>/dev/null)
exit $wrong
