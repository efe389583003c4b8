#!/usr/bin/env bash
# A brand made of stock OAuth libraries gets through a real vault: discovery, ask, narrowed approval, token, read,
# refresh; then everything a vault must refuse is refused.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${VRM_BIN:?the folder of vrm and vrmd}
node=$here/node_modules/node/bin/node
if [[ ! -x $node ]]; then
  echo 'skipped: no node for the tests (.ci/deps.sh --tests)'
  exit 77
fi

folder=$(mktemp -d)
brand_pid=
client_pid=
end() {
  [[ -n $brand_pid ]] && kill "$brand_pid" 2>/dev/null
  [[ -n $client_pid ]] && kill "$client_pid" 2>/dev/null
  "$bin/vrm" daemon stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap end EXIT
export VRM_VAULT=$folder/vault VRM_LANG=en
unset VRM_SOCKET

fail() {
  echo "failed: $1"
  tail -n 20 "$folder"/*.log "$folder/vault/vrmd.log" 2>/dev/null || true
  exit 1
}
# until_true COMMAND...: at most 20 seconds.
until_true() {
  local tries
  for ((tries = 0; tries < 200; ++tries)); do
    "$@" && return 0
    sleep 0.1
  done
  return 1
}
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

"$bin/vrm" daemon start --brand-door "127.0.0.1:$(free_port)" --allow-loopback-brands --poll-interval 1 >/dev/null
"$bin/vrm" init --credential-file "$folder/credential" --no-input >/dev/null
"$bin/vrm" set address.home.locality Lyon >/dev/null
"$bin/vrm" set address.home.postal_code 69002 >/dev/null

"$node" "$here/brand.mjs" --key "$folder/key.json" >"$folder/brand.log" 2>&1 &
brand_pid=$!
until_true grep -q client_id "$folder/brand.log" || fail 'the brand does not open'
client_id=$(member client_id <"$folder/brand.log")
"$bin/vrm" brand add "$client_id" --name interop --json >"$folder/added.json" || fail 'the brand is not added'
issuer=$(member issuer <"$folder/added.json")
[[ -n $issuer ]] || fail 'no issuer'

run_client() {  # NAME ALGORITHM
  "$node" "$here/client.mjs" --issuer "$issuer" --key "$folder/key.json" --client-id "$client_id" --dpop-alg "$2" \
    --fields address.home.locality,address.home.postal_code,person.birthdate --purpose delivery --save "$folder/$1.json" \
    >"$folder/$1.log" 2>&1 &
  client_pid=$!
  pending() { "$bin/vrm" request --json | grep -q '"rq_'; }
  until_true pending || fail "$1: no request came"
  local request
  request=$("$bin/vrm" request --json | grep -o 'rq_[0-9A-Z]\{8\}' | head -n 1)
  "$bin/vrm" approve "$request" --only address.home.locality,address.home.postal_code --yes >/dev/null
  wait "$client_pid" || fail "$1: the stock client did not get through"
  client_pid=
  grep -q '"step":"read"' "$folder/$1.log" || fail "$1: nothing was read"
  grep -q Lyon "$folder/$1.log" || fail "$1: the value is not there"
  echo "$1: discovery, request, narrowed approval, token, read, refresh"
}
run_client ed25519 Ed25519
run_client es256 ES256

"$node" "$here/attacks.mjs" --session "$folder/ed25519.json" --key "$folder/key.json" >"$folder/attacks.log" 2>&1 ||
  { cat "$folder/attacks.log"; fail 'an attack was not refused as it must'; }
tail -n 1 "$folder/attacks.log"
"$bin/vrm" verify >/dev/null || fail 'the vault does not verify afterwards'
