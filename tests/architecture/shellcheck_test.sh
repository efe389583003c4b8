#!/usr/bin/env bash
# Every shell script of the tree passes shellcheck.
set -euo pipefail
cd "$(dirname "$0")/../.."
find . \( -name build -o -name node_modules -o -name .git \) -prune -o \( -name '*.sh' -o -path ./.ci/run \) -type f -print0 |
  xargs -0 shellcheck
