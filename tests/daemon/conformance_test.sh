#!/usr/bin/env bash
# One contract, two carriers: the checks that a brand can run against any vault hold over the brand door and over a
# mailbox, word for word; and they notice a vault that does not keep the contract.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# What of the output is the same whatever the vault.
checks() { grep -E '^(ok|NOT|-) ' "$answer"; }

# A grant that the shop holds a token of.
grant_to() { # SHOP
  shop ask --dir "$shop_folder/$1" --fields contact.email --purpose delivery --reason 'to write'
  vrm request list
  vrm approve "$(first_id rq)" --yes
  shop collect --dir "$shop_folder/$1" --wait 20
}

# A shop that a vault introduces itself to, checked with nothing granted and with all.
check_all() { # SHOP WORDS…
  open_shop "$@"
  vrm brand add "$brand_url" --name "$1"
  wait_until 'the introduction' test -s "$shop_folder/$1/vaults.json"
  past_first_second
  shop conformance --dir "$shop_folder/$1"
  says '0 broken, 2 not tried'
  grant_to "$1"
  shop conformance --dir "$shop_folder/$1" --ask
  says '0 broken, 0 not tried'
  says 'the same proof once more: 401 invalid_dpop_proof'
  checks >"$test_folder/$1.txt"
}

say 'over the door'
make_vault --brand-door "127.0.0.1:$(free_port)" --allow-loopback-brands --poll-interval 1
vrm set contact.email ana@example.org
check_all door
lines=$(wc -l <"$test_folder/door.txt")
((lines >= 80)) || fail "only $lines checks"

say 'the owner saw one question'
vrm request list --all --json
[[ $(grep -o "a check of the vault's answers" "$answer" | wc -l) == 1 ]] || fail 'not one question'
vrm log verify

say 'a vault that does not keep it is found out'
vrm revoke --brand door --yes
shop_refused conformance --dir "$shop_folder/door"
says 'NOT   a read: 200; it was: 401 invalid_token'
shop_refused conformance --dir "$shop_folder/door" --vault https://vault.example/v/AAAAAAAAAAAAAAAAAAAAAA
says 'no vault at'

say 'over a mailbox, no door open'
vrm daemon stop
export VRM_VAULT=$test_folder/private/vault2
credential=$inputs/credential2
make_vault --allow-loopback-brands --poll-interval 1
vrm set contact.email ana@example.org
check_all mailbox --mailbox
diff "$test_folder/door.txt" "$test_folder/mailbox.txt" >"$answer" || fail 'the two carriers do not give the same answers'
vrm daemon stop
say "$lines checks, the same over both"
