#!/usr/bin/env bash
# The doors under attack, in plain and over TLS: what it costs, and whom it keeps waiting (door_attacks.py says which).
#
#   door_attacks_test.sh [--strict] [--only ATTACK]
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

words=("$@")
memory_tells || words+=(--sanitized)   # a sanitizer's own memory and pace are not the door's
ulimit -n "$(ulimit -Hn)"

# attack VAULT DOOR [WORDS...]: what it says is printed when it has ended.
attack() {
  local vault=$1 door=$2
  shift 2
  python3 "$here/door_attacks.py" --door "$door" --socket "$vault/vrm.sock" --pid "$(daemon_pid "$vault")" --path "$path" \
    "$@" "${words[@]}" >"$vault.said" 2>&1
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=vault \
  -addext 'subjectAltName=IP:127.0.0.1' -keyout "$inputs/key.pem" -out "$inputs/cert.pem" 2>"$answer" || fail 'no certificate'
chmod 600 "$inputs/key.pem"
printf '{"client_id":"https://troc.example/vrm-brand.json","client_name":"Troc","jwks":{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"%s"}]}}' \
  "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" >"$inputs/troc.json"

# Two vaults, attacked at the same time: they have nothing in common but the machine. Held to the clock, one after the other.
plain=$VRM_VAULT
plain_door=127.0.0.1:$(free_port)
make_vault --brand-door "$plain_door"
unlock
vrm brand add "$inputs/troc.json" --name troc --json
path=$(grep -o "/v/[A-Za-z0-9_-]*" "$answer" | head -n 1)/jwks.json
attack "$plain" "$plain_door" &
in_plain=$!
status=0
if [[ " ${words[*]} " == *' --strict '* ]]; then
  wait "$in_plain" || status=$?
fi
export VRM_VAULT=$test_folder/private/vault_of_tls
credential=$inputs/credential_of_tls
tls_door=127.0.0.1:$(free_port)
make_vault --brand-door "$tls_door" --tls-cert "$inputs/cert.pem" --tls-key "$inputs/key.pem"
unlock
vrm brand add "$inputs/troc.json" --name troc --json
path=$(grep -o "/v/[A-Za-z0-9_-]*" "$answer" | head -n 1)/jwks.json
attack "$VRM_VAULT" "$tls_door" --cert "$inputs/cert.pem" || status=$?
if [[ -e /proc/$in_plain ]]; then wait "$in_plain" || status=$?; fi
say 'in plain'
cat "$plain.said"
say 'over TLS'
cat "$VRM_VAULT.said"
[[ $status == 0 ]] || fail 'the doors did not hold'
say 'all as it should be'
