#!/usr/bin/env bash
# One intent, a hundred shops: a vault without an open door, told to all of them at once, and the table that their
# offers make. Every shop is reached through its mailbox and knows the customer under another name.
#
#   ./examples/many_brands/run.sh            play it, and insist that every shop's offer arrives
#   ./examples/many_brands/run.sh --watch    leave it running with the table that follows what comes
#
# VRM_BIN names the folder of vrm, vrmd and vrm-shop; without it they are built first. VRM_BRANDS (100) says how many
# shops, VRM_SEED (1) what they are like. Ends with 0 when everything went as told.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
brands=${VRM_BRANDS:-100}
watch=no
case ${1:-} in
  --watch) watch=yes ;;
  '') ;;
  -h|--help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

programs=${VRM_BIN:-}
if [[ -z $programs ]]; then
  echo 'Building vrm, vrmd and vrm-shop first; this takes some minutes, once: ten and more on a slow machine.' >&2
  "$root/.ci/deps.sh" >&2
  (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target vrm vrmd vrm-shop >/dev/null)
  programs=$root/build/release/bin
fi
PATH=$(cd "$programs" && pwd):$PATH

folder=$(mktemp -d)
shops_pid=
passphrase='voile cumin tracteur balise nuage ortie'   # of an invented person
export XDG_STATE_HOME=$folder/state VRM_VAULT=$folder/vault VRM_LANG=en NO_COLOR=1
unset VRM_SOCKET
cd "$folder"

fail() {
  printf '\nIt went wrong: %s\n' "$1" >&2
  tail -n 20 answer.txt shops.log vault/vrmd.log >&2 2>/dev/null || true
  exit 1
}
end() {
  [[ -n $shops_pid ]] && kill "$shops_pid" 2>/dev/null
  vrm daemon stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap end EXIT

# quietly WORDS...: a step whose answer matters only when it goes wrong.
quietly() { "$@" >answer.txt 2>&1 </dev/null || fail "$*"; }

quietly vrm daemon start --allow-loopback-brands --poll-interval 1
vrm init --password-fd 3 3< <(printf '%s' "$passphrase") >answer.txt 2>&1 </dev/null || fail 'no vault'
vrm-shop many --mailbox --brands "$brands" --seed "${VRM_SEED:-1}" --dir shops --ready-fd 4 4>ready >shops.log 2>&1 &
shops_pid=$!
for ((tries = 0; tries < 300; ++tries)); do
  [[ -s ready ]] && break
  sleep 0.1
done
[[ $(wc -l <ready) == "$brands" ]] || fail 'the shops are not open'
echo "$brands shops are open; the vault introduces itself to each, under another name."

names=
number=0
while read -r document; do
  quietly vrm brand add "$document" --name "shop-$number"
  names+=,shop-$number
  number=$((number + 1))
done <ready

vrm intent 'mountain bike' --max 900EUR --by friday --near Lyon --to "${names#,}" --no-jitter --no-wait --yes
if [[ $watch == yes ]]; then
  vrm offers --watch
  exit 0
fi
offers=0
for ((tries = 0; tries < 120 && offers < brands; ++tries)); do
  sleep 0.5
  vrm offers >answer.txt 2>&1 || fail 'no table'
  offers=$(grep -c $'\t''of_' answer.txt || true)
done
[[ $offers == "$brands" ]] || fail "$offers offers of $brands arrived"
echo "All $brands offers are in. The best ten:"
head -n 10 answer.txt
