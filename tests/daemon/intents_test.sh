#!/usr/bin/env bash
# The round of an intent on real processes, once over the vault's door and once over the brands' mailboxes with no door
# open: three shops are told, offer, one is accepted and reads; nobody hears what is not theirs.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

characters=$here/../../examples/shop/characters
canary=CANARYSTREET
deadline=$(date -u -d '+5 days' +%F)

# open_characters FLAGS...: the three shops, each in its folder, known to the vault under its name.
open_characters() {
  local name
  for name in cheap_and_curious dear_and_discreet quick_and_overasking; do
    "$VRM_BIN/vrm-shop" serve --name "$name" --dir "$round/$name" --rules "$characters/$name.json" "$@" \
      --ready-fd 4 4>"$round/$name.ready" >"$round/$name.log" 2>&1 &
    started+=("$!")
    disown
    wait_until "$name opens" test -s "$round/$name.ready"
    vrm brand add "$(head -n 1 "$round/$name.ready")" --name "${name%%_*}" --new
  done
}

offers_are() { # NUMBER
  "$VRM_BIN/vrm" offers --json 2>/dev/null | grep -o '"id": *"of_[0-9A-Z]*"' | sort -u | wc -l | grep -qx "$1"
}
heard() { grep -q "$2" "$round/$1.log"; }

play_round() { # FLAGS OF THE SHOPS...
  vrm set address.home.street_address "$canary 12"
  vrm set address.home.postal_code 69002
  vrm set address.home.locality Lyon
  open_characters "$@"
  vrm intent 'mountain bike' --max 900EUR --by "$deadline" --near Lyon --to cheap,dear,quick --no-jitter --dry-run
  says_not 'of_'
  vrm intent 'mountain bike' --max 900EUR --by "$deadline" --near Lyon --to cheap,dear,quick --no-jitter --yes
  wait_until 'three offers' offers_are 3
  wait_until 'the over-asking request' request_waits
  vrm request list
  says 'person.birthdate'
  local chosen
  chosen=$("$VRM_BIN/vrm" offers --json |
    python3 -c 'import json, sys; print([o["id"] for o in json.load(sys.stdin)["items"] if o["brand"] == "dear"][0])')
  vrm accept "$chosen" --dry-run
  says 'Nothing was sent'
  if grep -rqF "$canary" "$round"; then fail 'a field left the vault before anything was accepted'; fi
  vrm accept "$chosen" --yes
  says 'acknowledged it'
  wait_until 'the losers hear that it is closed' heard cheap_and_curious '^closed'
  wait_until 'the losers hear that it is closed' heard quick_and_overasking '^closed'
  wait_until 'the winner collects' heard dear_and_discreet '^granted'
  expect 0 vrm-shop read --dir "$round/dear_and_discreet"
  says "$canary"
  expect 1 vrm-shop read --dir "$round/cheap_and_curious"
  says_not "$canary"
  if grep -rlF '900.00' "$round"; then fail 'a shop knows the real limit'; fi
  vrm verify
  vrm log verify
}
request_waits() { "$VRM_BIN/vrm" request list --json 2>/dev/null | grep -q '"rq_'; }

say '-- over the vault'\''s door'
round=$test_folder/door
mkdir "$round"
vrm daemon start --brand-door "127.0.0.1:$(free_port)" --allow-loopback-brands --poll-interval 1
vrm init --credential-file "$inputs/credential" --no-input
play_round
vrm daemon stop

say '-- over mailboxes, no door open'
export VRM_VAULT=$test_folder/private/vault2
round=$test_folder/mailbox
mkdir "$round"
vrm daemon start --allow-loopback-brands --poll-interval 1
vrm init --credential-file "$inputs/credential2" --no-input
play_round --mailbox
vrm status
vrm daemon stop
say 'both rounds went as told'
