#!/usr/bin/env bash
# A brand made of stock OAuth libraries gets through a real vault: discovery, ask, narrowed approval, token, read,
# refresh, introspection, revocation, by keys of both kinds; then everything a vault must refuse is refused.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${VRM_BIN:?the folder of vrm and vrmd}
node=$here/node_modules/node/bin/node
if [[ ! -x $node ]]; then
  echo 'skipped: no node for the tests (.ci/deps.sh --tests)'
  exit 77
fi

folder=$(mktemp -d)
brand_pids=()
client_pid=
end() {
  [[ ${#brand_pids[@]} -gt 0 ]] && kill "${brand_pids[@]}" 2>/dev/null
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

# brand_opens NAME ALGORITHM: a brand with a key of that kind, which the owner adds.
brand_opens() {
  "$node" "$here/brand.mjs" --key "$folder/$1.key" --key-alg "$2" --name "Interop $1" >"$folder/$1.log" 2>&1 &
  brand_pids+=($!)
  until_true grep -q client_id "$folder/$1.log" || fail "the brand $1 does not open"
  "$bin/vrm" brand add "$(member client_id <"$folder/$1.log")" --name "$1" --json >"$folder/$1.added" ||
    fail "the brand $1 is not added"
}
brand_opens velo Ed25519
brand_opens troc ES256

# run_client NAME BRAND DPOP-ALGORITHM [OPTION...]
run_client() {
  local client_id issuer
  client_id=$(member client_id <"$folder/$2.log")
  issuer=$(member issuer <"$folder/$2.added")
  [[ -n $issuer ]] || fail 'no issuer'
  "$node" "$here/client.mjs" --issuer "$issuer" --key "$folder/$2.key" --client-id "$client_id" --dpop-alg "$3" \
    --fields address.home.locality,address.home.postal_code,person.birthdate --purpose delivery "${@:4}" \
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
  echo "$1: discovery, request, narrowed approval, token, nonce retry, read, refresh, introspection"
}
given_back() {  # NAME
  grep -q '"step":"given back"' "$folder/$1.log" || fail "$1: nothing was given back"
  echo "$1: revocation"
}
run_client es256 velo ES256 --give-back revoke
given_back es256
run_client es256_keys troc Ed25519 --give-back delete
given_back es256_keys
run_client ed25519 velo Ed25519 --save "$folder/ed25519.json"
[[ $("$bin/vrm" log --kind grant-given-back --json | grep -o '"kind":"grant_given_back"[^{}]*"outcome":"done"' | wc -l) == 2 ]] ||
  fail 'the log does not tell that two grants were given back'
"$bin/vrm" grants --all | grep -q 'given back' || fail 'the grants do not tell it'

"$node" "$here/attacks.mjs" --session "$folder/ed25519.json" --key "$folder/velo.key" >"$folder/attacks.log" 2>&1 ||
  { cat "$folder/attacks.log"; fail 'an attack was not refused as it must'; }
tail -n 1 "$folder/attacks.log"
"$bin/vrm" verify >/dev/null || fail 'the vault does not verify afterwards'
