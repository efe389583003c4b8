#!/usr/bin/env bash
# The example brand in Node, as it stands in examples/brand_in_node, against a real vault: introduced, asked, given a
# part, read, renewed and read again, and told of the revocation.
set -euo pipefail
interop=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
source "$interop/../daemon/lib.sh"
node=$interop/node_modules/node/bin/node
if [[ ! -x $node ]]; then
  echo 'skipped: no node for the tests (.ci/deps.sh --tests)'
  exit 77
fi

make_vault --brand-door "127.0.0.1:$(free_port)" --allow-loopback-brands --poll-interval 1
vrm set address.home.locality Lyon

brand=$test_folder/brand
mkdir "$brand"
cp "$interop/../../examples/brand_in_node/brand.mjs" "$brand/"
ln -s "$interop/node_modules" "$brand/node_modules"
port=$(free_port)
: >"$brand/log"
(cd "$brand" && exec "$node" brand.mjs "$port") >"$brand/log" 2>&1 </dev/null &
started+=("$!")
disown
heard() { grep -qF -- "$1" "$brand/log"; }
expect_of_brand() {
  local tries
  for ((tries = 0; tries < 600; ++tries)); do
    if heard "$1"; then return 0; fi
    sleep 0.05
  done
  cp "$brand/log" "$answer"
  fail "the brand did not get as far as: $1"
}

expect_of_brand 'vrm brand add'
vrm brand add "http://127.0.0.1:$port/vrm-brand.json"
expect_of_brand 'asked'
vrm request list --json
request=$(grep -o 'rq_[0-9A-Z]\{8\}' "$answer" | head -n 1)
vrm approve "$request" --yes
expect_of_brand 'renewed, read'
heard Lyon || fail 'the value did not come'
heard contact.email && fail 'what was not given was read'
vrm log --kind read --json
[[ $(grep -o '"kind":"read"' "$answer" | wc -l) == 2 ]] || fail 'the log has not the two reads'
vrm revoke --all --yes
expect_of_brand 'revoked gr_'
vrm log verify
say 'introduced, asked, given a part, read, renewed, read, told of the revocation'
